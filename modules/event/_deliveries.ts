/**
 * Tells handlers of matches, some side by side. One lives from an `open` to the
 * next `close`; what it leaves undone stands in the store. Memory holds places
 * only: a delivery is read when its time comes.
 *
 * Where several processes share the store, each delivers the matches that it has
 * found, and takes over those of processes that are gone. One that was taken for
 * gone may deliver once more: its outcome then counts for nothing.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { atMost, GRACE_MS } from "../_grace.ts";
import { type IsGone, Peers } from "@engine/peers.ts";
import { afterError, backoff, type Outcome } from "./_outcome.ts";
import type { Registry } from "./_registry.ts";
import {
  type Delivery,
  type DeliveryPlace,
  type DeliveryRow,
  placeOf,
  type Rows,
} from "./_rows.ts";
import type { Settlement } from "./_settlement.ts";

/** Handlers that run at a time. */
export const HANDLERS_RUNNING_MAX = 20;

/** Deliveries that wait, at most, before no further event is taken. */
export const DELIVERIES_WAITING_MAX = 10_000;

/** What a delivery that is due since so long, in milliseconds, was left behind. */
export const OVERDUE_MS = 60_000;

/** What deliveries work with. */
export interface DeliveryParts {
  readonly host: Host;
  readonly rows: Rows;
  readonly registry: Registry;
  readonly settlement: Settlement;
}

/** Where a delivery is: waiting for its time, due, under way, without a handler. */
interface Known {
  readonly place: DeliveryPlace;
  cancelTimer: () => void;
}

/** See the module comment. */
export class Deliveries {
  readonly #parts: DeliveryParts;
  readonly #known = new Map<string, Known>();
  readonly #ready = new Set<Known>();
  /** What the document has no handler for. */
  readonly #parked = new Set<Known>();
  readonly #abort = new AbortController();
  /** The other processes; absent where there are none. */
  readonly #peers: Peers | undefined;
  #running = 0;
  #isBegun = false;
  #isEnding = false;
  #waiting: (() => void)[] = [];

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    const { host } = parts;
    this.#peers = host.isShared
      ? new Peers(
        { ...host, place: ["peer", host.name] },
        (isGone) => this.#takeOver(isGone),
      )
      : undefined;
  }

  /** This process, in deliveries that it commits; absent where it is the only one. */
  get owner(): string | undefined {
    return this.#peers?.self;
  }

  /** How many are known and undone. */
  get size(): number {
    return this.#known.size;
  }

  /** Takes up what the store holds. */
  async begin(): Promise<void> {
    if (this.#peers !== undefined) await this.#peers.begin();
    else {
      for await (const delivery of this.#parts.rows.deliveries()) {
        this.add(delivery);
      }
    }
    this.#isBegun = true;
    this.#startReady();
  }

  /** Takes over what those have left who are gone. */
  async #takeOver(isGone: IsGone): Promise<void> {
    const { rows } = this.#parts;
    for await (const { owner, ...rest } of rows.deliveries()) {
      if (this.#isEnding) return;
      if (!isGone(owner)) continue;
      const row = await rows.readDelivery(placeOf(rest));
      if (row === undefined || row.delivery.owner !== owner) continue;
      const own = { ...row.delivery, owner: this.owner ?? "" };
      const { ok } = await rows.store.commit({
        checks: [{
          key: rows.deliveryKey(placeOf(own)),
          version: row.version,
        }],
        sets: [rows.writeDelivery(own)],
      });
      if (ok) this.add(own);
    }
  }

  /** Takes up what was left behind by a commit of which nobody heard. */
  async rescan(): Promise<void> {
    const dueBefore = this.#parts.host.effects.clock.now() - OVERDUE_MS;
    for await (const delivery of this.#parts.rows.deliveries()) {
      const isMine = delivery.owner === this.owner;
      if (isMine && delivery.dueAt < dueBefore) this.add(delivery);
    }
  }

  /** Takes a delivery that is in the store. */
  add(delivery: Delivery): void {
    const place = placeOf(delivery);
    const name = nameOf(place);
    if (this.#isEnding || this.#known.has(name)) return;
    const known = { place, cancelTimer: () => {} };
    this.#known.set(name, known);
    this.#schedule(known, delivery);
  }

  /** Looks again at what had no handler, after the document has changed. */
  wake(): void {
    for (const known of this.#parked) this.#ready.add(known);
    this.#parked.clear();
    this.#startReady();
  }

  /** Starts nothing new, and lets what is under way finish, within a grace. */
  async end(isUrgent: boolean): Promise<void> {
    this.#isEnding = true;
    this.#ready.clear();
    for (const { cancelTimer } of this.#known.values()) cancelTimer();
    const reason = new Error("The event processor stops");
    if (isUrgent) this.#abort.abort(reason);
    const { clock } = this.#parts.host.effects;
    await atMost(GRACE_MS, clock, this.idle());
    this.#abort.abort(reason);
    await this.#peers?.end().catch((error) =>
      this.#parts.host.log.warn(
        `Cannot leave work to other processes: ${messageOf(error)}`,
      )
    );
  }

  /** Resolves when nothing is under way or due. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #isIdle(): boolean {
    return this.#running === 0 && this.#ready.size === 0;
  }

  #schedule(known: Known, { dueAt, waitMs }: Delivery): void {
    const { clock } = this.#parts.host.effects;
    const inMs = Math.min(dueAt - clock.now(), waitMs);
    if (inMs > 0) {
      known.cancelTimer = clock.after(inMs, () => this.#makeReady(known));
    } else this.#makeReady(known);
  }

  #makeReady(known: Known): void {
    this.#ready.add(known);
    this.#startReady();
  }

  #startReady(): void {
    for (const known of this.#ready) {
      const isFull = this.#running >= HANDLERS_RUNNING_MAX;
      if (isFull || this.#isEnding || !this.#isBegun) break;
      this.#ready.delete(known);
      void this.#run(known);
    }
    if (!this.#isIdle()) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #run(known: Known): Promise<void> {
    this.#running++;
    try {
      await this.#deliver(known);
    } catch (error) {
      await this.#tryLater(known, error);
    } finally {
      this.#running--;
      this.#startReady();
    }
  }

  async #deliver(known: Known): Promise<void> {
    const row = await this.#parts.rows.readDelivery(known.place);
    const isMine = row?.delivery.owner === this.owner;
    if (row === undefined || !isMine) return this.#forget(known);
    const outcome = await this.#attempt(row.delivery);
    if (outcome === "cut short") return;
    if (outcome === "no handler") return this.#park(known, row.delivery);
    const next = await this.#settle(row, outcome);
    if (this.#isEnding) return;
    if (next === undefined) this.#forget(known);
    else this.#schedule(known, next);
  }

  async #attempt(
    { match, handler: name, position, attempt }: Delivery,
  ): Promise<Outcome | "cut short" | "no handler"> {
    const handler = this.#parts.registry.handler(match.patternId, name);
    if (handler === undefined) return "no handler";
    const { application, name: module } = this.#parts.host;
    const { signal } = this.#abort;
    try {
      await handler.handle(match, {
        signal,
        idempotencyKey: `${application}/${module}/${match.id}/${position}`,
        attempt,
      });
      return { kind: "done" };
    } catch (error) {
      return signal.aborted ? "cut short" : afterError(error, attempt);
    }
  }

  /** Tries until the store answers: what is done must not be done again. */
  async #settle(
    row: DeliveryRow,
    outcome: Outcome,
  ): Promise<Delivery | undefined> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#parts.settlement.settle(row, outcome);
      } catch (error) {
        this.#parts.host.log.error(
          `Cannot settle the match "${row.delivery.match.id}": ` +
            messageOf(error),
          { attempt },
        );
        const { clock } = this.#parts.host.effects;
        await clock.sleep(backoff(attempt), this.#abort.signal);
      }
    }
  }

  /** The store could not be read, or this ends while it could not be written. */
  #tryLater(known: Known, error: unknown): void {
    if (this.#isEnding) return;
    const { host } = this.#parts;
    host.log.error(`Cannot read a match: ${messageOf(error)}`);
    known.cancelTimer = host.effects.clock.after(
      backoff(1),
      () => this.#makeReady(known),
    );
  }

  #park(known: Known, { match: { patternId, id }, handler }: Delivery): void {
    this.#parked.add(known);
    const message = `A match of "${patternId}" waits: the document has no ` +
      `handler "${handler}" for it`;
    const { host } = this.#parts;
    host.log.error(message, { match: id });
    host.notify("notice", { message, severity: "error", match: id });
  }

  #forget({ place }: Known): void {
    this.#known.delete(nameOf(place));
  }
}

function nameOf([matchId, position]: DeliveryPlace): string {
  return `${matchId} ${position}`;
}
