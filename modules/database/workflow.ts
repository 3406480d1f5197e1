/**
 * A database of the application's own, which steps and other modules ask with SQL.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host, type Lifecycle } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { Sql, type SqlConnection } from "@engine/services/sql.ts";
import { Connection } from "./_connection.ts";
import {
  checkConnection,
  type ConnectionConfig,
  connectionFields,
  IDLE_IS_INERT,
} from "./_connection_config.ts";
import { actOn, sqlActions } from "../_sql_actions.ts";
import { SQL_METRICS } from "../_sql_metrics.ts";

const MIGRATION = `create table orders (
  id text primary key,
  total integer not null check (total >= 0)
);
`;

export default defineModule({
  type: "database.workflow",
  summary: "Asks SQLite or PostgreSQL with SQL, and brings it into shape",
  stability: "beta",
  config: z.strictObject(connectionFields),
  inert: { maxIdleConns: IDLE_IS_INERT },
  provides: [Sql, HealthReporter, Actions],
  check: checkConnection,
  actions: sqlActions,
  metrics: SQL_METRICS,
  examples: [{
    title: "Keep orders in a table",
    modules: [{
      name: "db",
      type: "database.workflow",
      config: {
        driver: "sqlite",
        dsn: ":memory:",
        migrationsDir: "migrations",
      },
    }],
    files: { "migrations/001_orders.sql": MIGRATION },
    pipelines: {
      order: {
        steps: [
          {
            id: "add",
            use: "module:db.insert",
            with: {
              table: "orders",
              data: { id: "${{ input.id }}", total: "${{ input.total }}" },
            },
          },
          {
            id: "large",
            use: "module:db.query",
            with: {
              sql: "select id, total from orders where total > $1",
              args: [100],
            },
          },
        ],
      },
    },
    runs: [
      {
        pipeline: "order",
        input: { id: "o1", total: 250 },
        output: { rows: [{ id: "o1", total: 250 }], count: 1 },
      },
      {
        pipeline: "order",
        input: { id: "o1", total: 250 },
        status: "failed",
        error: "UNIQUE constraint failed",
      },
    ],
  }],
  create: (config, host) => new WorkflowDatabase(config, host),
});

class WorkflowDatabase implements Sql, HealthReporter, Actions, Lifecycle {
  readonly healthName: string;
  readonly #name: string;
  readonly #connection: Connection;

  constructor(config: ConnectionConfig, host: Host) {
    this.healthName = `database.${host.name}`;
    this.#name = host.name;
    this.#connection = new Connection(host.name, config, host);
  }

  start(): Promise<void> {
    return this.#connection.start();
  }

  stop(): Promise<void> {
    return this.#connection.stop();
  }

  health(): Promise<Health> {
    return this.#connection.health();
  }

  connection(name?: string): SqlConnection {
    if (name === undefined) return this.#connection;
    throw new RefusedError(
      "not-found",
      `"${this.#name}" has no connection "${name}": it has one, without a name`,
    );
  }

  act(
    action: string,
    input: Parameters<Actions["act"]>[1],
    { signal }: Parameters<Actions["act"]>[2],
  ): ReturnType<Actions["act"]> {
    return actOn(this, action, { input, signal });
  }
}
