/**
 * SQLite in this process. A statement runs to its end while nothing else does:
 * keep statements short and indexed. A database that another process has locked
 * is not waited for.
 *
 * @module
 */
import type { Database, Outcome, Script, Statement } from "./database.ts";
import { SqliteConnection } from "./sqlite_connection.ts";

/**
 * Opens a file, or `:memory:`, which ends with `close`.
 *
 * @throws {TerminalError} if it cannot be opened.
 */
export function openSqlite(
  file: string,
  limits: { readonly rowsMax: number; readonly bytesMax?: number | undefined },
): Database {
  // Waiting for a lock would stop the whole process.
  return new Sqlite(
    new SqliteConnection(file, { ...limits, busyMs: 0, hasLog: false }),
  );
}

class Sqlite implements Database {
  readonly dialect = "sqlite";
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  // deno-lint-ignore require-await -- a failure is a rejection in every database
  async run(statement: Statement, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const job = { statements: [statement], isAtomic: false };
    const [outcome] = this.#connection.do(job);
    return outcome as Outcome;
  }

  // deno-lint-ignore require-await -- a failure is a rejection in every database
  async transact(
    statements: readonly (Statement | Script)[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    return this.#connection.do({ statements, isAtomic: true });
  }

  // deno-lint-ignore require-await -- other databases take their time
  async close(): Promise<void> {
    this.#connection.close();
  }
}
