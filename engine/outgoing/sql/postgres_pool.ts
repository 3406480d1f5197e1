/**
 * Connections to PostgreSQL. Each is a client of the library by itself, and is left
 * for good once its connection is lost: the library goes on with the client, and
 * then what is left of a transaction may get into the next session, or is written to
 * no socket at all, which ends the process.
 *
 * Statements share a connection where there are more of them than connections; a
 * transaction has its own as long as it takes.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { Clock } from "../../effects.ts";
import { RetryableError } from "../../errors.ts";
import { isLoss, isOfServer, notReached } from "./postgres_refusal.ts";

/** Statements on their way over one connection. */
const SHARES_MAX = 100;

/** How long a connection stays open without work, in milliseconds. */
const IDLE_MS = 30_000;

/** How long a connection without work may take to end, in seconds. */
const END_SECONDS = 5;

/** How long what was given up may take to end, in milliseconds. */
export const GIVEN_UP_MS = 5_000;

/** How long a connection may take to be ready, in milliseconds. */
const PREPARE_MS_MAX = 15_000;

/** Between two looks for connections that are not needed, in milliseconds. */
const LOOK_MS = 1_000;

/** How a pool is made. */
export interface PoolOptions {
  /**
   * Makes a client of one connection; calls back when that has ended. A client that
   * `isLeft` must not connect again.
   */
  readonly connect: (onClose: () => void, isLeft: () => boolean) => Sql;
  /** Makes a connection ready, before anything else is done over it. */
  readonly prepare: (sql: Sql) => Promise<void>;
  /** How many connections there are at most. */
  readonly max: number;
  /** How long a connection is used, in milliseconds. @default without a limit */
  readonly lifetimeMsMax?: number | undefined;
  readonly clock: Pick<Clock, "after" | "elapsed">;
}

/** One connection, for as long as work is done on it. */
export interface Connection {
  readonly sql: Sql;
  /** It has ended: what is sent now would get into another session. */
  readonly isLost: boolean;
  /** Nobody knows what state its session is in: it is used no more. */
  spoil(): void;
}

interface Kept extends Connection {
  isLost: boolean;
  isLeft: boolean;
  isSpoilt: boolean;
  /** Until it is ready. */
  prepared: Promise<void> | undefined;
  /** How much goes on over it. */
  uses: number;
  isOwned: boolean;
  readonly openedMs: number;
  usedMs: number;
}

interface Waiting {
  readonly isOwner: boolean;
  readonly take: (connection: Kept) => void;
  readonly fail: (error: Error) => void;
}

/** How work is given up. */
export interface GivenUp {
  readonly signal: AbortSignal;
  readonly isAlone: () => boolean;
}

type Work<T> = (connection: Connection) => Promise<T>;

/** See the module. */
export class PostgresPool {
  readonly #options: PoolOptions;
  readonly #connections = new Set<Kept>();
  /** In the order in which they came: nobody overtakes a transaction. */
  #waiting: Waiting[] = [];
  /** Connections on their way out. */
  readonly #ending = new Set<Promise<void>>();
  #released: () => unknown = () => {};
  #isLooking = false;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Does work on a connection that others may use meanwhile.
   *
   * @param given.signal Gives the work up.
   * @param given.isAlone Whether the server is at this work, and not at what others
   * have sent before. If it is then, and there is no end `GIVEN_UP_MS` later, the
   * server is not there, and the connection is used no more.
   */
  share<T>(work: Work<T>, given: GivenUp): Promise<T> {
    return this.#use(false, work, given);
  }

  /** Does work on a connection that nobody else uses meanwhile; see `share`. */
  own<T>(work: Work<T>, signal: AbortSignal): Promise<T> {
    return this.#use(true, work, { signal, isAlone: () => true });
  }

  /**
   * Ends all connections. What is under way has its end, for so long and until
   * `signal` has aborted; what waits for a connection has none.
   */
  async close(msMax: number, signal?: AbortSignal): Promise<void> {
    this.#isClosed = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { fail } of waiting) fail(isClosed());
    await this.#idle(msMax, signal);
    for (const each of this.#connections) this.#leave(each);
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal?.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([promise, Promise.all(this.#ending)]);
  }

  async #idle(msMax: number, signal?: AbortSignal): Promise<void> {
    const isIdle = () =>
      ![...this.#connections].some((connection) => connection.uses > 0);
    if (isIdle() || signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#released = () => isIdle() && resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
    const cancel = this.#options.clock.after(msMax, resolve);
    await promise;
    cancel();
  }

  async #use<T>(
    isOwner: boolean,
    work: Work<T>,
    { signal, isAlone }: GivenUp,
  ): Promise<T> {
    if (this.#isClosed) throw isClosed();
    const connection = await this.#taken(isOwner, signal);
    let cancel = () => {};
    const givenUp = () => {
      const { clock } = this.#options;
      if (!isAlone()) return;
      cancel = clock.after(GIVEN_UP_MS, () => this.#leave(connection));
    };
    signal.addEventListener("abort", givenUp);
    try {
      // Whoever waited may have given up.
      signal.throwIfAborted();
      if (connection.prepared !== undefined) {
        await ready(connection.prepared);
        signal.throwIfAborted();
      }
      return await work(connection);
    } catch (error) {
      if (isLoss(error)) this.#leave(connection);
      throw error;
    } finally {
      signal.removeEventListener("abort", givenUp);
      cancel();
      this.#release(connection);
    }
  }

  #taken(isOwner: boolean, signal: AbortSignal): Kept | Promise<Kept> {
    const free = this.#waiting.length > 0 ? undefined : this.#free(isOwner);
    if (free !== undefined) return occupied(free, isOwner);
    const { promise, resolve: take, reject: fail } = Promise.withResolvers<
      Kept
    >();
    const waiting = { isOwner, take, fail };
    this.#waiting.push(waiting);
    const giveUp = () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      fail(signal.reason);
      // Those behind it may have waited for it alone.
      this.#serve();
    };
    signal.addEventListener("abort", giveUp, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", giveUp));
  }

  #release(connection: Kept): void {
    connection.uses--;
    connection.isOwned = false;
    this.#released();
    connection.usedMs = this.#elapsed();
    if (connection.isSpoilt || this.#isWorn(connection)) {
      this.#leave(connection);
    }
    this.#serve();
    this.#look();
  }

  /** Hands connections to those who wait, first come, first served. */
  #serve(): void {
    while (!this.#isClosed) {
      const [first] = this.#waiting;
      const connection = first && this.#free(first.isOwner);
      if (first === undefined || connection === undefined) return;
      this.#waiting.shift();
      first.take(occupied(connection, first.isOwner));
    }
  }

  /** One without work, else a new one, else the one with the least work. */
  #free(isOwner: boolean): Kept | undefined {
    let least: Kept | undefined;
    for (const connection of this.#connections) {
      const { uses, isOwned } = connection;
      // One that is too old goes when its last work is done.
      if (isOwned || this.#isOld(connection)) continue;
      if (uses === 0) return connection;
      if (uses < (least?.uses ?? SHARES_MAX)) least = connection;
    }
    if (this.#connections.size < this.#options.max) return this.#open();
    return isOwner ? undefined : least;
  }

  #open(): Kept {
    const now = this.#elapsed();
    const onClose = () => {
      connection.isLost = true;
      this.#leave(connection);
    };
    const sql = this.#options.connect(onClose, () => connection.isLeft);
    const prepared = this.#options.prepare(sql).then(() => {
      connection.prepared = undefined;
    });
    const connection: Kept = {
      ...{ sql, prepared, isLost: false, isLeft: false, isSpoilt: false },
      ...{ uses: 0, isOwned: false, openedMs: now, usedMs: now },
      spoil() {
        this.isSpoilt = true;
      },
    };
    const leave = () => this.#leave(connection);
    const cancel = this.#options.clock.after(PREPARE_MS_MAX, leave);
    // Whoever uses it hears of a failure; it can be of no use to others.
    prepared.catch(leave).finally(cancel);
    this.#connections.add(connection);
    return connection;
  }

  /** Nothing begins on it any more, and what is under way has no end. */
  #leave(connection: Kept): void {
    if (!this.#connections.delete(connection)) return;
    connection.isLeft = true;
    const timeout = connection.uses === 0 ? END_SECONDS : 0;
    const ended = connection.sql.end({ timeout })
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
    this.#serve();
  }

  /** Looks now and then whether there is one that is not needed. */
  #look(): void {
    if (this.#isLooking || this.#connections.size === 0) return;
    this.#isLooking = true;
    this.#options.clock.after(LOOK_MS, () => {
      this.#isLooking = false;
      for (const connection of this.#connections) {
        if (this.#isWorn(connection)) this.#leave(connection);
      }
      this.#look();
    });
  }

  /** Whether it goes: it is without work, and has been for long, or is too old. */
  #isWorn(connection: Kept): boolean {
    if (connection.uses > 0) return false;
    const idleMs = this.#elapsed() - connection.usedMs;
    return idleMs >= IDLE_MS || this.#isOld(connection);
  }

  #isOld({ openedMs }: Kept): boolean {
    const { lifetimeMsMax = Infinity } = this.#options;
    return this.#elapsed() - openedMs >= lifetimeMsMax;
  }

  #elapsed(): number {
    return this.#options.clock.elapsed();
  }
}

function occupied(connection: Kept, isOwner: boolean): Kept {
  connection.uses++;
  connection.isOwned = isOwner;
  return connection;
}

/** @throws {RetryableError} Nothing was sent yet, whatever has happened. */
async function ready(prepared: Promise<void>): Promise<void> {
  try {
    await prepared;
  } catch (error) {
    throw isLoss(error) || !isOfServer(error) ? notReached(error) : error;
  }
}

function isClosed(): Error {
  return new RetryableError("Cannot ask the database: it is closed");
}
