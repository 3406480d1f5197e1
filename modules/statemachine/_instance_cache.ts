/**
 * Remembers the newest version of the instances that this process changed last,
 * so that a transition costs one commit and no read. It is never trusted alone:
 * a commit checks the version, and a refusal is decided again on a fresh read.
 *
 * @module
 */
import type { InstanceRow } from "./_rows.ts";

/** Instances that are remembered; the one that came first goes first. */
export const INSTANCES_CACHED_MAX = 10_000;

/** Instances by id. */
export class InstanceCache {
  readonly #rows = new Map<string, InstanceRow>();

  get(id: string): InstanceRow | undefined {
    return this.#rows.get(id);
  }

  set(id: string, row: InstanceRow): void {
    // Little follows on the end, and most instances are at theirs.
    if (row.instance.completed) return this.forget(id);
    if (this.#rows.size >= INSTANCES_CACHED_MAX && !this.#rows.has(id)) {
      const oldest = this.#rows.keys().next();
      if (!oldest.done) this.#rows.delete(oldest.value);
    }
    this.#rows.set(id, row);
  }

  forget(id: string): void {
    this.#rows.delete(id);
  }
}
