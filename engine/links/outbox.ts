/**
 * Events on their way from one document to another, in the store, from the
 * moment in which they are taken until they have arrived or are given up:
 *
 * - `ready, target, n` → to be delivered, in this order
 * - `later, target, time, n` → to be delivered again at that time
 * - `dead, target, n` → given up
 * - `taken, key` → marks an event that was taken, so that it is taken once
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import { RetryableError } from "../errors.ts";
import type { Entry, JsonValue, Key, Store, Write } from "../store/store.ts";

/** How many events may wait for one target. Then its sources are refused. */
export const LINK_BACKLOG_MAX = 100_000;

/** How many events that were given up are kept for one target: the latest. */
export const DEAD_LETTERS_MAX = 1_000;

/** How long the mark of an event that was taken is kept, in milliseconds. */
export const TAKEN_MS = 24 * 60 * 60 * 1_000;

/** An event that is to go to another document. */
export interface Parcel {
  /** The id of the link that it goes by. */
  readonly link: string;
  /** The target and the action as the link states them. */
  readonly target: string;
  readonly action?: string;
  /** The id of the document that it comes from. */
  readonly source: string;
  readonly topic: string;
  readonly payload: JsonValue;
  /** The links and lifecycle events that led to it, this link not included. */
  readonly via: readonly string[];
  /** The same for every delivery of it, also after a crash. */
  readonly idempotencyKey: string;
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAt: number;
  /** Deliveries that failed so far. */
  readonly failures: number;
  /** Why the last one failed. */
  readonly error?: string;
}

/** A parcel that was given up. */
export interface DeadLetter extends Parcel {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly givenUpAt: number;
}

/** A parcel as of one version of its row. */
export interface Waiting {
  readonly parcel: Parcel;
  readonly id: string;
  readonly key: Key;
  readonly version: string;
}

/** See the module comment. */
export class Outbox {
  readonly #store: Store;
  readonly #effects: Pick<Effects, "clock" | "ids">;
  /** How many parcels wait for each target. */
  readonly #counts = new Map<string, number>();
  #counted: Promise<void> | undefined;

  constructor(store: Store, effects: Pick<Effects, "clock" | "ids">) {
    this.#store = store;
    this.#effects = effects;
  }

  /**
   * Keeps a parcel. When it resolves, the parcel survives a kill. One whose key
   * was taken before is not kept again.
   *
   * @throws {RetryableError} if too many wait for the target.
   */
  async take(parcel: Parcel): Promise<void> {
    await this.#ready();
    const { target } = parcel;
    const count = this.#counts.get(target) ?? 0;
    if (count >= LINK_BACKLOG_MAX) {
      throw new RetryableError(
        `Cannot keep an event for "${target}": ${LINK_BACKLOG_MAX} wait for it already`,
      );
    }
    const mark = ["taken", parcel.idempotencyKey];
    // Counted before the commit, so that many at a time cannot exceed the limit.
    this.#add(target, 1);
    try {
      const outcome = await this.#store.commit({
        checks: [{ key: mark, version: undefined }],
        sets: [
          { key: mark, value: true, expireInMs: TAKEN_MS },
          this.#write(["ready", target, this.#effects.ids.next()], parcel),
        ],
      });
      if (!outcome.ok) this.#add(target, -1);
    } catch (error) {
      this.#add(target, -1);
      throw error;
    }
  }

  /** Every target for which something waits. */
  async targets(): Promise<readonly string[]> {
    await this.#ready();
    return [...this.#counts.keys()];
  }

  /** How many wait for a target. */
  count(target: string): number {
    return this.#counts.get(target) ?? 0;
  }

  /** The parcels whose turn it is: those that come again, then the others. */
  async due(target: string, limit: number): Promise<readonly Waiting[]> {
    const found: Waiting[] = [];
    const end = ["later", target, this.#effects.clock.now() + 1];
    const again = { start: ["later", target], end };
    for (const range of [again, { prefix: ["ready", target] }]) {
      const left = limit - found.length;
      if (left <= 0) break;
      for await (const entry of this.#store.list(range, { limit: left })) {
        found.push(waiting(entry));
      }
    }
    return found;
  }

  /** When the next parcel comes again, in milliseconds since 1970. */
  async nextAt(target: string): Promise<number | undefined> {
    const range = { prefix: ["later", target] };
    for await (const { key } of this.#store.list(range, { limit: 1 })) {
      return Number(key[2]);
    }
    return undefined;
  }

  /** It has arrived. */
  async delivered({ key, version, parcel }: Waiting): Promise<void> {
    const checks = [{ key, version }];
    const outcome = await this.#store.commit({ checks, deletes: [key] });
    if (outcome.ok) this.#add(parcel.target, -1);
  }

  /** It failed, and is to be tried again at a time. */
  async postpone(
    { key, version, id, parcel }: Waiting,
    error: string,
    at: number,
  ): Promise<void> {
    const failures = parcel.failures + 1;
    await this.#store.commit({
      checks: [{ key, version }],
      sets: [
        this.#write(["later", parcel.target, at, id], {
          ...parcel,
          failures,
          error,
        }),
      ],
      deletes: [key],
    });
  }

  /** It failed for good. */
  async giveUp(
    { key, version, id, parcel }: Waiting,
    error: string,
  ): Promise<void> {
    const { target } = parcel;
    const letter: DeadLetter = {
      ...parcel,
      id,
      failures: parcel.failures + 1,
      error,
      givenUpAt: this.#effects.clock.now(),
    };
    const outcome = await this.#store.commit({
      checks: [{ key, version }],
      sets: [this.#write(["dead", target, id], letter)],
      deletes: [key],
    });
    if (!outcome.ok) return;
    this.#add(target, -1);
    await this.#trim(target);
  }

  /** What was given up, the oldest first. */
  async deadLetters(target?: string): Promise<readonly DeadLetter[]> {
    const prefix = target === undefined ? ["dead"] : ["dead", target];
    const entries = await Array.fromAsync(this.#store.list({ prefix }));
    return entries.map(({ value }) => value as unknown as DeadLetter);
  }

  /** Sends what was given up once more; false if there is no such letter. */
  async redeliver(target: string, id: string): Promise<boolean> {
    const key = ["dead", target, id];
    const entry = await this.#store.get(key);
    if (entry === undefined) return false;
    const { id: _, givenUpAt: __, error: ___, ...rest } = entry
      .value as unknown as DeadLetter;
    const outcome = await this.#store.commit({
      checks: [{ key, version: entry.version }],
      sets: [this.#write(["ready", target, id], { ...rest, failures: 0 })],
      deletes: [key],
    });
    if (outcome.ok) this.#add(target, 1);
    return outcome.ok;
  }

  async #trim(target: string): Promise<void> {
    const keys: Key[] = [];
    const prefix = ["dead", target];
    for await (const { key } of this.#store.list({ prefix })) keys.push(key);
    const excess = keys.slice(0, Math.max(0, keys.length - DEAD_LETTERS_MAX));
    if (excess.length > 0) await this.#store.commit({ deletes: excess });
  }

  /** Counts what an earlier process has left; once, unless the store fails. */
  #ready(): Promise<void> {
    this.#counted ??= this.#count().catch((error) => {
      this.#counted = undefined;
      throw error;
    });
    return this.#counted;
  }

  async #count(): Promise<void> {
    this.#counts.clear();
    for (const kind of ["ready", "later"]) {
      for await (const { key } of this.#store.list({ prefix: [kind] })) {
        this.#add(String(key[1]), 1);
      }
    }
  }

  #add(target: string, change: number): void {
    const count = (this.#counts.get(target) ?? 0) + change;
    if (count > 0) this.#counts.set(target, count);
    else this.#counts.delete(target);
  }

  #write(key: Key, parcel: Parcel): Write {
    return { key, value: parcel as unknown as JsonValue };
  }
}

/** These rows are written by this file only, so what comes back has their shape. */
function waiting({ key, value, version }: Entry): Waiting {
  const id = String(key.at(-1));
  return { parcel: value as unknown as Parcel, id, key, version };
}
