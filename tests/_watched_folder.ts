/**
 * A folder that outlives the processes that write to it, and counts what they
 * write, so that a test can act in the middle of it.
 *
 * @module
 */

/** See the module comment. It vanishes with the test. */
export class WatchedFolder implements AsyncDisposable {
  readonly path: string;
  readonly #watcher: Deno.FsWatcher;
  #writes = 0;
  #waiting: (() => void)[] = [];

  constructor(path: string) {
    this.path = path;
    this.#watcher = Deno.watchFs(path);
    void this.#count();
  }

  /** Resolves when the folder was written to so many times from now on. */
  async written(times: number): Promise<void> {
    const wanted = this.#writes + times;
    while (this.#writes < wanted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async [Symbol.asyncDispose]() {
    this.#watcher.close();
    await Deno.remove(this.path, { recursive: true });
  }

  async #count(): Promise<void> {
    for await (const { kind } of this.#watcher) {
      if (kind !== "modify") continue;
      this.#writes++;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}
