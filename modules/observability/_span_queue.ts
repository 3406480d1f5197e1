/**
 * Spans on their way to a collector: they wait until there are enough, or for a
 * while, and as long as the collector cannot be reached. Only so many wait; the
 * application never does.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Health } from "@engine/services/health_reporter.ts";
import type { FinishedSpan } from "@engine/tracing.ts";
import type { Sent } from "./_collector.ts";

/** The wait after the first failure, in milliseconds; it doubles each time. */
export const BACKOFF_MS = 1_000;

/** The longest wait between two tries, in milliseconds. */
export const BACKOFF_MS_MAX = 30_000;

/** Why a span never arrived. */
export type DropReason = "queue-full" | "refused" | "shutdown";

/** How spans are sent. */
export interface SpanQueueOptions {
  readonly send: (
    spans: readonly FinishedSpan[],
    signal: AbortSignal,
  ) => Promise<Sent>;
  readonly clock: Host["effects"]["clock"];
  /** How many go at a time. */
  readonly batchSize: number;
  /** How long a span waits for others at most. */
  readonly batchMs: number;
  /** How many may wait. */
  readonly spansMax: number;
  readonly onExported: (count: number) => void;
  readonly onDropped: (count: number, reason: DropReason) => void;
  /** The state of health has another reason than before; none: it is well. */
  readonly onHealth: (reason: string | undefined) => void;
}

/** See the module comment. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #abort = new AbortController();
  #waiting: FinishedSpan[] = [];
  #reason: string | undefined;
  #failures = 0;
  #round: Promise<void> | undefined;
  /** Somebody wants all of it sent now. */
  #isUrgent = false;
  #isEnding = false;
  #cancelTimer = () => {};
  #hasTimer = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  get health(): Health {
    return this.#reason === undefined
      ? { status: "healthy" }
      : { status: "degraded", message: this.#reason };
  }

  /** Takes a span, or drops it if too many wait. */
  take(span: FinishedSpan): void {
    const { spansMax, batchSize, batchMs, onDropped } = this.#options;
    if (this.#waiting.length >= spansMax || this.#isEnding) {
      const reason = this.#isEnding ? "shutdown" : "queue-full";
      return onDropped(1, reason);
    }
    this.#waiting.push(span);
    // While it fails, its own timer says when to try again.
    if (this.#failures > 0) return;
    if (this.#waiting.length >= batchSize) this.wake();
    else if (!this.#hasTimer) this.#wakeIn(batchMs);
  }

  /** Sends what waits; if that is nothing, asks whether the collector is there. */
  wake(): void {
    this.#cancelTimer();
    this.#hasTimer = false;
    this.#round ??= this.#run().finally(() => this.#round = undefined);
  }

  /** Sends what waits, for so long at most; what is left then is dropped. */
  async end(limitMs: number): Promise<void> {
    this.#isEnding = true;
    this.#isUrgent = true;
    const { clock, onDropped } = this.#options;
    const cancel = clock.after(limitMs, () => {
      this.#abort.abort(new Error("The application stops"));
    });
    await this.#round;
    // One try more: what fails now has no later.
    if (this.#waiting.length > 0 && !this.#abort.signal.aborted) {
      this.wake();
      await this.#round;
    }
    cancel();
    this.#cancelTimer();
    const left = this.#waiting.splice(0).length;
    if (left > 0) onDropped(left, "shutdown");
  }

  async #run(): Promise<void> {
    const { send, batchSize } = this.#options;
    do {
      const batch = this.#waiting.slice(0, batchSize);
      const sent = await send(batch, this.#abort.signal);
      if (!this.#settle(sent, batch.length)) return;
    } while (
      this.#waiting.length >= batchSize ||
      (this.#isUrgent && this.#waiting.length > 0)
    );
    if (this.#waiting.length > 0) return this.#wakeIn(this.#options.batchMs);
    if (this.#reason === undefined) return;
    // Nobody else would find out that it is well again; spans need not wait so long.
    this.#wakeIn(BACKOFF_MS_MAX);
    this.#hasTimer = false;
  }

  /** Whether to go on. */
  #settle(sent: Sent, count: number): boolean {
    const { onExported, onDropped } = this.#options;
    this.#tell("reason" in sent ? sent.reason : undefined);
    if (sent.kind === "later") {
      const usual = BACKOFF_MS * 2 ** this.#failures++;
      this.#wakeIn(Math.min(sent.inMs ?? usual, BACKOFF_MS_MAX));
      return false;
    }
    this.#failures = 0;
    this.#waiting.splice(0, count);
    if (sent.kind === "refused") {
      if (count > 0) onDropped(count, "refused");
      return true;
    }
    const rejected = sent.kind === "partly"
      ? Math.min(sent.rejected, count)
      : 0;
    if (rejected > 0) onDropped(rejected, "refused");
    if (count > rejected) onExported(count - rejected);
    return true;
  }

  #tell(reason: string | undefined): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#options.onHealth(reason);
  }

  #wakeIn(ms: number): void {
    this.#cancelTimer();
    if (this.#isEnding) return;
    this.#hasTimer = true;
    this.#cancelTimer = this.#options.clock.after(ms, () => this.wake());
  }
}
