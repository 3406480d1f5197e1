/**
 * The documents that an operator can see and change: the YAML files of the
 * configured folders, and drafts in the store where no folder can be written.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import {
  type Engine,
  isDocumentId,
  type Source,
  type Store,
} from "../engine/mod.ts";
import { replaceFile } from "./replace_file.ts";

/** One document as it is kept. It may not be the one that runs. */
export interface StoredDocument {
  readonly id: string;
  readonly text: string;
  /** Changes with every change of the text. */
  readonly etag: string;
  readonly origin: "file" | "draft";
  readonly file: string;
  readonly running: boolean;
}

/** The outcome of a write. */
export type Written =
  | { readonly kind: "written"; readonly document: StoredDocument }
  /** Another differs in upper and lower case only: some disks take both for one. */
  | { readonly kind: "twin"; readonly document: StoredDocument }
  /** Somebody else was faster; nothing is changed. */
  | { readonly kind: "changed"; readonly document: StoredDocument | undefined };

/** Reads and writes documents. */
export class Documents {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #folder: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param folder Where new documents go; absent: drafts in the store. */
  constructor(engine: Engine, store: Store, folder: string | undefined) {
    this.#engine = engine;
    this.#store = store;
    this.#folder = folder;
  }

  /** Every document, in order of id. */
  async list(): Promise<StoredDocument[]> {
    const ids = new Set(this.#engine.applications.map(({ id }) => id));
    for (const name of await yamlNames(this.#folder)) ids.add(stem(name));
    for await (const { key } of this.#store.list({ prefix: DRAFTS })) {
      ids.add(String(key.at(-1)));
    }
    const documents = await Promise.all(
      [...ids].sort().map((id) => this.get(id)),
    );
    return documents.filter((document) => document !== undefined);
  }

  /** One document, as it is kept now. */
  async get(id: string): Promise<StoredDocument | undefined> {
    if (!isDocumentId(id)) return undefined;
    const source = this.#engine.source(id);
    const draft = (await this.#store.get([...DRAFTS, id]))?.value;
    if (typeof draft === "string") {
      return await this.#describe(
        id,
        draft,
        "draft",
        source?.file ?? `${id}.yaml`,
      );
    }
    const file = source?.file ?? await this.#fileOf(id);
    const text = file === undefined ? undefined : await readText(file);
    if (text !== undefined && file !== undefined) {
      return await this.#describe(id, text, "file", file);
    }
    return source &&
      await this.#describe(id, source.text, "draft", source.file);
  }

  /**
   * Writes a document if it is still the one with `etag` (`undefined`: if there
   * is none). A file is replaced in one step: a reader sees the old or the new.
   */
  put(id: string, text: string, etag: string | undefined): Promise<Written> {
    const turn = this.#last.then(async (): Promise<Written> => {
      const present = await this.get(id);
      if (present?.etag !== etag) return { kind: "changed", document: present };
      const twin = present ? undefined : await this.#twinOf(id);
      if (twin) return { kind: "twin", document: twin };
      const file = present ? fileOf(present) : this.#newFile(id);
      if (file === undefined || !(await replaceFile(file, text))) {
        await this.#store.commit({
          sets: [{ key: [...DRAFTS, id], value: text }],
        });
      } else {
        await this.#store.commit({ deletes: [[...DRAFTS, id]] });
      }
      const document = await this.get(id);
      return document
        ? { kind: "written", document }
        : { kind: "changed", document };
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** A text as it would run under an id. */
  async sourceOf(id: string, text: string): Promise<Source> {
    const present = await this.get(id);
    if (present) return this.source({ ...present, text });
    const file = this.#newFile(id);
    const folder = file === undefined ? {} : { folder: dirname(file) + "/" };
    return { file: `${id}.yaml`, text, ...folder };
  }

  /** The document that would run next, as `boot` takes it. */
  source(document: StoredDocument): Source {
    const folder = this.#engine.source(document.id)?.folder ??
      (document.origin === "file" ? dirname(document.file) + "/" : undefined);
    const { file, text } = document;
    return folder === undefined ? { file, text } : { file, text, folder };
  }

  async #twinOf(id: string): Promise<StoredDocument | undefined> {
    const wanted = id.toLowerCase();
    return (await this.list()).find((one) => one.id.toLowerCase() === wanted);
  }

  async #describe(
    id: string,
    text: string,
    origin: "file" | "draft",
    file: string,
  ): Promise<StoredDocument> {
    const running = this.#engine.application(id) !== undefined;
    return { id, text, etag: await etagOf(text), origin, file, running };
  }

  async #fileOf(id: string): Promise<string | undefined> {
    const name = (await yamlNames(this.#folder)).find((name) =>
      stem(name) === id
    );
    return name === undefined || this.#folder === undefined
      ? undefined
      : join(this.#folder, name);
  }

  #newFile(id: string): string | undefined {
    return this.#folder === undefined
      ? undefined
      : join(this.#folder, `${id}.yaml`);
  }
}

const DRAFTS = ["documents"] as const;

async function yamlNames(folder: string | undefined): Promise<string[]> {
  const names: string[] = [];
  if (folder === undefined) return names;
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && /\.ya?ml$/i.test(name) && isDocumentId(stem(name))) {
        names.push(name);
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

function fileOf({ origin, file }: StoredDocument): string | undefined {
  return origin === "file" ? file : undefined;
}

function stem(name: string): string {
  return basename(name).replace(/\.ya?ml$/i, "");
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A strong validator (RFC 9110, section 8.8): the first half of SHA-256. */
async function etagOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return `"${new Uint8Array(digest).slice(0, 16).toHex()}"`;
}
