/**
 * Spares a backend that fails and the clients that would wait for it: after some
 * failures in a row nobody asks for a while, then one request tries.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** When a breaker opens, and for how long. */
export interface CircuitOptions {
  /** Failures in a row. */
  readonly failureThreshold: number;
  readonly openMs: number;
}

/** How long to stay away while somebody else tries. */
const TRIAL_WAIT_MS = 1_000;

/** The breaker of one backend. */
export class CircuitBreaker {
  readonly #clock: Host["effects"]["clock"];
  readonly #options: CircuitOptions;
  #failures = 0;
  #openUntilMs = 0;
  #isTrying = false;

  constructor(clock: Host["effects"]["clock"], options: CircuitOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Whether nobody may ask; once it is time for a trial it is not open any more. */
  get isOpen(): boolean {
    return this.#hasTripped && this.#openUntilMs > this.#clock.elapsed();
  }

  get #hasTripped(): boolean {
    return this.#failures >= this.#options.failureThreshold;
  }

  /**
   * Asks to go through. Returns 0 if that is granted, and then `leave` must be
   * called; else the milliseconds after which asking again makes sense.
   */
  enter(): number {
    if (!this.#hasTripped) return 0;
    const waitMs = this.#openUntilMs - this.#clock.elapsed();
    if (waitMs > 0) return waitMs;
    if (this.#isTrying) return TRIAL_WAIT_MS;
    this.#isTrying = true;
    return 0;
  }

  /** Tells how it went; `unknown` if the client left first. */
  leave(result: "answered" | "failed" | "unknown"): void {
    this.#isTrying = false;
    if (result === "answered") this.#failures = 0;
    if (result !== "failed") return;
    this.#failures++;
    if (this.#hasTripped) {
      this.#openUntilMs = this.#clock.elapsed() + this.#options.openMs;
    }
  }
}
