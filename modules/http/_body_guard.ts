/**
 * Bounds a request body in bytes and time while a handler reads it. Nothing is
 * read that the handler does not ask for.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { BodyTimeoutError, BodyTooLargeError } from "../_http_body.ts";

/** The bounds of a body. */
export interface BodyLimits {
  readonly bodyBytesMax: number;
  /** From the construction of the guard to the end; absent: any time. */
  readonly readTimeoutMs?: number;
}

/** One body under guard. */
export class BodyGuard {
  /** The body as handlers may read it. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Why it was cut off, once it was. Whatever a handler makes of it, this holds. */
  violation: BodyTooLargeError | BodyTimeoutError | undefined;
  #bytes = 0;
  #isReading = false;
  #isLate = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #bytesMax: number;
  readonly #timeoutMs: number;
  readonly #cancelTimer: () => void;

  constructor(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    { bodyBytesMax, readTimeoutMs }: BodyLimits,
    clock: Host["effects"]["clock"],
  ) {
    this.#reader = body.getReader();
    this.#bytesMax = bodyBytesMax;
    this.stream = new ReadableStream(
      {
        pull: (controller) => this.#pull(controller),
        cancel: (reason) => {
          this.#cancelTimer();
          return this.#reader.cancel(reason);
        },
      },
      // Without a mark of zero it would read ahead of the handler.
      { highWaterMark: 0 },
    );
    this.#timeoutMs = readTimeoutMs ?? Infinity;
    this.#cancelTimer = readTimeoutMs === undefined
      ? () => {}
      : clock.after(readTimeoutMs, () => this.#expire());
  }

  /** The answer is there: what was not read by now never will be. */
  release(): void {
    this.#cancelTimer();
  }

  /** A handler that does not read cannot read too slowly. */
  #expire(): void {
    this.#isLate = true;
    // Ends the read under way, which then finds that it is late.
    if (this.#isReading) this.#giveUp();
  }

  async #pull(controller: ReadableStreamDefaultController): Promise<void> {
    this.#isReading = true;
    const { done, value } = this.#isLate ? LATE : await this.#reader.read();
    this.#isReading = false;
    if (this.#isLate) {
      return this.#cut(controller, new BodyTimeoutError(this.#timeoutMs));
    }
    if (done) {
      this.#cancelTimer();
      return controller.close();
    }
    this.#bytes += value.byteLength;
    if (this.#bytes > this.#bytesMax) {
      return this.#cut(controller, new BodyTooLargeError(this.#bytesMax));
    }
    controller.enqueue(value);
  }

  #cut(
    controller: ReadableStreamDefaultController,
    violation: BodyTooLargeError | BodyTimeoutError,
  ): void {
    this.violation = violation;
    this.#cancelTimer();
    controller.error(violation);
    this.#giveUp();
  }

  #giveUp(): void {
    // Whether the rest can be given up in order does not change the answer.
    this.#reader.cancel().catch(() => {});
  }
}

const LATE = { done: true, value: undefined } as const;
