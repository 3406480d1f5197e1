/**
 * Remembers buffers between two events of a key. It only saves reads: whoever
 * commits checks that what was remembered is still so.
 *
 * @module
 */
import type { BufferRow } from "./_rows.ts";

/** Events in all remembered buffers. */
export const EVENTS_REMEMBERED_MAX = 100_000;

/** See the module comment. The key that was used longest ago is forgotten first. */
export class BufferCache {
  readonly #eventsMax: number;
  readonly #rows = new Map<string, BufferRow>();
  #events = 0;

  constructor(eventsMax: number = EVENTS_REMEMBERED_MAX) {
    this.#eventsMax = eventsMax;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#rows.size;
  }

  get(key: string): BufferRow | undefined {
    return this.#rows.get(key);
  }

  set(key: string, row: BufferRow): void {
    this.forget(key);
    this.#rows.set(key, row);
    this.#events += row.buffer.events.length;
    for (const oldest of this.#rows.keys()) {
      if (this.#events <= this.#eventsMax) break;
      this.forget(oldest);
    }
  }

  forget(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#events -= row.buffer.events.length;
    this.#rows.delete(key);
  }
}
