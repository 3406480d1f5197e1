/**
 * PostgreSQL over a pool of connections.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { JsonValue } from "../../store/store.ts";
import { TerminalError } from "../../errors.ts";
import {
  bytesIn,
  type Database,
  type Outcome,
  type Script,
  type Statement,
  tooManyRows,
} from "./database.ts";
import { jsonRow } from "./json_cell.ts";
import { failureOf } from "./postgres_refusal.ts";
import { firstWord } from "./statement_text.ts";
import { TYPES } from "./postgres_types.ts";

/** Connections where nothing else is said. */
const CONNECTIONS = 10;

/** How long to wait for a connection, in seconds. */
const CONNECT_SECONDS = 10;

/** How long a connection stays open without work, in seconds. */
const IDLE_SECONDS = 30;

/** How long `close` waits for what is under way, in seconds. */
const CLOSE_SECONDS = 5;

/** The longest wait before a connection is tried again, in seconds. */
const BACKOFF_SECONDS = 1;

/** How a pool is made. */
interface PoolOptions {
  readonly maxOpenConns?: number | undefined;
  readonly connectionMsMax?: number | undefined;
  readonly applicationName?: string;
  readonly rowsMax: number;
}

/** Makes a pool that connects when it is first asked. */
export async function openPostgres(
  dsn: string,
  { maxOpenConns = CONNECTIONS, ...options }: PoolOptions,
): Promise<Database> {
  const { default: postgres } = await import("postgres");
  const { connectionMsMax, applicationName, rowsMax } = options;
  try {
    const sql = postgres(dsn, {
      max: maxOpenConns,
      connect_timeout: CONNECT_SECONDS,
      idle_timeout: IDLE_SECONDS,
      backoff: (tried: number) => Math.min(3 ** tried / 100, BACKOFF_SECONDS),
      ...connectionMsMax === undefined
        ? {}
        : { max_lifetime: connectionMsMax / 1_000 },
      ...applicationName === undefined
        ? {}
        : { connection: { application_name: applicationName } },
      onnotice() {},
      types: TYPES,
    });
    // The pool forgets the types of its parameters, as this file does.
    return new Postgres(sql as unknown as Sql, rowsMax);
  } catch {
    // The library quotes the address, which holds a password.
    throw new TerminalError(
      "Cannot open the PostgreSQL database: its dsn is not a URL such as " +
        '"postgres://user:password@host:5432/name"',
    );
  }
}

class Postgres implements Database {
  readonly dialect = "postgres";
  readonly #sql: Sql;
  readonly #rowsMax: number;

  constructor(sql: Sql, rowsMax: number) {
    this.#sql = sql;
    this.#rowsMax = rowsMax;
  }

  run(statement: Statement, signal: AbortSignal): Promise<Outcome> {
    return untilAborted(signal, async (begun) => {
      const query = ask(this.#sql, statement);
      begun(query);
      return await outcomeOf(query, statement, this.#rowsMax);
    });
  }

  transact(
    statements: readonly (Statement | Script)[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const work = async (
      transaction: Pick<Sql, "unsafe">,
      begun: (query: Query) => void,
    ) => {
      const outcomes: Outcome[] = [];
      for (const one of statements) {
        signal.throwIfAborted();
        const query = ask(transaction, one);
        begun(query);
        outcomes.push(await outcomeOf(query, one, this.#rowsMax));
      }
      signal.throwIfAborted();
      return outcomes;
    };
    return untilAborted(
      signal,
      (begun) => this.#sql.begin((one) => work(one, begun)),
    );
  }

  async close(signal?: AbortSignal): Promise<void> {
    await this.#sql.end({ timeout: signal?.aborted ? 0 : CLOSE_SECONDS });
  }
}

type Query = ReturnType<Sql["unsafe"]>;

function ask(sql: Pick<Sql, "unsafe">, one: Statement | Script): Query {
  if ("script" in one) return sql.unsafe(one.script);
  return sql.unsafe(
    one.sql,
    one.args.map(bindable),
    {
      prepare: true,
      simple: false,
    } as Parameters<Sql["unsafe"]>[2],
  );
}

function bindable(value: JsonValue) {
  return bytesIn(value) ?? value as string;
}

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
    // Where there is no server, there is nothing to end.
    running && Promise.resolve(running.cancel()).catch(() => {});
  };
  signal.addEventListener("abort", abort, { once: true });
  const done = work((query) => running = query);
  try {
    return await Promise.race([done, promise]);
  } catch (error) {
    // Whatever comes of the work is of no interest any more.
    done.catch(() => {});
    if (signal.aborted) throw signal.reason;
    throw error instanceof TerminalError ? error : failureOf(error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function outcomeOf(
  query: Query,
  one: Statement | Script,
  rowsMax: number,
): Promise<Outcome> {
  if ("script" in one) {
    await query;
    return { rowsAffected: 0 };
  }
  // What returns no rows needs no limit, and then others may share its way.
  if (isChange(one.sql)) return { rowsAffected: (await query).count ?? 0 };
  // One portion is all that is taken: it is as large as an answer may be.
  for await (const rows of query.cursor(rowsMax + 1)) {
    const portion = rows as unknown as Portion;
    const columns = portion.columns.map(({ name }) => name);
    if (columns.length === 0) return { rowsAffected: portion.count };
    if (portion.length > rowsMax) throw tooManyRows(rowsMax);
    return { columns, rows: portion.map(jsonRow), count: portion.length };
  }
  // Without a row there is no portion; the statement knows its columns.
  const { statement } = query as unknown as Described;
  const columns = (statement.columns ?? []).map(({ name }) => name);
  return { columns, rows: [], count: 0 };
}

/** Whether it changes rows and returns none for certain. */
function isChange(sql: string): boolean {
  return /^(insert|update|delete)$/.test(firstWord(sql)) &&
    !/returning/i.test(sql);
}

/** What a portion is beside its rows; the library has no types for it. */
interface Portion extends ReadonlyArray<Readonly<Record<string, unknown>>> {
  readonly columns: readonly { readonly name: string }[];
  readonly count: number;
}

/** What a query knows once it has run; the library has no types for it. */
interface Described {
  readonly statement: { readonly columns?: readonly { name: string }[] };
}
