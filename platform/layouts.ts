/**
 * Where the builder has put things: in a sidecar beside the document, in the store
 * where no folder can be written. It says nothing of what the document means.
 *
 * @module
 */
import { z } from "zod";
import type { JsonValue, Store } from "../engine/mod.ts";
import type { Documents } from "./documents.ts";
import { replaceFile } from "./replace_file.ts";

/** The most things that a layout places. */
const THINGS_MAX = 10_000;

const PLACE = z.strictObject({ x: z.number(), y: z.number() });

const NOTE = z.strictObject({
  id: z.string().max(64),
  text: z.string().max(4_000),
  ...PLACE.shape,
});

/** Its members are modules, by their names; it stands where they do. */
const GROUP = z.strictObject({
  id: z.string().max(64),
  title: z.string().max(200),
  members: z.array(z.string()).max(THINGS_MAX),
});

/** What a sidecar holds. Nodes are placed by the view that they are in. */
export const LAYOUT = z.strictObject({
  views: z.record(z.string(), z.record(z.string(), PLACE)).default({}),
  notes: z.array(NOTE).max(1_000).default([]),
  groups: z.array(GROUP).max(1_000).default([]),
});

/** A layout, as JSON. */
export type Layout = z.output<typeof LAYOUT>;

const EMPTY: Layout = { views: {}, notes: [], groups: [] };

/** See the module comment. */
export class Layouts {
  readonly #documents: Documents;
  readonly #store: Store;

  constructor(documents: Documents, store: Store) {
    this.#documents = documents;
    this.#store = store;
  }

  /** The layout of a document; an empty one, if none is kept or it is none. */
  async get(id: string): Promise<Layout> {
    const file = await this.#fileOf(id);
    const text = file === undefined
      ? undefined
      : await Deno.readTextFile(file).catch(() => undefined);
    const kept = text === undefined
      ? (await this.#store.get(keyOf(id)))?.value
      : parsed(text);
    const layout = LAYOUT.safeParse(kept);
    return layout.success ? layout.data : EMPTY;
  }

  /** Keeps one; of two at once the later stands. */
  async put(id: string, layout: Layout): Promise<void> {
    const file = await this.#fileOf(id);
    const text = JSON.stringify(layout, null, 2) + "\n";
    if (file !== undefined && await replaceFile(file, text)) return;
    await this.#store.commit({
      sets: [{ key: keyOf(id), value: layout as unknown as JsonValue }],
    });
  }

  async #fileOf(id: string): Promise<string | undefined> {
    const document = await this.#documents.get(id);
    return document?.origin === "file"
      ? document.file.replace(/\.(ya?ml|json)$/i, "") + ".layout.json"
      : undefined;
  }
}

function keyOf(id: string) {
  return ["management", "layouts", id];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
