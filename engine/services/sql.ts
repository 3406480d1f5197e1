/**
 * The contract of what asks a database with SQL.
 *
 * @module
 */
import type {
  Asked,
  Dialect,
  Outcome,
  Script,
  Statement,
} from "../outgoing/sql/database.ts";
import { defineService } from "../service.ts";

export type { Dialect, Outcome, Rows } from "../outgoing/sql/database.ts";
export { hasRows } from "../outgoing/sql/database.ts";

/**
 * A connection, or a pool of them. See `Asked` for what comes back and what is
 * thrown; beside that, a statement that takes longer than the module's
 * `queryTimeout` is a `RetryableError` that says so.
 */
export interface SqlConnection {
  readonly dialect: Dialect;
  /** Runs one statement, with `$1`, `$2`… for its values in either dialect. */
  run(statement: Statement, signal?: AbortSignal): Promise<Outcome>;
  /** Runs statements of which all take effect, or none. */
  transact(
    statements: readonly (Statement | Script)[],
    signal?: AbortSignal,
  ): ReturnType<Asked["transact"]>;
}

/** Asks databases. */
export interface Sql {
  /**
   * A connection by name; without one, the only or the default one.
   *
   * @throws {RefusedError} `not-found` if there is none of that name.
   */
  connection(name?: string): SqlConnection;
}

/** Modules that ask a database. */
export const Sql = defineService<Sql>("sql", "asks a database with SQL");
