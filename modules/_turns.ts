/**
 * Lets pieces of work with the same key run one after the other. Without it, a
 * hundred callers that want to change one instance would make conflicts of each
 * other's commits; with it only another process can.
 *
 * @module
 */

/** Turns, by key. Who enters must leave, also after an error. */
export class Turns {
  /** Who waits behind the one that has entered; nobody is the common case. */
  readonly #waiting = new Map<string, (() => void)[] | undefined>();

  /** Enters at once, or returns what to wait for; then it has entered. */
  enter(key: string): Promise<void> | undefined {
    if (!this.#waiting.has(key)) {
      this.#waiting.set(key, undefined);
      return undefined;
    }
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) this.#waiting.set(key, [resolve]);
      else waiting.push(resolve);
    });
  }

  /** Lets the next one in. */
  leave(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next === undefined) this.#waiting.delete(key);
    else next();
  }
}
