/**
 * SQLite in this process. A statement runs to its end while nothing else does:
 * keep statements short and indexed. A database that another process has locked
 * is not waited for.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf, RetryableError, TerminalError } from "../../errors.ts";
import type { JsonValue } from "../../store/store.ts";
import {
  type Affected,
  type Database,
  type Rows,
  ROWS_MAX,
  type Statement,
  tooManyRows,
} from "./database.ts";
import { jsonRow } from "./json_cell.ts";
import { sqliteFile } from "./sqlite_file.ts";

/** `limits` is newer than the types. */
interface OpenOptions {
  /** Waiting for a lock would stop the whole process. */
  readonly timeout: 0;
  /** Other files are out of reach: no ATTACH, no VACUUM INTO. */
  readonly limits: { readonly attach: 0 };
}

const OPTIONS: OpenOptions = { timeout: 0, limits: { attach: 0 } };

/**
 * Opens a file below the folder, or `:memory:`, which ends with `close`.
 *
 * @throws {TerminalError} if the file lies elsewhere or cannot be opened.
 */
export async function openSqlite(
  dsn: string,
  folder: string | undefined,
): Promise<Database> {
  const file = dsn === ":memory:" ? dsn : await sqliteFile(dsn, folder);
  try {
    return new Sqlite(new DatabaseSync(file, OPTIONS));
  } catch (error) {
    throw failureOf(error, `open the SQLite database "${dsn}"`);
  }
}

class Sqlite implements Database {
  readonly dialect = "sqlite";
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  // deno-lint-ignore require-await -- a failure is a rejection in every database
  async run(
    { sql, args }: Statement,
    signal: AbortSignal,
  ): Promise<Rows | Affected> {
    signal.throwIfAborted();
    try {
      const statement = this.#database.prepare(sql);
      statement.setReadBigInts(true);
      const values = args.map(bindable);
      if (statement.columns().length > 0) {
        if (this.#hasTooMany(sql, values)) throw tooManyRows();
        return rowsOf(statement, values);
      }
      return { rowsAffected: Number(statement.run(...values).changes) };
    } catch (error) {
      if (error instanceof TerminalError) throw error;
      throw failureOf(error, "run the statement");
    }
  }

  /**
   * Counts first: `all` takes every row there is, and `iterate` ends without a
   * word where a statement fails half-way.
   */
  #hasTooMany(sql: string, values: readonly Bindable[]): boolean {
    let counting: StatementSync;
    try {
      counting = this.#database.prepare(
        `SELECT count(*) AS n FROM (SELECT 1 FROM (${
          sql.replace(/[;\s]+$/, "")
        }\n) LIMIT ${ROWS_MAX + 1})`,
      );
    } catch {
      // What is no query cannot stand in one, and returns what it has changed.
      return false;
    }
    return Number(counting.get(...values)?.n) > ROWS_MAX;
  }

  // deno-lint-ignore require-await -- other databases take their time
  async close(): Promise<void> {
    this.#database.close();
  }
}

type Bindable = null | number | string;

function rowsOf(
  statement: StatementSync,
  values: readonly Bindable[],
): Rows {
  const rows = statement.all(...values).map(jsonRow);
  const columns = statement.columns().map(({ name }) => name);
  return { columns, rows, count: rows.length };
}

/** SQLite has no truth values, and JSON is text to it. */
function bindable(value: JsonValue): Bindable {
  if (typeof value === "boolean") return value ? 1 : 0;
  return value !== null && typeof value === "object"
    ? JSON.stringify(value)
    : value;
}

/** SQLITE_BUSY and SQLITE_LOCKED; extended codes stand in the higher bits. */
const LOCKED: ReadonlySet<number> = new Set([5, 6]);

function failureOf(error: unknown, attempt: string): Error {
  const { errcode } = error as { readonly errcode?: unknown };
  const message = `Cannot ${attempt}: ${messageOf(error)}`;
  return typeof errcode === "number" && LOCKED.has(errcode & 0xff)
    ? new RetryableError(message, { cause: error })
    : new TerminalError(message, { cause: error });
}
