/**
 * A database under the name of older examples: `database.workflow`, which finds its
 * driver in the connection string.
 *
 * @module
 */
import { z } from "zod";
import { defineAlias, secret } from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { Sql } from "@engine/services/sql.ts";
import { sqlActions } from "../_sql_actions.ts";
import { SQL_METRICS } from "../_sql_metrics.ts";

const SQLITE = /^(sqlite3?|file):(\/\/)?|\.(db|sqlite3?)$|^:memory:$/;

export default defineAlias({
  type: "data.database",
  summary: "Asks the database of a connection string with SQL",
  stability: "beta",
  config: z.strictObject({
    connectionString: secret().describe(
      "A postgres:// URL; or sqlite: and a file below the document's folder, or " +
        ":memory:",
    ).meta({ examples: ["postgres://app@db:5432/orders", "sqlite:orders.db"] }),
  }),
  provides: [Sql, HealthReporter, Actions],
  actions: sqlActions,
  metrics: SQL_METRICS,
  of: "database.workflow",
  rewrite({ connectionString }) {
    return SQLITE.test(connectionString)
      ? {
        driver: "sqlite",
        dsn: connectionString.replace(/^(sqlite3?|file):(\/\/)?/, ""),
      }
      : { driver: "postgres", dsn: connectionString };
  },
  examples: [{
    title: "A database by its connection string",
    modules: [{
      name: "db",
      type: "data.database",
      config: { connectionString: "sqlite::memory:" },
    }],
  }],
});
