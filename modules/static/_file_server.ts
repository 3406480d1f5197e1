/**
 * Answers requests with the files of one folder.
 *
 * @module
 */
import { join, relative, sep } from "node:path";
import { messageOf } from "@engine/errors.ts";
import type {
  HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { textAnswer } from "../_text_answer.ts";
import { byteRange } from "./_byte_range.ts";
import { isRangeCurrent, isUnchanged, type Validators } from "./_conditions.ts";
import { contentType } from "./_content_type.ts";
import { fileBody } from "./_file_body.ts";
import { isHidden, safePath } from "./_safe_path.ts";

/** What is served, and how. */
export interface FileServerOptions {
  /** An absolute path. */
  readonly root: string;
  /** Begins and ends with a slash. */
  readonly prefix: string;
  /** Whether `index.html` stands in for what does not exist. */
  readonly hasFallback: boolean;
  readonly maxAgeSeconds: number;
}

/** What a name below the root turns out to be. */
type Found =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "folder" }
  | { readonly kind: "missing" }
  | { readonly kind: "forbidden" };

const INDEX = "index.html";

/** See the module comment. */
export class FileServer implements HttpHandler {
  readonly #options: FileServerOptions;
  /** The root without symbolic links; known once started. */
  #root = "";

  constructor(options: FileServerOptions) {
    this.#options = options;
  }

  /** @throws {Error} if the root is not an existing folder. */
  async start(): Promise<void> {
    const { root } = this.#options;
    let isFolder = false;
    try {
      this.#root = await Deno.realPath(root);
      isFolder = (await Deno.stat(this.#root)).isDirectory;
    } catch (error) {
      throw new Error(
        `Cannot start static.fileserver: the folder "${root}" cannot be read: ${
          messageOf(error)
        }`,
        { cause: error },
      );
    }
    if (!isFolder) {
      throw new Error(
        `Cannot start static.fileserver: "${root}" is not a folder`,
      );
    }
  }

  async handle(context: HttpContext): Promise<Response> {
    const { method, path } = context;
    const { prefix } = this.#options;
    if (method !== "GET" && method !== "HEAD") {
      return textAnswer(405, "Method Not Allowed", { allow: "GET, HEAD" });
    }
    if (`${path}/` === prefix) return redirect(context, folderLink(path));
    // Only a route of the document leads here from outside of the prefix.
    if (!path.startsWith(prefix)) return await this.#fallback(context);
    const safe = safePath(path.slice(prefix.length));
    if (safe.kind === "malformed") {
      return textAnswer(400, "The path cannot be read");
    }
    if (safe.kind === "forbidden") return forbidden();
    return await this.#answer(context, safe.name);
  }

  async #answer(context: HttpContext, name: string): Promise<Response> {
    const isFolderPath = context.path.endsWith("/");
    let found = await this.#find(name);
    if (found.kind === "folder") {
      if (!isFolderPath) return redirect(context, folderLink(context.path));
      found = await this.#find(join(name, INDEX));
    } else if (found.kind === "file" && isFolderPath) {
      found = { kind: "missing" };
    } else if (found.kind === "file" && context.path.endsWith(`/${INDEX}`)) {
      return redirect(context, "./");
    }
    if (found.kind === "forbidden") return forbidden();
    if (found.kind === "file") return await this.#send(context, found.path);
    return await this.#fallback(context);
  }

  async #find(name: string): Promise<Found> {
    if (isHidden(name)) return { kind: "missing" };
    try {
      const path = await Deno.realPath(join(this.#root, name));
      if (!this.#holds(path)) return { kind: "forbidden" };
      // A link may have another name than what it leads to.
      if (isHidden(relative(this.#root, path).replaceAll(sep, "/"))) {
        return { kind: "missing" };
      }
      const { isFile, isDirectory } = await Deno.stat(path);
      if (isFile) return { kind: "file", path };
      return { kind: isDirectory ? "folder" : "forbidden" };
    } catch (error) {
      // Everything else (no such file, a name too long) is one thing to a client.
      const isRefused = error instanceof Deno.errors.PermissionDenied ||
        error instanceof Deno.errors.NotCapable;
      return { kind: isRefused ? "forbidden" : "missing" };
    }
  }

  /** Word by word: `/srv/site` does not hold `/srv/site-secrets`. */
  #holds(path: string): boolean {
    const folder = this.#root.endsWith(sep) ? this.#root : this.#root + sep;
    return path === this.#root || path.startsWith(folder);
  }

  async #fallback(context: HttpContext): Promise<Response> {
    const { hasFallback } = this.#options;
    if (!hasFallback || isApiCall(context)) return this.#missing(context);
    const index = await this.#find(INDEX);
    return index.kind === "file"
      ? await this.#send(context, index.path)
      : this.#missing(context);
  }

  #missing(context: HttpContext): Response {
    // That something is not there yet must not be remembered of an API.
    const cacheControl = isApiCall(context) ? "no-store" : this.#cacheControl;
    return textAnswer(404, "404 page not found", {
      "cache-control": cacheControl,
    });
  }

  get #cacheControl(): string {
    return `public, max-age=${this.#options.maxAgeSeconds}`;
  }

  async #send(context: HttpContext, path: string): Promise<Response> {
    const file = await open(path);
    if (!file) return forbidden();
    const state = await file.stat().catch((error) => {
      file.close();
      throw error;
    });
    const validators = validatorsOf(state);
    const headers = this.#headers(path, validators);
    const answer = plan(context, validators, state.size, headers);
    if (answer.body === undefined) {
      file.close();
      return new Response(null, { status: answer.status, headers });
    }
    const body = await fileBody(file, answer.body.start, answer.body.end);
    return new Response(body, { status: answer.status, headers });
  }

  #headers(path: string, { etag, modifiedMs }: Validators): Headers {
    const headers = new Headers({
      "accept-ranges": "bytes",
      "cache-control": this.#cacheControl,
      "content-type": contentType(path),
      etag,
      "x-content-type-options": "nosniff",
    });
    if (modifiedMs !== undefined) {
      headers.set("last-modified", new Date(modifiedMs).toUTCString());
    }
    return headers;
  }
}

/** A file that was there a moment ago, unless its mode forbids to read it. */
async function open(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch {
    // Not readable, or gone meanwhile: in both cases it is not for this client.
    return undefined;
  }
}

/** How a file is answered; the headers of the answer are completed. */
function plan(
  { method, request }: HttpContext,
  validators: Validators,
  bytes: number,
  headers: Headers,
): {
  readonly status: number;
  readonly body?: { readonly start: number; readonly end: number };
} {
  if (isUnchanged(request.headers, validators)) {
    headers.delete("content-type");
    return { status: 304 };
  }
  if (method === "HEAD") {
    headers.set("content-length", String(bytes));
    return { status: 200 };
  }
  const isCurrent = isRangeCurrent(request.headers, validators);
  const range = byteRange(
    isCurrent ? request.headers.get("range") : null,
    bytes,
  );
  if (range.kind === "unsatisfiable") {
    headers.set("content-range", `bytes */${bytes}`);
    return { status: 416 };
  }
  const { start, end } = range.kind === "part"
    ? range
    : { start: 0, end: bytes };
  headers.set("content-length", String(end - start));
  if (range.kind === "whole") return { status: 200, body: { start, end } };
  headers.set("content-range", `bytes ${start}-${end - 1}/${bytes}`);
  return { status: 206, body: { start, end } };
}

function validatorsOf({ size, mtime }: Deno.FileInfo): Validators {
  const modifiedMs = mtime?.getTime();
  const etag = `"${size.toString(16)}-${(modifiedMs ?? 0).toString(16)}"`;
  return { etag, modifiedMs };
}

/** A call that expects data is not served by a page. */
function isApiCall({ path, request }: HttpContext): boolean {
  return path.startsWith("/api/") &&
    !(request.headers.get("accept") ?? "").includes("text/html");
}

function forbidden(): Response {
  return textAnswer(403, "Forbidden");
}

/** From a folder without its slash to the same with it; never to another host. */
function folderLink(path: string): string {
  const word = path.slice(path.lastIndexOf("/") + 1);
  return `./${word.replace(/[^\x21-\x7e]/gu, encodeURIComponent)}/`;
}

function redirect({ query }: HttpContext, link: string): Response {
  const search = query.toString();
  const location = search === "" ? link : `${link}?${search}`;
  return new Response(null, { status: 301, headers: { location } });
}
