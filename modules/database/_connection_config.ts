/**
 * What a document says of one connection to a database.
 *
 * @module
 */
import { z } from "zod";
import {
  duration,
  durationMs,
  type Issue,
  path,
  secret,
} from "@engine/define.ts";
import {
  type Driver,
  DRIVERS,
  ROWS_MAX,
} from "@engine/outgoing/sql/database.ts";
import { notPositive } from "../_positive_duration.ts";

/** The fields of a connection. */
export const connectionFields = {
  driver: z.enum(Object.keys(DRIVERS) as [Driver, ...Driver[]]).describe(
    "The database: sqlite (or sqlite3), a file or memory of this process; or " +
      "postgres (or postgresql, or pgx), a server",
  ),
  dsn: secret().describe(
    "Of sqlite a file below the document's folder, or :memory: for a database " +
      "that ends with the module; of postgres a URL, which may end in options " +
      "such as ?sslmode=require or ?prepare=false",
  ).meta({ examples: ["orders.db", "postgres://app@db:5432/orders"] }),
  maxOpenConns: z.int().min(1).max(1_000).default(10).describe(
    "Connections to postgres; sqlite has one, in a thread of its own",
  ).meta({ unit: "count" }),
  connMaxLifetime: duration().optional().describe(
    "How long a connection to postgres is used before a new one takes its " +
      "place; absent: half an hour to an hour",
  ),
  migrationsDir: path().optional().describe(
    "A folder of .sql files, relative to the document, which are applied in " +
      "the order of their names when the module starts: each once, in a " +
      "transaction of its own, and by one process at a time. The table " +
      "workflow_migrations tells which are",
  ),
  queryTimeout: duration().default("30s").describe(
    "How long a statement or a transaction may take, the wait for a connection " +
      "included. In postgres the statement is ended; in a file of sqlite only " +
      "the wait for it is; in memory it holds up everything and has no limit",
  ),
  maxRows: z.int().min(1).max(1_000_000).default(ROWS_MAX).describe(
    "How many rows a statement may return; one with more is refused",
  ).meta({ unit: "count" }),
  maxBytes: z.int().min(1).optional().describe(
    "How large a database of sqlite may become; what does not fit is refused, " +
      "and the module is degraded until something does. Absent: as large as " +
      "the disk lets it",
  ).meta({ unit: "bytes" }),
};

const connection = z.strictObject(connectionFields);

/** One connection. */
export type ConnectionConfig = z.output<typeof connection>;

/** Why `maxIdleConns` does nothing. */
export const IDLE_IS_INERT =
  "a connection that has had no work for 30 seconds is closed, so none has to be counted";

/** What the schema cannot say of a connection. */
export function checkConnection(
  { driver, connMaxLifetime, queryTimeout, maxBytes }: ConnectionConfig,
): readonly Issue[] {
  const issues = [...notPositive({ connMaxLifetime, queryTimeout })];
  if (maxBytes !== undefined && DRIVERS[driver] !== "sqlite") {
    issues.push({
      code: "invalid-value",
      path: ["maxBytes"],
      message: `A limit of bytes is kept by sqlite only, not by "${driver}"`,
    });
  }
  return issues;
}

/** The time limit, in milliseconds. */
export function limitOf({ queryTimeout }: ConnectionConfig): number {
  return durationMs(queryTimeout);
}
