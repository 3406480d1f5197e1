/**
 * A message in the hands of who took it, for a time.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import type { JsonValue } from "../store/store.ts";
import type { Held, Holding } from "./holding.ts";
import { DELAY_MS_MAX } from "./row.ts";

/** A message as it is handed out. */
export interface Delivery {
  /** The same whenever it is handed out. */
  readonly id: string;
  readonly payload: JsonValue;
  /** 1 at the first time. */
  readonly attempt: number;
  /** When it was sent, in milliseconds since 1970. */
  readonly sentAt: number;
  readonly priority: number;
  readonly key?: string;
}

/** How a message is given back. */
export interface NackOptions {
  /** How long nobody gets it, in milliseconds. @default {0} */
  readonly delayMs?: number;
  /** Why it failed. @default {"It was given back"} */
  readonly error?: string;
  /** Make it a dead letter now: trying again cannot help. @default {false} */
  readonly isFinal?: boolean;
}

/**
 * A message that is taken and not finished. If the lease runs out, or the process
 * dies, the message is handed out again. Every method answers `false` if that has
 * happened already; then nothing changed, and somebody else may have it.
 */
export class Lease {
  readonly message: Delivery;
  readonly #holding: Holding;

  constructor(holding: Holding, held: Held) {
    this.#holding = holding;
    this.message = deliveryOf(held);
  }

  /** When the lease runs out, in milliseconds since 1970. */
  get untilMs(): number {
    return this.#holding.untilMs;
  }

  /** Keeps it for so long from now on, in milliseconds. */
  extend(leaseMs: number): Promise<boolean> {
    return this.#holding.extend(leaseMs);
  }

  /** It is done and gone. */
  async ack(): Promise<boolean> {
    return !this.#isFinished() && await this.#holding.ack(1);
  }

  /** It failed: it comes again, or is a dead letter after its last attempt. */
  async nack(options: NackOptions = {}): Promise<boolean> {
    const { delayMs = 0, isFinal = false } = options;
    checkDelay("delayMs", delayMs, 0);
    const error = options.error ?? "It was given back";
    return !this.#isFinished() &&
      await this.#holding.nack({ delayMs, error, isFinal });
  }

  #isFinished(): boolean {
    return this.#holding.held.length === 0;
  }
}

/** What a handler sees of a message. */
export function deliveryOf({ id, row }: Held): Delivery {
  const { payload, attempts, sentAt, priority, key } = row;
  return {
    id,
    payload,
    attempt: attempts,
    sentAt,
    priority,
    ...(key === undefined ? {} : { key }),
  };
}

/** @throws {RefusedError} `invalid-input` */
export function checkDelay(what: string, ms: number, least: number): void {
  if (Number.isSafeInteger(ms) && ms >= least && ms <= DELAY_MS_MAX) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot use ${what} of ${ms} ms: expected ${least} to ${DELAY_MS_MAX} ms`,
  );
}
