/**
 * Delivers what waits for one target, one event at a time in the order in which
 * they were taken. What fails is tried again later and holds up nothing behind
 * it; what is refused is given up at once.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf, RefusedError, TerminalError } from "../errors.ts";
import type { Write } from "../store/store.ts";
import type { Outbox, Parcel, Waiting } from "./outbox.ts";

/** Deliveries of one event that may fail; then it is given up. */
export const DELIVERIES_MAX = 10;

/** The wait before the second delivery, in milliseconds; it doubles each time. */
export const DELIVERY_WAIT_MS = 1_000;

/** The longest wait between two deliveries, in milliseconds. */
export const DELIVERY_WAIT_MAX_MS = 5 * 60 * 1_000;

/** How many events are read at a time. */
const BATCH = 50;

/** What a courier works with. */
export interface CourierParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Whether the target runs; one that does not keeps its events. */
  readonly isRunning: () => boolean;
  /** Resolves when the target has accepted the event. */
  readonly deliver: (parcel: Parcel) => Promise<void>;
  /** The writes that keep an event which is given up. */
  readonly burial: (parcel: Parcel, error: string) => readonly Write[];
  /** An event was given up. */
  readonly gaveUp: (parcel: Parcel, error: string) => Promise<void>;
  /** The store failed; the courier tries again. */
  readonly failed: (error: string) => void;
}

/** See the module comment. */
export class Courier {
  readonly #target: string;
  readonly #parts: CourierParts;
  #round: Promise<void> | undefined;
  #isAsked = false;
  #isStopped = false;
  #cancelTimer: () => void = () => {};

  constructor(target: string, parts: CourierParts) {
    this.#target = target;
    this.#parts = parts;
  }

  /** Looks for what is due, unless it is at it; then once more afterwards. */
  wake(): void {
    if (this.#isStopped) return;
    this.#isAsked = true;
    this.#round ??= this.#run();
  }

  /** Ends after the delivery that is under way. What waits stays in the store. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.#round;
  }

  async #run(): Promise<void> {
    this.#cancelTimer();
    try {
      while (this.#isAsked) {
        this.#isAsked = false;
        await this.#deliverDue();
      }
      await this.#sleep();
    } catch (error) {
      this.#parts.failed(messageOf(error));
      this.#wakeIn(DELIVERY_WAIT_MS);
    } finally {
      this.#round = undefined;
    }
    if (this.#isAsked) this.wake();
  }

  async #deliverDue(): Promise<void> {
    const { outbox, isRunning } = this.#parts;
    for (;;) {
      if (this.#isStopped || !isRunning()) return;
      const due = await outbox.due(this.#target, BATCH);
      if (due.length === 0) return;
      for (const waiting of due) {
        if (this.#isStopped || !isRunning()) return;
        await this.#deliver(waiting);
      }
    }
  }

  async #deliver(waiting: Waiting): Promise<void> {
    const { outbox, clock, deliver, burial, gaveUp, isRunning } = this.#parts;
    const { parcel } = waiting;
    try {
      await deliver(parcel);
    } catch (error) {
      // What a target answers while it stops is no answer to the event.
      if (!isRunning()) return;
      const reason = messageOf(error);
      if (isFinal(error) || parcel.failures + 1 >= DELIVERIES_MAX) {
        await outbox.giveUp(waiting, burial(parcel, reason));
        return await gaveUp(parcel, reason);
      }
      const waitMs = DELIVERY_WAIT_MS * 2 ** parcel.failures;
      const at = clock.now() + Math.min(waitMs, DELIVERY_WAIT_MAX_MS);
      await outbox.postpone(waiting, reason, at);
      return;
    }
    await outbox.delivered(waiting);
  }

  /** Until the next event comes again. */
  async #sleep(): Promise<void> {
    const { outbox, clock, isRunning } = this.#parts;
    if (!isRunning()) return;
    const at = await outbox.nextAt(this.#target);
    if (at !== undefined) this.#wakeIn(at - clock.now());
  }

  #wakeIn(ms: number): void {
    this.#cancelTimer();
    if (this.#isStopped) return;
    this.#cancelTimer = this.#parts.clock.after(ms, () => this.wake());
  }
}

/** Whether trying again cannot help. A conflict is over by then. */
function isFinal(error: unknown): boolean {
  return error instanceof TerminalError ||
    error instanceof RefusedError && error.code !== "conflict";
}
