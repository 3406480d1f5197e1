/**
 * Hands messages of a queue to a handler, as many at a time as it is told, and
 * settles each by how that ends.
 *
 * @module
 */
import { messageOf, RetryableError, TerminalError } from "../errors.ts";
import type { QueueCore } from "./core.ts";
import type { Holding } from "./holding.ts";
import { type Delivery, deliveryOf } from "./lease.ts";
import type { Queue } from "./queue.ts";
import { DELAY_MS_MAX } from "./row.ts";

/**
 * Handles a message; what it throws makes the message come again. A
 * `TerminalError` makes it a dead letter at once, a `RetryableError` may say when
 * it comes again.
 */
export type Handle = (message: Delivery) => void | Promise<void>;

/** How messages are handed out. */
export interface ConsumeOptions {
  /** How many are handled at a time. @default {1} */
  readonly concurrency?: number;
  /** How many of one key are taken at a time, to save commits. @default {1} */
  readonly ofKey?: number;
  /**
   * How long a failed message waits before its second attempt, in milliseconds;
   * twice as long before each further one. @default {1_000}
   */
  readonly retryBackoffMs?: number;
  /** Told of how each attempt ends. */
  readonly onHandled?: (message: Delivery, error?: unknown) => void;
}

/** The longest wait between two attempts, in milliseconds: ten minutes. */
export const RETRY_BACKOFF_MS_MAX = 10 * 60 * 1_000;

const LEASE_LOST = "its lease had run out, so it is handled again";

/** How long to wait after the store has failed, in milliseconds. */
const STORE_AGAIN_MS = 1_000;

/** See the module comment. */
export class Consumer {
  readonly #queue: Queue;
  readonly #core: QueueCore;
  readonly #options: ConsumeOptions & { readonly handle: Handle };
  /** What is in hand: one handler each. */
  readonly #working = new Map<Holding, Promise<void>>();
  readonly #ignore: () => void;
  readonly #stopping = new AbortController();
  #cancelWake = () => {};
  #cancelRenewal = () => {};
  #claiming: Promise<void> | undefined;
  #isStale = false;
  #isAbandoned = false;

  constructor(
    queue: Queue,
    core: QueueCore,
    options: ConsumeOptions & { readonly handle: Handle },
  ) {
    this.#queue = queue;
    this.#core = core;
    this.#options = options;
    this.#ignore = queue.onChange(() => this.#wake());
    this.#renewLater();
    this.#wake();
  }

  /**
   * Takes nothing more; resolves when what is being handled is, and what is not
   * begun has gone back.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#ignore();
    this.#cancelWake();
    await this.#claiming;
    while (this.#working.size > 0) {
      await Promise.all(this.#working.values());
    }
    this.#cancelRenewal();
  }

  /**
   * Renews no lease any more: what is still being handled after a `stop` that
   * took too long is handed out again when its lease runs out.
   */
  abandon(): void {
    this.#isAbandoned = true;
    this.#cancelRenewal();
  }

  get #isFree(): boolean {
    return this.#working.size < (this.#options.concurrency ?? 1);
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #wake(): void {
    this.#isStale = true;
    this.#claiming ??= this.#claimAll().finally(() => {
      this.#claiming = undefined;
      // Somebody may have called after the last look.
      if (this.#isStale && !this.#isStopping) this.#wake();
    });
  }

  async #claimAll(): Promise<void> {
    this.#cancelWake();
    try {
      while (this.#isStale && !this.#isStopping) {
        this.#isStale = false;
        if (await this.#claimSome()) this.#isStale = true;
      }
      // With its hands full it is woken by what it has done.
      if (this.#isFree) this.#wakeAt(this.#queue.dueMs);
    } catch (error) {
      this.#complain("Cannot take messages", error);
      this.#wakeAt(this.#core.world.clock.now() + STORE_AGAIN_MS);
    }
  }

  /** Whether there was anything to take. */
  async #claimSome(): Promise<boolean> {
    const { concurrency = 1, ofKey = 1 } = this.#options;
    const free = concurrency - this.#working.size;
    if (!this.#isFree) return false;
    const holdings = await this.#queue.claim({
      count: free,
      ofKey,
      leaseMs: this.#queue.settings.leaseMs,
    });
    for (const holding of holdings) {
      if (this.#isStopping) await holding.release();
      else this.#begin(holding);
    }
    return holdings.length > 0;
  }

  #begin(holding: Holding): void {
    const work = this.#work(holding)
      .catch((error) => this.#complain("Cannot settle a message", error))
      .finally(() => {
        this.#working.delete(holding);
        if (!this.#isStopping) this.#wake();
      });
    this.#working.set(holding, work);
  }

  /** Handles what is held one after the other. */
  async #work(holding: Holding): Promise<void> {
    const acks = new Acks(holding);
    for (const held of [...holding.held]) {
      if (holding.isLost) break;
      if (this.#isStopping && acks.count > 0) break;
      const message = deliveryOf(held);
      try {
        const done = this.#options.handle(message);
        if (done !== undefined) await done;
      } catch (error) {
        await acks.end();
        this.#options.onHandled?.(message, error);
        await this.#fail(holding, message, error);
        return;
      }
      this.#options.onHandled?.(message);
      acks.add();
    }
    await acks.end();
    if (holding.isLost) return this.#tellLost();
    await holding.release();
  }

  async #fail(
    holding: Holding,
    { attempt }: Delivery,
    error: unknown,
  ): Promise<void> {
    const { retryBackoffMs = 1_000 } = this.#options;
    const usual = Math.min(
      retryBackoffMs * 2 ** (attempt - 1),
      Math.max(retryBackoffMs, RETRY_BACKOFF_MS_MAX),
    );
    const stated = error instanceof RetryableError
      ? error.retryAfterMs
      : undefined;
    const delayMs = Math.min(
      Math.max(0, Math.ceil(stated ?? usual)),
      DELAY_MS_MAX,
    );
    const isSettled = await holding.nack({
      error: messageOf(error),
      delayMs,
      isFinal: error instanceof TerminalError,
    });
    if (!isSettled) this.#tellLost();
  }

  /** Keeps what is being handled for as long as this process lives. */
  #renewLater(): void {
    const { clock } = this.#core.world;
    const { leaseMs } = this.#queue.settings;
    this.#cancelRenewal = clock.after(Math.ceil(leaseMs / 3), async () => {
      // One that was taken just now can wait for the next time.
      const soon = clock.now() + leaseMs * 3 / 4;
      const due = [...this.#working.keys()]
        .filter(({ untilMs }) => untilMs < soon);
      await Promise.all(
        due.map((holding) =>
          holding.extend(leaseMs).catch((error) =>
            this.#complain("Cannot extend a lease", error)
          )
        ),
      );
      const isOver = this.#isStopping && this.#working.size === 0;
      if (!isOver && !this.#isAbandoned) this.#renewLater();
    });
  }

  #wakeAt(dueMs: number): void {
    if (this.#isStopping || dueMs === Infinity) return;
    const { clock } = this.#core.world;
    this.#cancelWake();
    this.#cancelWake = clock.after(
      Math.max(0, dueMs - clock.now()),
      () => this.#wake(),
    );
  }

  #tellLost(): void {
    this.#complain("Cannot settle a message", LEASE_LOST);
  }

  #complain(attempt: string, error: unknown): void {
    this.#core.world.onError(
      `${attempt} of queue "${this.#queue.name}"`,
      error,
    );
  }
}

/**
 * Commits what is done while the next is being handled: as many at once as have
 * become done meanwhile.
 */
class Acks {
  readonly #holding: Holding;
  /** How many are done in all. */
  count = 0;
  #waiting = 0;
  #work: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  add(): void {
    this.count++;
    this.#waiting++;
    this.#work ??= this.#commitAll();
  }

  /** Resolves when all are committed. @throws what the store did. */
  async end(): Promise<void> {
    await this.#work;
    if (this.#failure) throw this.#failure.error;
  }

  async #commitAll(): Promise<void> {
    try {
      while (this.#waiting > 0) {
        const count = this.#waiting;
        this.#waiting = 0;
        await this.#holding.ack(count);
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#work = undefined;
  }
}
