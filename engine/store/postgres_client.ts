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
import { UnreachableError } from "./unreachable.ts";

/** Connections of one store, but for the one that listens. */
const CONNECTIONS = 4;

/** How long a lost server is waited for, in milliseconds. */
export const RECONNECT_MS = 30_000;

/** Between two tries to reach a lost server, in milliseconds. */
const RECONNECT_PAUSE_MS = 200;

/** How long the server works on one statement before it gives up, in milliseconds. */
const STATEMENT_MS = 20_000;

/** After so long without an answer a connection counts as lost, in milliseconds. */
export const ANSWER_MS = 30_000;

/** A statement's parameter: arrays and bytes are in PostgreSQL's text form. */
export type Parameter = string | number | null;

/** What the client takes of the clock. */
export type ClientClock = Pick<Clock, "after" | "elapsed" | "sleep">;

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

/** Options that the library has and its types do not. */
interface Notified extends postgres.Options<{ bytea: postgres.PostgresType }> {
  readonly onnotify?: (channel: string, payload: string) => void;
}

/** Bytes travel as hexadecimal text, in both directions. */
const bytea: postgres.PostgresType<Uint8Array | string> = {
  to: 17,
  from: [17],
  serialize: (text) => text,
  parse: (text: string) => Uint8Array.fromHex(text.slice(2)),
};

/** What every session has, so that no setting of a server or role changes a store. */
const SESSION: Partial<postgres.ConnectionParameters> = {
  application_name: "workflow",
  bytea_output: "hex",
  // A commit must see all that was committed while it waited for its turn.
  default_transaction_isolation: "read committed",
  // All statements look into an index, also while a table is new to the planner.
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  jit: "off",
  statement_timeout: STATEMENT_MS,
};

const OPTIONS: Notified = {
  types: { bytea },
  connection: SESSION,
  // The types of arrays are written in the statements.
  fetch_types: false,
  max_lifetime: null,
  connect_timeout: ANSWER_MS / 1_000,
  backoff: () => RECONNECT_PAUSE_MS / 1_000,
  onnotice: () => {},
};

/** The connections of one store. */
export class PostgresClient {
  readonly #connect: (options: Notified) => postgres.Sql;
  readonly #shown: string;
  readonly #clock: ClientClock;
  readonly #closing = new AbortController();
  #sql: postgres.Sql;
  #listening: Promise<void> | undefined = undefined;

  private constructor(
    connect: (options: Notified) => postgres.Sql,
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
    const connect = (options: Notified) =>
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
        return await this.#run<Row>(text, parameters);
      } catch (error) {
        if (failureOf(error) !== "refused") return new Away(error);
        throw this.#error(attempt, reasonOf(error), error);
      }
    });
  }

  /**
   * The row of a commit.
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
      try {
        return await this.#run<Row>(text, parameters);
      } catch (error) {
        const failure = failureOf(error);
        if (failure === "unsent") return new Away(error);
        const reason = reasonOf(error);
        if (failure === "refused") throw this.#error(attempt, reason, error);
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
    await Promise.all([this.#sql.end(), this.#listening]);
  }

  async #listen(
    { channel, onMessage, onListening }: Listening,
  ): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const ended = Promise.withResolvers<void>();
      const end = () => ended.resolve();
      const sql = this.#connect({
        max: 1,
        onnotify: (_, payload) => onMessage(payload),
        onclose: end,
      });
      signal.addEventListener("abort", end);
      try {
        await Promise.race([sql.unsafe(`LISTEN "${channel}"`), ended.promise]);
        if (!signal.aborted) onListening();
        await ended.promise;
      } catch {
        // It is tried again, and until then the slow look at all keys does.
      } finally {
        signal.removeEventListener("abort", end);
        await sql.end({ timeout: 0 });
      }
      await this.#pause();
    }
  }

  #run<Row>(
    text: string,
    parameters: readonly Parameter[],
  ): Promise<readonly Row[]> {
    const options = { prepare: true };
    return this.#answer(
      this.#sql.unsafe<Row[]>(text, [...parameters], options),
    );
  }

  /** The answer to a query, which the library may wait for without end. */
  async #answer<T>(query: PromiseLike<T>): Promise<T> {
    const sql = this.#sql;
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(ANSWER_MS, () => {
      const reason = `no answer within ${ANSWER_MS} ms`;
      late.reject(new NoAnswerError(reason));
      // Which connection it is cannot be seen, so all are given up.
      if (this.#sql === sql) this.#sql = this.#connect({ max: CONNECTIONS });
      void sql.end({ timeout: 0 });
    });
    try {
      return await Promise.race([query, late.promise]);
    } finally {
      cancel();
    }
  }

  /** Tries until the server is there again. */
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
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    // Being told to stop only ends the pause: the next turn sees why.
    await this.#clock.sleep(RECONNECT_PAUSE_MS, this.#closing.signal)
      .catch(() => {});
  }

  #error(attempt: Attempt, reason: string, cause: unknown): Error {
    return new Error(
      `Cannot ${attempt} store "${this.#shown}": ${reason}`,
      { cause },
    );
  }
}

/** The server was not there, or the connection was lost. */
class Away {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
