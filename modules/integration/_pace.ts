/**
 * Spreads calls evenly over time.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RetryableError } from "@engine/errors.ts";

type Clock = Host["effects"]["clock"];

/** Lets one call begin per interval; the others wait for their turn. */
export class Pace {
  readonly #clock: Clock;
  readonly #perMinute: number;
  #nextMs = -Infinity;

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /**
   * Waits for a turn.
   *
   * @throws {RetryableError} that says when to come again, if the turn would be
   * later than `waitMsMax`; the turn is left to others then.
   * @throws the reason of the signal when it aborts.
   */
  async turn(waitMsMax: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.elapsed();
    const atMs = Math.max(this.#nextMs, nowMs);
    const waitMs = atMs - nowMs;
    if (waitMs > waitMsMax) {
      throw new RetryableError(
        `Cannot call yet: calls wait longer than ${waitMsMax} ms for their ` +
          `turn, with ${this.#perMinute} requestsPerMinute`,
        { retryAfterMs: waitMs },
      );
    }
    this.#nextMs = atMs + 60_000 / this.#perMinute;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
