/**
 * Talks to PostgreSQL for a store: connects, reconnects, and decides what may be
 * asked again after a connection was lost. A read may, and a commit that was never
 * sent; a commit that was sent may not.
 *
 * @module
 */
import type postgres from "postgres";
import type { Clock } from "../effects.ts";
import type { PostgresAddress } from "./postgres_address.ts";
import { failureOf, NoAnswerError, reasonOf } from "./postgres_failure.ts";
import {
  ANSWER_MS,
  type ConnectOptions,
  OPTIONS,
  SESSION,
} from "./postgres_session.ts";
import { UnreachableError } from "./unreachable.ts";

/** Connections of one store, but for the one that listens. */
const CONNECTIONS = 4;

/** How long connections may take to end, and to answer before that, in seconds. */
const RETIRED_SECONDS = 1;

/** How long a lost server is waited for, in milliseconds. */
export const RECONNECT_MS = 30_000;

/** A statement's parameter: arrays and bytes are in PostgreSQL's text form. */
export type Parameter = string | number | null;

/** What the client takes of the clock. */
export type ClientClock = Pick<Clock, "after" | "elapsed">;

/** What a statement is for, as messages call it. */
type Attempt = "open" | "read" | "list" | "watch" | "commit to" | "sweep";

/** What is done about a notification. */
export interface Listening {
  readonly channel: string;
  /** Called for every notification. */
  readonly onMessage: (payload: string) => void;
  /** Called whenever listening begins, also after a loss: what came between is lost. */
  readonly onListening: () => void;
}

/**
 * Ends a session that may still be at work on a commit whose answer was lost, and
 * waits for its end. The number may be that of another session by now, which does
 * the same for someone else and loses an answer at worst.
 */
const END_SESSION = "SELECT pg_terminate_backend(pid, 5000) " +
  "FROM pg_stat_activity WHERE pid = $1 " +
  `AND application_name = '${SESSION.application_name}'`;

/** The connections of one store. */
export class PostgresClient {
  readonly #connect: (options: ConnectOptions) => postgres.Sql;
  readonly #shown: string;
  readonly #clock: ClientClock;
  readonly #closing = new AbortController();
  #sql: postgres.Sql;
  #listening: Promise<void> | undefined = undefined;

  private constructor(
    connect: (options: ConnectOptions) => postgres.Sql,
    shown: string,
    clock: ClientClock,
  ) {
    this.#connect = connect;
    this.#shown = shown;
    this.#clock = clock;
    this.#sql = connect({ max: CONNECTIONS });
  }

  /** Loads the library. Connects with the first statement. */
  static async load(
    { connectUrl, shown }: PostgresAddress,
    clock: ClientClock,
  ): Promise<PostgresClient> {
    const { default: postgres } = await import("postgres");
    const connect = (options: ConnectOptions) =>
      postgres(connectUrl, { ...OPTIONS, ...options });
    return new PostgresClient(connect, shown, clock);
  }

  /**
   * Runs a statement once, or several without parameters as one transaction. Waits
   * for no server that is away.
   */
  async once<Row>(attempt: Attempt, text: string): Promise<readonly Row[]> {
    try {
      return await this.#answer(this.#sql.unsafe<Row[]>(text));
    } catch (error) {
      throw this.#error(attempt, reasonOf(error), error);
    }
  }

  /**
   * The rows of a statement that changes nothing, or that may run twice. A server
   * that is lost is waited for.
   *
   * @throws {UnreachableError} The server has been away for `RECONNECT_MS`.
   * @throws {Error} The server refuses.
   */
  async read<Row>(
    attempt: Attempt,
    text: string,
    parameters: readonly Parameter[],
  ): Promise<readonly Row[]> {
    return await this.#whileAway(attempt, async () => {
      try {
        return await this.#answer(this.#query<Row>(text, parameters));
      } catch (error) {
        if (failureOf(error) !== "refused") return new Away(error);
        throw this.#error(attempt, reasonOf(error), error);
      }
    });
  }

  /**
   * The row of a commit. When it throws, the commit has happened or never will:
   * a session that may still be at work on it is ended first.
   *
   * @throws {UnreachableError} See `mayBeCommitted`.
   * @throws {Error} The server refuses: nothing has happened.
   */
  async commit<Row>(
    text: string,
    parameters: readonly Parameter[],
  ): Promise<Row | undefined> {
    const attempt = "commit to";
    const [row] = await this.#whileAway(attempt, async () => {
      const query = this.#query<Row>(text, parameters);
      try {
        return await this.#answer(query);
      } catch (error) {
        const session = sessionOf(query);
        const failure = failureOf(error);
        if (failure === "unsent") return new Away(error);
        const reason = reasonOf(error);
        if (failure === "refused") throw this.#error(attempt, reason, error);
        await this.#endSession(session);
        throw new UnreachableError(
          `Cannot tell whether a commit to store "${this.#shown}" happened: ` +
            `the connection was lost before its answer (${reason}), ` +
            "expected a read before another attempt",
          { cause: error, mayBeCommitted: true },
        );
      }
    });
    return row;
  }

  /** Listens until `close`, on a connection of its own. Is called once. */
  listen(listening: Listening): void {
    this.#listening = this.#listen(listening);
  }

  /** Ends all waiting for a lost server: what waits fails. */
  stopWaiting(): void {
    this.#closing.abort();
  }

  /** Closes the connections. Statements must have been answered before. */
  async close(): Promise<void> {
    this.stopWaiting();
    const timeout = RETIRED_SECONDS;
    await Promise.all([this.#sql.end({ timeout }), this.#listening]);
  }

  async #listen(
    { channel, onMessage, onListening }: Listening,
  ): Promise<void> {
    const { signal } = this.#closing;
    let ended = Promise.withResolvers<void>();
    const end = () => ended.resolve();
    const sql = this.#connect({
      max: 1,
      onnotify: (_, payload) => onMessage(payload),
      onclose: end,
    });
    signal.addEventListener("abort", end);
    while (!signal.aborted) {
      try {
        await Promise.race([sql.unsafe(`LISTEN "${channel}"`), ended.promise]);
        if (!signal.aborted) onListening();
        await ended.promise;
      } catch {
        // It is tried again, and until then the slow look at all keys does.
      }
      if (!signal.aborted) ended = Promise.withResolvers();
    }
    await sql.end({ timeout: 0 });
  }

  #query<Row>(
    text: string,
    parameters: readonly Parameter[],
  ): PromiseLike<readonly Row[]> {
    const options = { prepare: true };
    return this.#sql.unsafe<Row[]>(text, [...parameters], options);
  }

  async #endSession(session: number | undefined): Promise<void> {
    if (session === undefined) return;
    try {
      await this.read("commit to", END_SESSION, [session]);
    } catch {
      // Who cannot be asked for so long has given up on the statement by itself.
    }
  }

  /**
   * The answer to a query. The library may wait for one without end: for a server
   * that hangs, and for a query that it has written to a connection between its
   * error and its end. So connections are not used again once one is lost.
   */
  async #answer<T>(query: PromiseLike<T>): Promise<T> {
    const sql = this.#sql;
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(ANSWER_MS, () => {
      late.reject(new NoAnswerError(`No answer within ${ANSWER_MS} ms`));
    });
    try {
      return await Promise.race([query, late.promise]);
    } catch (error) {
      if (failureOf(error) === "lost") this.#replace(sql);
      throw error;
    } finally {
      cancel();
    }
  }

  #replace(sql: postgres.Sql): void {
    if (this.#sql !== sql) return;
    this.#sql = this.#connect({ max: CONNECTIONS });
    void sql.end({ timeout: RETIRED_SECONDS });
  }

  /** Tries until the server is there again; the library paces its connections. */
  async #whileAway<T>(
    attempt: Attempt,
    run: () => Promise<T | Away>,
  ): Promise<T> {
    const since = this.#clock.elapsed();
    while (true) {
      const result = await run();
      if (!(result instanceof Away)) return result;
      const awayMs = this.#clock.elapsed() - since;
      if (this.#closing.signal.aborted || awayMs >= RECONNECT_MS) {
        const reason = reasonOf(result.error);
        throw new UnreachableError(
          `Cannot ${attempt} store "${this.#shown}": ` +
            `the server cannot be reached (${reason})`,
          { cause: result.error },
        );
      }
    }
  }

  #error(attempt: Attempt, reason: string, cause: unknown): Error {
    return new Error(
      `Cannot ${attempt} store "${this.#shown}": ${reason}`,
      { cause },
    );
  }
}

/** The number of the session to which a query was sent, as the library notes it. */
function sessionOf(query: unknown): number | undefined {
  const { state } = query as { readonly state?: { readonly pid?: number } };
  return state?.pid;
}

/** The server was not there, or the connection was lost. */
class Away {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
