/**
 * Opens the database that a document names.
 *
 * @module
 */
import type { Clock } from "../../effects.ts";
import { type Database, type Driver, DRIVERS, ROWS_MAX } from "./database.ts";
import { openPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";
import { sqliteFile } from "./sqlite_file.ts";
import { openSqliteThread } from "./sqlite_thread.ts";

/** Which database to open. */
export interface DatabaseOptions {
  readonly driver: Driver;
  /** SQLite: a file below the folder, or `:memory:`. PostgreSQL: a URL. */
  readonly dsn: string;
  /** Connections of PostgreSQL. SQLite has one. @default {10} */
  readonly maxOpenConns?: number | undefined;
  /** How long a connection to PostgreSQL is used, in milliseconds. */
  readonly connectionMsMax?: number | undefined;
  /** What PostgreSQL shows beside the connections. */
  readonly applicationName?: string;
  /** Rows of one answer; more are refused. @default {ROWS_MAX} */
  readonly rowsMax?: number;
  /** How large a file of SQLite may become. */
  readonly bytesMax?: number | undefined;
  /** Files of SQLite get a thread of their own. @default {false} */
  readonly hasThread?: boolean;
  /**
   * Lets attempts to connect to PostgreSQL wait for each other, and ends its
   * connections that are old, or without work for long.
   */
  readonly clock: Pick<Clock, "after" | "elapsed" | "sleep">;
  /** The folder of the document. */
  readonly folder: string | undefined;
}

/**
 * Opens a database. PostgreSQL is connected to by the first statement.
 *
 * @throws {TerminalError | RetryableError} if it cannot be opened.
 */
export async function openDatabase(
  { driver, dsn, folder, ...options }: DatabaseOptions,
): Promise<Database> {
  const rowsMax = options.rowsMax ?? ROWS_MAX;
  if (DRIVERS[driver] === "postgres") {
    return await openPostgres(dsn, { ...options, rowsMax });
  }
  const limits = { rowsMax, bytesMax: options.bytesMax };
  // A database in memory waits for no disk, and would end with its thread.
  if (dsn === ":memory:") return openSqlite(dsn, limits);
  const file = await sqliteFile(dsn, folder);
  return options.hasThread === true
    ? await openSqliteThread(file, limits)
    : openSqlite(file, limits);
}
