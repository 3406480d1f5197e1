/**
 * Wakes those who wait for a change of some keys. For stores that are told of
 * their changes.
 *
 * @module
 */

interface Watcher {
  readonly ids: readonly string[];
  hasChanged: boolean;
  wake: () => void;
}

/** All who watch one store. */
export class Watchers {
  readonly #byId = new Map<string, Set<Watcher>>();
  readonly #all = new Set<Watcher>();
  #isClosed = false;

  /** Whether `changed` can be skipped. */
  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  /** Says that what is under an id, such as an encoded key, has changed. */
  changed(id: string): void {
    for (const watcher of this.#byId.get(id) ?? []) {
      watcher.hasChanged = true;
      watcher.wake();
    }
  }

  /** Says that anything may have changed. */
  allChanged(): void {
    for (const watcher of this.#all) {
      watcher.hasChanged = true;
      watcher.wake();
    }
  }

  /** Ends every watch. */
  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#all) watcher.wake();
  }

  /**
   * Yields `read()` at once and again after changes of any of the ids.
   * Ends when the signal aborts or the store closes.
   */
  async *watch<T>(
    ids: readonly string[],
    signal: AbortSignal,
    read: () => T | Promise<T>,
  ): AsyncGenerator<T, void, void> {
    const watcher: Watcher = { ids, hasChanged: true, wake: noop };
    const abort = () => watcher.wake();
    this.#add(watcher);
    signal.addEventListener("abort", abort);
    try {
      while (!signal.aborted && !this.#isClosed) {
        if (watcher.hasChanged) {
          watcher.hasChanged = false;
          yield read();
          continue;
        }
        await new Promise<void>((resolve) => watcher.wake = resolve);
      }
    } finally {
      signal.removeEventListener("abort", abort);
      this.#delete(watcher);
    }
  }

  #add(watcher: Watcher): void {
    this.#all.add(watcher);
    for (const id of watcher.ids) {
      const those = this.#byId.get(id);
      if (those === undefined) this.#byId.set(id, new Set([watcher]));
      else those.add(watcher);
    }
  }

  #delete(watcher: Watcher): void {
    this.#all.delete(watcher);
    for (const id of watcher.ids) {
      const those = this.#byId.get(id);
      those?.delete(watcher);
      if (those?.size === 0) this.#byId.delete(id);
    }
  }
}

function noop(): void {}
