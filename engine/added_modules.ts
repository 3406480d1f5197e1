/**
 * Modules of an application beside those of its text: what somebody added over
 * the API while it ran. They are kept in the store, so that they are there after
 * a restart, and in every process that has the store.
 *
 * @module
 */
import type { JsonObject } from "./define.ts";
import { scopedStore } from "./store/scoped.ts";
import type { JsonValue, Store } from "./store/store.ts";

/** A module as a document would have it under `modules:`. */
export interface AddedModule {
  readonly name: string;
  readonly type: string;
  readonly config: JsonObject;
}

/** Changes with every addition and removal; what other processes watch. */
const REVISION = ["added-modules"] as const;

/** The added modules of one application. */
export class AddedModules {
  readonly #store: Store;

  /** @param application The id of the document. */
  constructor(store: Store, application: string) {
    this.#store = scopedStore(store, ["app", application]);
  }

  /** In order of name. */
  async list(): Promise<readonly AddedModule[]> {
    const entries = await Array.fromAsync(
      this.#store.list({ prefix: [...REVISION] }),
    );
    return entries.map(({ value }) => value as unknown as AddedModule);
  }

  /** Whether it was added; not if there is one of this name. */
  async add(module: AddedModule): Promise<boolean> {
    const key = keyOf(module.name);
    const value = module as unknown as JsonValue;
    const { ok } = await this.#store.commit({
      checks: [{ key, version: undefined }],
      sets: [{ key, value }, { key: [...REVISION], value: module.name }],
    });
    return ok;
  }

  /** Does nothing if there is none of this name. */
  async remove(name: string): Promise<void> {
    await this.#store.commit({
      sets: [{ key: [...REVISION], value: name }],
      deletes: [keyOf(name)],
    });
  }

  /** Yields at once, and after every change. */
  async *changes(signal: AbortSignal): AsyncGenerator<void, void, void> {
    for await (const _ of this.#store.watch([[...REVISION]], signal)) yield;
  }
}

function keyOf(name: string) {
  return [...REVISION, name];
}
