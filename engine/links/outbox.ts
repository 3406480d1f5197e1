/**
 * Events on their way from one document to another, in the store, from the
 * moment in which they are taken until they have arrived or are given up,
 * which makes them dead letters of their target:
 *
 * - `ready, target, n` → to be delivered, in this order
 * - `later, target, time, n` → to be delivered again at that time
 * - `taken, key` → marks an event that was taken, so that it is taken once
 * - `courier, target` → the process that delivers, where several share the store
 * - `bell` → changes where another process may have something to deliver
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import { RetryableError } from "../errors.ts";
import type { IsGone } from "../peers.ts";
import { scopedStore } from "../store/scoped.ts";
import type { Entry, JsonValue, Key, Store, Write } from "../store/store.ts";

/** Where the rows are in the store. */
const LINKS: Key = ["links"];

/** How many events may wait for one target. Then its sources are refused. */
export const LINK_BACKLOG_MAX = 100_000;

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

/** The key that changes when something was taken. */
const BELL: Key = ["bell"];

/** How long a count of all that waits serves, in milliseconds. */
const COUNT_MS = 1_000;

/** A parcel as of one version of its row. */
export interface Waiting {
  readonly parcel: Parcel;
  readonly id: string;
  readonly key: Key;
  readonly version: string;
}

/** See the module comment. */
export class Outbox {
  /** The part of the store that the rows are in, and all of it. */
  readonly #store: Store;
  readonly #whole: Store;
  readonly #effects: Pick<Effects, "clock" | "ids">;
  readonly #isShared: boolean;
  /** How many parcels wait for each target. */
  readonly #counts = new Map<string, number>();
  #counted: Promise<void> | undefined;
  #countedAtMs = -Infinity;

  /** @param isShared Other processes take and deliver as well. */
  constructor(
    whole: Store,
    effects: Pick<Effects, "clock" | "ids">,
    isShared = false,
  ) {
    this.#isShared = isShared;
    this.#whole = whole;
    this.#store = scopedStore(whole, LINKS);
    this.#effects = effects;
  }

  /**
   * Keeps a parcel. When it resolves, the parcel survives a kill. One that was
   * taken under this mark before, within `TAKEN_MS`, is not kept again.
   *
   * @throws {RetryableError} if too many wait for the target.
   */
  async take(parcel: Parcel, name = parcel.idempotencyKey): Promise<void> {
    await this.#ready();
    const { target } = parcel;
    // What others have delivered is not known here.
    if (this.#isShared && this.count(target) >= LINK_BACKLOG_MAX) {
      await this.#countAgain();
    }
    if (this.count(target) >= LINK_BACKLOG_MAX) {
      throw new RetryableError(
        `Cannot keep an event for "${target}": ${LINK_BACKLOG_MAX} wait for it already`,
      );
    }
    const mark = ["taken", name];
    // Counted before the commit, so that many at a time cannot exceed the limit.
    this.#add(target, 1);
    const id = this.#effects.ids.next();
    const bell = this.#isShared ? [{ key: BELL, value: id }] : [];
    try {
      const outcome = await this.#store.commit({
        checks: [{ key: mark, version: undefined }],
        sets: [
          { key: mark, value: true, expireInMs: TAKEN_MS },
          this.#write(["ready", target, id], parcel),
          ...bell,
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
    if (!this.#isShared) {
      await this.#ready();
      return [...this.#counts.keys()];
    }
    const targets = new Set<string>();
    for (const kind of ["ready", "later"]) {
      const end = [kind, true];
      // From one target to the next: what waits for one is skipped.
      for (let start: Key = [kind];;) {
        const first = await Array.fromAsync(
          this.#store.list({ start, end }, { limit: 1 }),
        );
        const target = first[0]?.key[1];
        if (typeof target !== "string") break;
        targets.add(target);
        start = [kind, target, true];
      }
    }
    return [...targets];
  }

  /**
   * Whether a process delivers what waits for a target: it does already, or
   * nobody does who is not gone, and then it does from now on.
   */
  async claim(target: string, self: string, isGone: IsGone): Promise<boolean> {
    const key = ["courier", target];
    const row = await this.#store.get(key);
    const owner = row === undefined ? undefined : String(row.value);
    if (owner === self) return true;
    if (!isGone(owner)) return false;
    const { ok } = await this.#store.commit({
      checks: [{ key, version: row?.version }],
      sets: [{ key, value: self }],
    });
    return ok;
  }

  /** Yields when something was taken, wherever; may skip some. */
  async *taken(signal: AbortSignal): AsyncGenerator<void, void, void> {
    for await (const _ of this.#store.watch([BELL], signal)) yield;
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

  /** It failed for good: `burial` are the writes that keep it, with whole keys. */
  async giveUp(
    { key, version, parcel }: Waiting,
    burial: readonly Write[],
  ): Promise<void> {
    const place = [...LINKS, ...key];
    const outcome = await this.#whole.commit({
      checks: [{ key: place, version }],
      sets: burial,
      deletes: [place],
    });
    if (outcome.ok) this.#add(parcel.target, -1);
  }

  /** Counts what an earlier process has left; once, unless the store fails. */
  #ready(): Promise<void> {
    this.#counted ??= this.#count().catch((error) => {
      this.#counted = undefined;
      throw error;
    });
    return this.#counted;
  }

  async #countAgain(): Promise<void> {
    const nowMs = this.#effects.clock.elapsed();
    if (nowMs - this.#countedAtMs < COUNT_MS) return;
    this.#countedAtMs = nowMs;
    this.#counted = undefined;
    await this.#ready();
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
