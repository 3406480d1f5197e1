/**
 * Opens the database that a document names.
 *
 * @module
 */
import { type Database, type Driver, DRIVERS } from "./database.ts";
import { openPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";

/** Which database to open. */
export interface DatabaseOptions {
  readonly driver: Driver;
  /** SQLite: a file below the folder, or `:memory:`. PostgreSQL: a URL. */
  readonly dsn: string;
  /** Connections of PostgreSQL. SQLite has one. @default {10} */
  readonly maxOpenConns?: number | undefined;
  /** The folder of the document. */
  readonly folder: string | undefined;
}

/** Opens a database. PostgreSQL is connected to by the first statement. */
export async function openDatabase(
  { driver, dsn, maxOpenConns, folder }: DatabaseOptions,
): Promise<Database> {
  if (DRIVERS[driver] === "sqlite") {
    return await openSqlite(dsn, folder);
  }
  return await openPostgres(dsn, maxOpenConns);
}
