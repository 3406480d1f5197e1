/**
 * Versions that were replaced, until their last call has ended.
 *
 * @module
 */
import type { Version } from "./_version.ts";

/** See the module comment. */
export class Draining {
  readonly #versions = new Set<Version>();
  readonly #onFailed: (error: unknown) => void;

  /** @param onFailed Told if the `stop` of a version fails. */
  constructor(onFailed: (error: unknown) => void) {
    this.#onFailed = onFailed;
  }

  /** Ends a version when no call of it is under way; nobody waits for that. */
  add(version: Version): void {
    this.#versions.add(version);
    void version.idle().then(() => this.#end(version));
  }

  /** Ends all of them now. */
  async end(): Promise<void> {
    await Promise.all([...this.#versions].map((each) => this.#end(each)));
  }

  async #end(version: Version): Promise<void> {
    if (!this.#versions.delete(version)) return;
    await version.end().catch((error) => this.#onFailed(error));
  }
}
