/**
 * Messages that one taker has, in order: a single one, or several of one key.
 * They stand under one lease; what ends it for one ends it for all behind it.
 *
 * @module
 */
import type { Batch, Check, Key, Version, Write } from "../store/store.ts";
import { deadWork, type QueueCore, untried } from "./core.ts";
import { checkDelay } from "./lease.ts";
import type { Row } from "./row.ts";
import { shortError } from "./size.ts";

/** A message in hand. */
export interface Held {
  readonly id: string;
  readonly row: Row;
}

/** How a failed message goes on. */
export interface Failure {
  readonly error: string;
  /** How long nobody gets it, in milliseconds. */
  readonly delayMs: number;
  /** Trying again cannot help. */
  readonly isFinal: boolean;
}

/**
 * See the module comment. Each change is one commit that requires the lease: its
 * answer is `false` if that had run out, and then nothing changed.
 */
export class Holding {
  readonly #core: QueueCore;
  readonly #key: string | undefined;
  #held: readonly Held[];
  #untilMs: number;
  #version: Version;
  #isLost = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    core: QueueCore,
    held: readonly Held[],
    lease: { readonly untilMs: number; readonly version: Version },
  ) {
    this.#core = core;
    this.#held = held;
    this.#key = held[0]?.row.key;
    this.#untilMs = lease.untilMs;
    this.#version = lease.version;
  }

  /** What is not finished, in order. */
  get held(): readonly Held[] {
    return this.#held;
  }

  /** When the lease runs out, in milliseconds since 1970. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** The lease had run out: others have what was held. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The first so many are done. */
  ack(count: number): Promise<boolean> {
    return this.#inTurn(async () => {
      const done = this.#held.slice(0, count);
      const rest = this.#held.slice(count);
      const turn = this.#turn(rest[0]?.id);
      const isHeld = await this.#commit(done, turn.sets, turn.deletes);
      if (!isHeld) return false;
      this.#held = rest;
      this.#core.depth.add(-done.length);
      // Whoever waits for the key may go on.
      if (this.#key !== undefined && rest.length === 0) this.#core.changed();
      return true;
    });
  }

  /** The first one failed; the others go back as if nobody had had them. */
  nack(failure: Failure): Promise<boolean> {
    return this.#inTurn(async () => {
      const [first, ...rest] = this.#held;
      if (first === undefined) return false;
      const { keys, world, deadLetters, settings } = this.#core;
      const { delayMs } = failure;
      const error = shortError(failure.error);
      const isDead = failure.isFinal ||
        first.row.attempts >= settings().attemptsMax;
      const sets: Write[] = rest.map(({ id, row }) => ({
        key: keys.readyRow(row, id),
        value: untried(row),
      }));
      const row = { ...first.row, error };
      const dueMs = world.clock.now() + delayMs;
      if (isDead) {
        sets.push(
          ...deadLetters.burial(deadWork(this.#core, first.id, row, error)),
        );
      } else {
        const key = delayMs > 0
          ? keys.delayedRow(dueMs, first.id)
          : keys.readyRow(row, first.id);
        sets.push({ key, value: row });
      }
      // What comes again keeps its turn, so that nothing overtakes it.
      const turn = this.#turn(isDead ? undefined : first.id);
      const all = [...sets, ...turn.sets];
      const isHeld = await this.#commit(this.#held, all, turn.deletes);
      if (!isHeld) return false;
      this.#held = [];
      if (isDead) this.#core.depth.add(-1);
      this.#core.changed(isDead ? undefined : dueMs);
      return true;
    });
  }

  /** All go back as if nobody had had them. */
  release(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#held.length === 0) return true;
      const { keys } = this.#core;
      const sets = this.#held.map(({ id, row }) => ({
        key: keys.readyRow(row, id),
        value: untried(row),
      }));
      const turn = this.#turn(undefined);
      const isHeld = await this.#commit(this.#held, sets, turn.deletes);
      if (!isHeld) return false;
      this.#held = [];
      this.#core.changed();
      return true;
    });
  }

  /** The lease lasts for so long from now on. */
  extend(leaseMs: number): Promise<boolean> {
    checkDelay("leaseMs", leaseMs, 1);
    return this.#inTurn(async () => {
      const { keys, world } = this.#core;
      const untilMs = world.clock.now() + leaseMs;
      if (this.#held.length === 0) return false;
      if (untilMs === this.#untilMs) return !this.#isLost;
      const sets = this.#held.map(({ id, row }) => ({
        key: keys.leasedRow(untilMs, id),
        value: row,
      }));
      return await this.#commit(this.#held, sets, [], untilMs);
    });
  }

  /** Who is first of the key now: nobody ends the turn. */
  #turn(first: string | undefined): Required<Pick<Batch, "sets" | "deletes">> {
    if (this.#key === undefined) return { sets: [], deletes: [] };
    const key = this.#core.keys.turn(this.#key);
    return first === undefined
      ? { sets: [], deletes: [key] }
      : { sets: [{ key, value: first }], deletes: [] };
  }

  /** Takes `gone` out of the lease, in one commit with what becomes of them. */
  async #commit(
    gone: readonly Held[],
    sets: readonly Write[],
    deletes: readonly Key[],
    untilMs = this.#untilMs,
  ): Promise<boolean> {
    if (this.#isLost) return false;
    const { keys, store } = this.#core;
    const leased = gone.map(({ id }) => keys.leasedRow(this.#untilMs, id));
    const checks: Check[] = leased.map((key) => ({
      key,
      version: this.#version,
    }));
    const result = await store.commit({
      checks,
      sets,
      deletes: [...leased, ...deletes],
    });
    if (!result.ok) {
      this.#isLost = true;
      return false;
    }
    if (untilMs !== this.#untilMs) {
      this.#untilMs = untilMs;
      this.#version = result.version;
    }
    return true;
  }

  /** One change at a time: each requires the state that the last one left. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change, change);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
