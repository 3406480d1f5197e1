/**
 * A database of somebody else, asked with SQL. Values travel as parameters only;
 * nothing here ever writes one into the text of a statement.
 *
 * @module
 */
import { TerminalError } from "../../errors.ts";
import type { JsonValue } from "../../store/store.ts";

/** Rows of one answer, where nothing else is said; more are refused. */
export const ROWS_MAX = 10_000;

/** The databases that can be asked, each under the names that documents use. */
export const DRIVERS = {
  sqlite: "sqlite",
  sqlite3: "sqlite",
  postgres: "postgres",
  postgresql: "postgres",
  pgx: "postgres",
} as const;

/** The name of a database as documents write it. */
export type Driver = keyof typeof DRIVERS;

/** How SQL is written for a database. */
export type Dialect = typeof DRIVERS[Driver];

/**
 * A statement and the values of its parameters: `$1`, `$2`… in both databases, or
 * `?` in SQLite. `{ "$bytes": "AQI=" }` is a value of bytes, in base64.
 */
export interface Statement {
  readonly sql: string;
  readonly args: readonly JsonValue[];
}

/** Several statements in one text, which have no values and return nothing. */
export interface Script {
  readonly script: string;
}

/** What a statement yields that returns rows. */
export type Rows = {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, JsonValue>>[];
  readonly count: number;
};

/** What any other statement yields. */
export type Affected = { readonly rowsAffected: number };

/** What a statement yields. */
export type Outcome = Rows | Affected;

/** What can be asked with SQL. */
export interface Asked {
  readonly dialect: Dialect;
  /**
   * Runs one statement. Dates come back as ISO text, bytes as base64, and numbers
   * that JSON cannot hold as text; in PostgreSQL every int8 and numeric is text,
   * so that the type of a value does not depend on its size.
   *
   * @throws {TerminalError} The statement is wrong, or has too many rows.
   * @throws {RefusedError} It breaks a constraint: `already-exists` where a value
   * must be the only one, else `invalid-input`. Values are in no message.
   * @throws {RetryableError} The database is busy, full, gone or shutting down.
   * One that was lost on the way says that it may have taken effect.
   */
  run(statement: Statement, signal: AbortSignal): Promise<Outcome>;
  /**
   * Runs statements in one transaction: all of them take effect, or none.
   *
   * @throws as `run`.
   */
  transact(
    statements: readonly (Statement | Script)[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]>;
}

/** An open database. */
export interface Database extends Asked {
  /** Lets what is under way end, but not after `signal` has aborted. */
  close(signal?: AbortSignal): Promise<void>;
}

/** Whether a statement has returned rows. */
export function hasRows(result: Outcome): result is Rows {
  return "rows" in result;
}

/** The error of a result that is too large. */
export function tooManyRows(limit: number): TerminalError {
  return new TerminalError(
    `Cannot take the rows: there are more than the limit of ${limit}; ask ` +
      "for fewer with LIMIT",
  );
}

/** The bytes that a value stands for; `undefined` if it is any other. */
export function bytesIn(value: JsonValue): Uint8Array<ArrayBuffer> | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return undefined;
  }
  const entries = Object.entries(value);
  const [[name, text] = []] = entries;
  if (entries.length !== 1 || name !== "$bytes" || typeof text !== "string") {
    return undefined;
  }
  try {
    return Uint8Array.fromBase64(text);
  } catch (cause) {
    throw new TerminalError("Cannot use a value of $bytes: it is no base64", {
      cause,
    });
  }
}
