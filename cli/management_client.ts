/**
 * Asks a running engine over its management surface, with the token that
 * `wfctl token` shows.
 *
 * @module
 */
import { Option } from "commander";
import { messageOf } from "../engine/mod.ts";
import { readToken } from "../platform/token.ts";
import { reasonOf } from "./reason.ts";

/** Where the management surface listens by default. */
const URL_DEFAULT = "http://127.0.0.1:8800";

/** Whom to ask, and with which token. */
export interface ClientOptions {
  /** The address of the surface; it may have a path. */
  readonly url: string;
  /** The folder that keeps the token, where the environment has none. */
  readonly data: string;
  readonly env: (name: string) => string | undefined;
}

/** What to add to an address; what is `undefined` is left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * Asks the management surface. Each method resolves to the answer's JSON.
 *
 * @throws {Error} with the `detail` of the problem that was answered, or saying
 * that nobody answers.
 */
export interface ManagementClient {
  get<T>(path: string, query?: Query): Promise<T>;
  /** The answer as the text that it is, such as a diff. */
  getText(path: string, query?: Query): Promise<string>;
  post<T>(path: string, query?: Query, body?: unknown): Promise<T>;
  put<T>(path: string, query?: Query, body?: unknown): Promise<T>;
  /** Sends a text as it is, such as that of a document. */
  postText<T>(path: string, text: string): Promise<T>;
  delete<T>(path: string, query?: Query): Promise<T>;
}

/** What goes with a question. */
interface Sent {
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly text?: string;
}

/** The option that says whom to ask. */
export function urlOption(): Option {
  return new Option("--url <url>", "address of the management surface")
    .default(URL_DEFAULT);
}

/** Makes a client. The token is read at the first question. */
export function managementClient(options: ClientOptions): ManagementClient {
  async function askText(
    method: string,
    path: string,
    { query = {}, body, text: sent }: Sent,
  ): Promise<string> {
    const { url, data, env } = options;
    const address = addressOf(url, path, query);
    const token = await findToken(data, env, `ask ${url}`);
    const response = await send(address, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }, url);
    const text = await response.text();
    if (!response.ok) throw new Error(detailOf(response, text));
    return text;
  }
  async function ask<T>(method: string, path: string, sent: Sent): Promise<T> {
    const text = await askText(method, path, sent);
    // What is deleted has no answer.
    return (text === "" ? undefined : parse(text, options.url)) as T;
  }
  return {
    get: (path, query) => ask("GET", path, { query }),
    getText: (path, query) => askText("GET", path, { query }),
    post: (path, query, body) => ask("POST", path, { query, body }),
    put: (path, query, body) => ask("PUT", path, { query, body }),
    postText: (path, text) => ask("POST", path, { text }),
    delete: (path, query) => ask("DELETE", path, { query }),
  };
}

/**
 * `WORKFLOW_TOKEN`, else the token that the data folder keeps. `attempt` is what
 * it is needed for.
 *
 * @throws {TypeError} saying why there is none.
 */
export async function findToken(
  data: string,
  env: (name: string) => string | undefined,
  attempt: string,
): Promise<string> {
  const given = env("WORKFLOW_TOKEN");
  if (given !== undefined && given !== "") return given;
  const hint = "start the engine once, or name its folder with --data";
  const token = await readToken(data).catch((error: unknown) => {
    const reason = reasonOf(error);
    throw new TypeError(`Cannot ${attempt}: ${data}: ${reason}`, {
      cause: error,
    });
  });
  if (token !== undefined) return token;
  throw new TypeError(`Cannot ${attempt}: ${data} holds no token, ${hint}`);
}

/** @throws {TypeError} if the address is none. */
function addressOf(url: string, path: string, query: Query): URL {
  const base = URL.parse(url.endsWith("/") ? url : `${url}/`);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new TypeError(
      `Cannot ask "${url}": expected an address such as ${URL_DEFAULT}`,
    );
  }
  const address = new URL(path.replace(/^\//, ""), base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return address;
}

async function send(
  address: URL,
  init: RequestInit,
  url: string,
): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    throw new Error(
      `Cannot reach ${url}: ${causeOf(error)} ` +
        "(start the engine, or name its address with --url)",
      { cause: error },
    );
  }
}

/** The innermost reason: what is around it names the address again. */
function causeOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error
    ? error.cause
    : error;
  return /connection refused/i.test(messageOf(inner))
    ? "nothing listens there"
    : messageOf(inner);
}

function detailOf(response: Response, text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // Not ours: something else answers at that address.
  }
  return `Cannot read the answer of ${response.url}: status ${response.status}`;
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot read the answer of ${url}: it is no JSON`, {
      cause: error,
    });
  }
}
