/**
 * PostgreSQL over a pool of connections.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { JsonValue } from "../../store/store.ts";
import type { Clock } from "../../effects.ts";
import { RetryableError, TerminalError } from "../../errors.ts";
import {
  bytesIn,
  type Database,
  type Outcome,
  type Script,
  type Statement,
  tooManyRows,
} from "./database.ts";
import { jsonRow } from "./json_cell.ts";
import { learnArrays, List } from "./postgres_arrays.ts";
import { Pace } from "./postgres_pace.ts";
import { type Connection, PostgresPool } from "./postgres_pool.ts";
import { failureOf, isLoss } from "./postgres_refusal.ts";
import { firstWord } from "./statement_text.ts";
import { TYPES } from "./postgres_types.ts";

/** Connections where nothing else is said. */
const CONNECTIONS = 10;

/** How long to wait for a connection, in seconds. */
const CONNECT_SECONDS = 10;

/** How long `close` waits for what is under way, in milliseconds. */
const CLOSE_MS = 5_000;

/** The longest wait before a connection is tried again, in seconds. */
const BACKOFF_SECONDS = 1;

/** How PostgreSQL is connected to. */
interface Options {
  readonly maxOpenConns?: number | undefined;
  readonly connectionMsMax?: number | undefined;
  readonly applicationName?: string;
  readonly clock: Pick<Clock, "after" | "elapsed" | "sleep">;
  readonly rowsMax: number;
}

/** Makes a pool that connects when it is first asked. */
export async function openPostgres(
  dsn: string,
  { maxOpenConns = CONNECTIONS, ...options }: Options,
): Promise<Database> {
  const { default: postgres } = await import("postgres");
  const { connectionMsMax, applicationName, clock, rowsMax } = options;
  const msMax = BACKOFF_SECONDS * 1_000;
  const sleep = (ms: number) => clock.sleep(ms);
  const pace = new Pace(maxOpenConns, { msMax, sleep });
  const connect = (
    onclose = () => {},
    isLeft = () => false,
  ): Sql => {
    const sql = postgres(dsn, {
      max: 1,
      connect_timeout: CONNECT_SECONDS,
      // The pool ends connections, since it knows what they are used for.
      ...{ max_lifetime: null, idle_timeout: 0 },
      backoff: (tried: number) => Math.min(3 ** tried / 100, BACKOFF_SECONDS),
      ...applicationName === undefined
        ? {}
        : { connection: { application_name: applicationName } },
      ...{ socket: (place: Place) => socketUnless(isLeft, pace, place) },
      fetch_types: false,
      onnotice() {},
      onclose,
      types: TYPES,
    });
    // The pool forgets the types of its parameters, as this file does.
    return sql as unknown as Sql;
  };
  try {
    connect();
  } catch {
    // The library quotes the address, which holds a password.
    throw new TerminalError(
      "Cannot open the PostgreSQL database: its dsn is not a URL such as " +
        '"postgres://user:password@host:5432/name"',
    );
  }
  const pool = new PostgresPool({
    ...{ connect, prepare: learnArrays, clock },
    ...{ max: maxOpenConns, lifetimeMsMax: connectionMsMax },
  });
  return new Postgres(pool, rowsMax, pace);
}

class Postgres implements Database {
  readonly dialect = "postgres";
  readonly #pool: PostgresPool;
  readonly #rowsMax: number;
  readonly #pace: Pace;

  constructor(pool: PostgresPool, rowsMax: number, pace: Pace) {
    this.#pool = pool;
    this.#rowsMax = rowsMax;
    this.#pace = pace;
  }

  run(statement: Statement, signal: AbortSignal): Promise<Outcome> {
    let query: Query | undefined;
    const isAlone = () => query !== undefined && isActive(query);
    return untilAborted(signal, (begun) =>
      this.#pool.share(async ({ sql }) => {
        query = ask(sql, statement);
        begun(query);
        const outcome = await this.#outcomeOf(sql, query, statement);
        this.#pace.answered();
        return outcome;
      }, { signal, isAlone }));
  }

  transact(
    statements: readonly (Statement | Script)[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    return untilAborted(
      signal,
      (begun) =>
        this.#pool.own(async (connection) => {
          const { sql } = connection;
          await sql.unsafe("begin");
          this.#pace.answered();
          const outcomes: Outcome[] = [];
          try {
            for (const one of statements) {
              signal.throwIfAborted();
              assertThere(connection);
              const query = ask(sql, one);
              begun(query);
              outcomes.push(await this.#outcomeOf(sql, query, one));
            }
            signal.throwIfAborted();
          } catch (error) {
            // The server takes back what a session that has ended did.
            if (!connection.isLost && !isLoss(error)) {
              await sql.unsafe("rollback").catch(() => connection.spoil());
            }
            throw error;
          }
          assertThere(connection);
          try {
            await sql.unsafe("commit");
          } catch (error) {
            connection.spoil();
            throw error;
          }
          return outcomes;
        }, signal),
    );
  }

  async close(signal?: AbortSignal): Promise<void> {
    await this.#pool.close(CLOSE_MS, signal);
  }

  async #outcomeOf(
    sql: Sql,
    query: Query,
    one: Statement | Script,
  ): Promise<Outcome> {
    if ("script" in one) {
      await query;
      return { rowsAffected: 0 };
    }
    // What changes rows must have changed them all, and returns no others. Without
    // a portion several statements may share their way to the server.
    if (isChange(one.sql)) return shown(await query as unknown as Portion);
    // One portion is all that is taken: it is as large as an answer may be.
    let portion: Portion | undefined;
    await query.cursor(this.#rowsMax + 1, (rows) => {
      portion ??= rows as unknown as Portion;
      return sql.CLOSE;
    });
    // It is awaited to its end: only then a change is committed.
    if (portion !== undefined && portion.length > this.#rowsMax) {
      throw tooManyRows(this.#rowsMax);
    }
    if (portion !== undefined) return shown(portion);
    // Without a row there is no portion; the statement knows its columns.
    const { statement } = query as unknown as Described;
    const columns = (statement.columns ?? []).map(({ name }) => name);
    return { columns, rows: [], count: 0 };
  }
}

/** @throws {RetryableError} It has ended; what came before is taken back. */
function assertThere({ isLost }: Connection): void {
  if (!isLost) return;
  throw new RetryableError(
    "Cannot go on with the transaction: its connection is lost",
  );
}

type Query = ReturnType<Sql["unsafe"]>;

function ask(sql: Sql, one: Statement | Script): Query {
  if ("script" in one) return sql.unsafe(one.script);
  return sql.unsafe(
    one.sql,
    one.args.map((value) => bindable(sql, value)),
    {
      prepare: true,
      simple: false,
    } as Parameters<Sql["unsafe"]>[2],
  );
}

function bindable(sql: Sql, value: JsonValue) {
  if (Array.isArray(value)) {
    return sql.typed(new List(value) as never, UNKNOWN_TYPE);
  }
  return bytesIn(value) ?? value as string;
}

/** The server says what is wanted. */
const UNKNOWN_TYPE = 0;

/**
 * Does the work, or gives it up when `signal` aborts: the server is asked to end
 * the query that has begun, and is not waited for.
 */
async function untilAborted<T>(
  signal: AbortSignal,
  work: (begun: (query: Query) => void) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  let running: Query | undefined;
  const abort = () => {
    reject(signal.reason);
    if (running !== undefined) cancel(running);
  };
  signal.addEventListener("abort", abort, { once: true });
  const done = work((query) => running = query);
  try {
    return await Promise.race([done, promise]);
  } catch (error) {
    // Whatever comes of the work is of no interest any more.
    done.catch(() => {});
    if (signal.aborted) throw signal.reason;
    const isOurs = error instanceof TerminalError ||
      error instanceof RetryableError;
    throw isOurs ? error : failureOf(error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

type Place = Parameters<Pace["socket"]>[0];

/**
 * A socket for a client, unless that is left: the library connects once more where
 * something waits, and nobody would end that session.
 */
async function socketUnless(isLeft: () => boolean, pace: Pace, place: Place) {
  const refuse = () => {
    throw new Error("The connection is not used any more");
  };
  if (isLeft()) refuse();
  const socket = await pace.socket(place);
  if (!isLeft()) return socket;
  socket.destroy();
  return refuse();
}

/** What a query knows of its way; the library has no types for it. */
interface Cancellable {
  /** The server is at it. */
  readonly active: boolean;
  /** Where it was sent; null before. */
  readonly state: unknown;
  canceller: ((query: unknown) => Promise<unknown>) | null;
}

function isActive(query: Query): boolean {
  return (query as unknown as Cancellable).active;
}

/**
 * Asks the server to end a query, or takes it back where it was not sent. One that
 * waits behind others on its connection goes on: the library would take its answer
 * for that of the next one.
 */
function cancel(query: Query): void {
  const it = query as unknown as Cancellable;
  const { active, state, canceller } = it;
  if (!active && state !== null) return;
  // The library drops the promise, and a server that is away would end the process.
  it.canceller = canceller && ((one) => canceller(one).catch(() => {}));
  query.cancel();
}

function isChange(sql: string): boolean {
  return /^(insert|update|delete|merge)$/.test(firstWord(sql));
}

function shown(portion: Portion): Outcome {
  const columns = (portion.columns ?? []).map(({ name }) => name);
  if (columns.length === 0) return { rowsAffected: portion.count };
  return { columns, rows: portion.map(jsonRow), count: portion.length };
}

/** What a portion is beside its rows; the library has no types for it. */
interface Portion extends ReadonlyArray<Readonly<Record<string, unknown>>> {
  readonly columns?: readonly { readonly name: string }[];
  readonly count: number;
}

/** What a query knows once it has run; the library has no types for it. */
interface Described {
  readonly statement: { readonly columns?: readonly { name: string }[] };
}
