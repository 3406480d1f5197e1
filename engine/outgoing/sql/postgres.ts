/**
 * PostgreSQL over a pool of connections.
 *
 * @module
 */
import type { Sql } from "postgres";
import { messageOf, RetryableError, TerminalError } from "../../errors.ts";
import {
  type Affected,
  type Database,
  type Rows,
  ROWS_MAX,
  type Statement,
  tooManyRows,
} from "./database.ts";
import { jsonRow } from "./json_cell.ts";

/** Connections where nothing else is said. */
const CONNECTIONS = 10;

/** How long to wait for a connection, in seconds. */
const CONNECT_SECONDS = 10;

/** How long a connection stays open without work, in seconds. */
const IDLE_SECONDS = 30;

/** Makes a pool that connects when it is first asked. */
export async function openPostgres(
  dsn: string,
  maxOpenConns = CONNECTIONS,
): Promise<Database> {
  const { default: postgres } = await import("postgres");
  try {
    const sql = postgres(dsn, {
      max: maxOpenConns,
      connect_timeout: CONNECT_SECONDS,
      idle_timeout: IDLE_SECONDS,
      onnotice() {},
      types: {
        text: { to: 25, from: [25], serialize: textOf, parse: asItIs },
        varchar: { to: 1043, from: [1043], serialize: textOf, parse: asItIs },
      },
    });
    // The pool forgets the types of its parameters, as this file does.
    return new Postgres(sql as unknown as Sql);
  } catch (cause) {
    // The library quotes the address, which holds a password.
    throw new TerminalError(
      "Cannot open the PostgreSQL database: its dsn is not a URL such as " +
        '"postgres://user:password@host:5432/name"',
      { cause },
    );
  }
}

/** JSON in a column of text. */
function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function asItIs(text: string): string {
  return text;
}

class Postgres implements Database {
  readonly dialect = "postgres";
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async run(
    { sql, args }: Statement,
    signal: AbortSignal,
  ): Promise<Rows | Affected> {
    signal.throwIfAborted();
    const query = this.#sql.unsafe(sql, args.map((value) => value as string));
    const cancel = () => void query.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await outcomeOf(query);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof TerminalError) throw error;
      throw failureOf(error);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 5 });
  }
}

type Query = ReturnType<Sql["unsafe"]>;

/** One portion is all that is taken: it is as large as an answer may be. */
async function outcomeOf(query: Query): Promise<Rows | Affected> {
  for await (const rows of query.cursor(ROWS_MAX + 1)) {
    const portion = rows as unknown as Portion;
    const columns = portion.columns.map(({ name }) => name);
    if (columns.length === 0) return { rowsAffected: portion.count };
    if (portion.length > ROWS_MAX) throw tooManyRows();
    return { columns, rows: portion.map(jsonRow), count: portion.length };
  }
  // Without a row there is no portion; the statement knows its columns.
  const { statement } = query as unknown as Described;
  const columns = (statement.columns ?? []).map(({ name }) => name);
  return { columns, rows: [], count: 0 };
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

/**
 * Classes of SQLSTATE that another try may get past: connection, resources,
 * a server that shuts down, serialization and deadlocks.
 */
const PASSING = /^(08|53|57P|40)/;

function failureOf(error: unknown): Error {
  const { code, severity } = error as {
    readonly code?: unknown;
    readonly severity?: unknown;
  };
  const state = String(code);
  const ofServer = typeof severity === "string";
  const reason = messageOf(error) || state;
  if (!ofServer || PASSING.test(state)) {
    return new RetryableError(`Cannot ask the database: ${reason}`, {
      cause: error,
    });
  }
  return new TerminalError(
    `Cannot run the statement: ${reason} (SQLSTATE ${state})`,
    { cause: error },
  );
}
