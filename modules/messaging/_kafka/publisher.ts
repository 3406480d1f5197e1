/**
 * Writes records in the order in which they come, as many in one request as
 * there are while the one before is under way.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import { backoffMs, RECONNECT } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { DriverError, type NewRecord } from "./driver.ts";

/** How many records may wait to be written. */
export const WAITING_MAX = 50_000;

/** How many records go into one request. */
const BATCH_MAX = 2_000;

/** How much goes into one request, in characters: servers take a mebibyte. */
const BATCH_CHARACTERS_MAX = 700_000;

/** A record that waits. */
interface Entry {
  readonly record: NewRecord;
  /** By the clock that never goes back, in milliseconds. */
  readonly until: number;
  readonly settle: PromiseWithResolvers<void>;
  isSettled: boolean;
}

/** See the module comment. */
export class Publisher {
  readonly #host: Host;
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #end = new AbortController();
  #waiting: Entry[] = [];
  #underWay: readonly Entry[] = [];
  #pumping: Promise<void> | undefined;
  #cancelWatch: (() => void) | undefined;
  /** Why the last request failed. */
  #fault: string | undefined;

  constructor(host: Host, connection: Connection, timeoutMs: number) {
    this.#host = host;
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves when the record is acknowledged.
   *
   * @throws {RetryableError} if that is not so in time; it may still be written.
   * @throws {TerminalError} if the cluster never takes it.
   */
  write(record: NewRecord): Promise<void> {
    if (this.#end.signal.aborted) {
      throw new RetryableError(
        `Cannot publish to "${record.topic}": "${this.#host.name}" has stopped`,
      );
    }
    if (this.#waiting.length >= WAITING_MAX) {
      throw new RetryableError(
        `Cannot publish to "${record.topic}": ${WAITING_MAX} messages wait to ` +
          `be written already${this.#because()}`,
      );
    }
    const settle = Promise.withResolvers<void>();
    const until = this.#host.effects.clock.elapsed() + this.#timeoutMs;
    this.#waiting.push({ record, until, settle, isSettled: false });
    this.#watch();
    this.#pumping ??= this.#pump();
    return settle.promise;
  }

  /** Lets what waits be written, as long as that may take, and takes no more. */
  async finish(): Promise<void> {
    await this.#pumping;
    this.stop();
  }

  /** What waits now fails. */
  stop(): void {
    this.#end.abort(new Error("It has stopped"));
    const reason = `"${this.#host.name}" has stopped`;
    for (const entry of [...this.#underWay, ...this.#waiting]) {
      fail(entry, new RetryableError(`Cannot publish: ${reason}`));
    }
    this.#cancelWatch?.();
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#end.signal.aborted) {
      // What is published in the same turn goes into the same request.
      await this.#host.effects.clock.turn();
      this.#underWay = this.#takeBatch();
      await this.#send(this.#underWay);
      this.#underWay = [];
    }
    this.#pumping = undefined;
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  #takeBatch(): readonly Entry[] {
    let count = 0;
    let characters = 0;
    for (const { record } of this.#waiting) {
      characters += sizeOf(record);
      const isFull = count >= BATCH_MAX ||
        (count > 0 && characters > BATCH_CHARACTERS_MAX);
      if (isFull) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Tries until all of a batch are acknowledged or have given up. */
  async #send(batch: readonly Entry[]): Promise<void> {
    for (let failures = 1;; failures++) {
      const left = batch.filter(({ isSettled }) => !isSettled);
      if (left.length === 0 || this.#end.signal.aborted) return;
      try {
        const driver = await this.#connection.ready;
        await driver.send(left.map(({ record }) => record));
        this.#fault = undefined;
        return left.forEach(succeed);
      } catch (error) {
        this.#fault = messageOf(error);
        if (error instanceof DriverError && !error.isRetriable) {
          return await this.#sendApart(left, error);
        }
      }
      const { clock, random } = this.#host.effects;
      const ms = backoffMs(failures, RECONNECT, random);
      await clock.sleep(ms, this.#end.signal).catch(() => {
        // The loop ends.
      });
    }
  }

  /** One record that is never taken must not take others with it. */
  async #sendApart(
    batch: readonly Entry[],
    error: DriverError,
  ): Promise<void> {
    const [first] = batch;
    if (first !== undefined && batch.length === 1) {
      const { topic } = first.record;
      return fail(
        first,
        new TerminalError(`Cannot publish to "${topic}": ${error.message}`, {
          cause: error,
        }),
      );
    }
    for (const entry of batch) await this.#send([entry]);
  }

  /** One timer for all: the oldest gives up first. */
  #watch(): void {
    if (this.#cancelWatch !== undefined) return;
    const { clock } = this.#host.effects;
    const oldest = this.#underWay.find(({ isSettled }) => !isSettled) ??
      this.#waiting[0];
    if (oldest === undefined) return;
    this.#cancelWatch = clock.after(
      Math.max(0, oldest.until - clock.elapsed()),
      () => {
        this.#cancelWatch = undefined;
        this.#giveUp();
        this.#watch();
      },
    );
  }

  #giveUp(): void {
    const now = this.#host.effects.clock.elapsed();
    const isLate = (entry: Entry) => entry.until <= now;
    const late = [...this.#underWay, ...this.#waiting].filter(isLate);
    this.#waiting = this.#waiting.filter((entry) => !isLate(entry));
    for (const entry of late) {
      const { topic } = entry.record;
      const message = `Cannot publish to "${topic}": not acknowledged within ` +
        `${this.#timeoutMs} ms (timeout)${this.#because()}`;
      fail(entry, new RetryableError(message));
    }
  }

  #because(): string {
    const reason = this.#connection.reason ?? this.#fault;
    return reason === undefined ? "" : `: ${reason}`;
  }
}

function sizeOf({ key, value }: NewRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}

function succeed(entry: Entry): void {
  if (entry.isSettled) return;
  entry.isSettled = true;
  entry.settle.resolve();
}

function fail(entry: Entry, error: Error): void {
  if (entry.isSettled) return;
  entry.isSettled = true;
  entry.settle.reject(error);
}
