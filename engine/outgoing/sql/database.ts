/**
 * A database of somebody else, asked with SQL. Values travel as parameters only;
 * nothing here ever writes one into the text of a statement.
 *
 * @module
 */
import { TerminalError } from "../../errors.ts";
import type { JsonValue } from "../../store/store.ts";

/** Rows of one answer; more are refused. */
export const ROWS_MAX = 10_000;

/** The databases that can be asked, each under the names that documents use. */
export const DRIVERS = {
  sqlite: "sqlite",
  sqlite3: "sqlite",
  postgres: "postgres",
  postgresql: "postgres",
} as const;

/** The name of a database as documents write it. */
export type Driver = keyof typeof DRIVERS;

/** How SQL is written for a database. */
export type Dialect = typeof DRIVERS[Driver];

/** A statement and the values of its parameters, in order. */
export interface Statement {
  readonly sql: string;
  readonly args: readonly JsonValue[];
}

/** What a statement yields that returns rows. */
export type Rows = {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, JsonValue>>[];
  readonly count: number;
};

/** What any other statement yields. */
export type Affected = { readonly rowsAffected: number };

/** An open database. */
export interface Database {
  readonly dialect: Dialect;
  /**
   * Runs one statement. Dates come back as ISO text, bytes as base64, and whole
   * numbers that JSON cannot hold as text.
   *
   * @throws {TerminalError} The statement is wrong or breaks a constraint, or has
   * more than `ROWS_MAX` rows.
   * @throws {RetryableError} The database is busy, gone or shutting down.
   */
  run(statement: Statement, signal: AbortSignal): Promise<Rows | Affected>;
  close(): Promise<void>;
}

/** Whether a statement has returned rows. */
export function hasRows(result: Rows | Affected): result is Rows {
  return "rows" in result;
}

/** The error of a result that is too large. */
export function tooManyRows(): TerminalError {
  return new TerminalError(
    `Cannot take the rows: there are more than the limit of ${ROWS_MAX}; ask ` +
      "for fewer with LIMIT",
  );
}
