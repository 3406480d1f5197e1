/**
 * The versions of a component's source that have run, in the store: a file that
 * was overwritten can be had back.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { ComponentVersion } from "@engine/services/user_code.ts";

/** Versions that are kept of one component; the oldest goes first. */
export const VERSIONS_MAX = 50;

/** Attempts to write the next number, where several processes write. */
const ATTEMPTS_MAX = 10;

type Kept = ComponentVersion & { readonly text: string };

/** See the module comment. */
export class Versions {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Keeps a source that runs now. Gives its number: the one that it had, if it is
   * what ran last.
   */
  async keep(text: string, hash: string): Promise<number> {
    const { store, effects: { clock } } = this.#host;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const all = await this.#all();
      const last = all.at(-1);
      if (last?.hash === hash) return last.version;
      const version = (last?.version ?? 0) + 1;
      const key = this.#key(version);
      const at = clock.now();
      const value = { version, hash, at, characters: text.length, text };
      const { ok } = await store.commit({
        checks: [{ key, version: undefined }],
        sets: [{ key, value }],
        deletes: all.slice(0, -(VERSIONS_MAX - 1))
          .map(({ version }) => this.#key(version)),
      });
      if (ok) return version;
    }
    throw new Error("Cannot keep the source: other processes keep theirs");
  }

  /** The newest first, without their texts. */
  async list(): Promise<readonly ComponentVersion[]> {
    return (await this.#all()).toReversed()
      .map(({ text: _, ...version }) => version);
  }

  /** The text of a version. */
  async read(version: number): Promise<string | undefined> {
    const entry = await this.#host.store.get(this.#key(version));
    return (entry?.value as unknown as Kept | undefined)?.text;
  }

  async #all(): Promise<readonly Kept[]> {
    const prefix = this.#key();
    const entries = await Array.fromAsync(this.#host.store.list({ prefix }));
    return entries.map(({ value }) => value as unknown as Kept);
  }

  #key(...version: number[]) {
    return ["component", this.#host.name, "version", ...version];
  }
}
