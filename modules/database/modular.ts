/**
 * Several databases in one module, each under a name, with the keys of the
 * original's framework as well.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  type Host,
  type Lifecycle,
} from "@engine/define.ts";
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
import { actOn, namedSqlActions } from "../_sql_actions.ts";
import { SQL_METRICS } from "../_sql_metrics.ts";

const connection = z.strictObject({
  ...connectionFields,
  max_open_connections: connectionFields.maxOpenConns.unwrap().optional()
    .describe("The same as maxOpenConns, over which it takes precedence")
    .meta({ unit: "count" }),
  connection_max_lifetime: duration().optional().describe(
    "The same as connMaxLifetime, over which it takes precedence",
  ),
});

const config = z.strictObject({
  connections: z.record(z.string().min(1), connection).default({}).describe(
    "The databases, by name",
  ),
  default: z.string().min(1).optional().describe(
    "The connection that is meant where none is named; absent: the first",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "database.modular",
  summary: "Asks several databases with SQL, each under a name",
  stability: "beta",
  config,
  section: "database",
  inert: {
    "connections.*.maxIdleConns": IDLE_IS_INERT,
    "connections.*.max_idle_connections": IDLE_IS_INERT,
    "connections.*.connection_max_idle_time": IDLE_IS_INERT,
  },
  provides: [Sql, HealthReporter, Actions],
  check({ connections, default: chosen }) {
    const issues = Object.entries(connections).flatMap(([name, one]) =>
      checkConnection(one).map((issue) => ({
        ...issue,
        path: ["connections", name, ...issue.path],
      }))
    );
    if (chosen === undefined || Object.hasOwn(connections, chosen)) {
      return issues;
    }
    return [...issues, {
      code: "unresolved-reference" as const,
      path: ["default"],
      message: `There is no connection "${chosen}"`,
      candidates: Object.keys(connections),
    }];
  },
  actions: namedSqlActions,
  metrics: SQL_METRICS,
  examples: [{
    title: "Ask two databases",
    modules: [{
      name: "databases",
      type: "database.modular",
      config: {
        connections: {
          orders: { driver: "sqlite", dsn: ":memory:" },
          stock: { driver: "sqlite", dsn: ":memory:" },
        },
        default: "orders",
      },
    }],
    pipelines: {
      count: {
        steps: [
          {
            id: "make",
            use: "module:databases.execute",
            with: {
              connection: "stock",
              sql:
                "create table if not exists goods (name text, pieces integer)",
            },
          },
          {
            id: "add",
            use: "module:databases.insert",
            with: {
              connection: "stock",
              table: "goods",
              data: { name: "tea", pieces: "${{ input.pieces }}" },
            },
          },
          {
            id: "goods",
            use: "module:databases.query",
            with: { connection: "stock", sql: "select * from goods" },
          },
        ],
      },
    },
    runs: [{
      pipeline: "count",
      input: { pieces: 3 },
      output: { rows: [{ name: "tea", pieces: 3 }], count: 1 },
    }],
  }],
  create: (config, host) => new ModularDatabase(config, host),
});

class ModularDatabase implements Sql, HealthReporter, Actions, Lifecycle {
  readonly healthName: string;
  readonly #name: string;
  readonly #default: string | undefined;
  readonly #connections: ReadonlyMap<string, Connection>;

  constructor({ connections, default: chosen }: Config, host: Host) {
    this.healthName = `database.${host.name}`;
    this.#name = host.name;
    this.#default = chosen ?? Object.keys(connections)[0];
    this.#connections = new Map(
      Object.entries(connections).map(([name, one]) => {
        const label = `${host.name}/${name}`;
        return [name, new Connection(label, configOf(one), host)];
      }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#all((one) => one.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all((one) => one.stop()));
  }

  /** As the worst of them is; the message is of all that are not well. */
  async health(): Promise<Health> {
    const healths = await Promise.all(this.#all((one) => one.health()));
    const ill = healths.filter(({ status }) => status !== "healthy");
    if (ill.length === 0) return { status: "healthy" };
    const isUnhealthy = ill.some(({ status }) => status === "unhealthy");
    return {
      status: isUnhealthy ? "unhealthy" : "degraded",
      message: ill.map(({ message }) => message).join("; "),
    };
  }

  connection(name = this.#default): SqlConnection {
    const found = name === undefined ? undefined : this.#connections.get(name);
    if (found !== undefined) return found;
    const names = [...this.#connections.keys()].join(", ");
    throw new RefusedError(
      "not-found",
      `"${this.#name}" has no connection "${name ?? ""}", only: ${names}`,
    );
  }

  act(
    action: string,
    input: Parameters<Actions["act"]>[1],
    { signal }: Parameters<Actions["act"]>[2],
  ): ReturnType<Actions["act"]> {
    return actOn(this, action, { input, signal });
  }

  #all<T>(work: (connection: Connection) => T): readonly T[] {
    return [...this.#connections.values()].map(work);
  }
}

/** In the keys of `database.workflow`. */
function configOf(
  { max_open_connections, connection_max_lifetime, ...rest }: z.output<
    typeof connection
  >,
): ConnectionConfig {
  return {
    ...rest,
    maxOpenConns: max_open_connections ?? rest.maxOpenConns,
    connMaxLifetime: connection_max_lifetime ?? rest.connMaxLifetime,
  };
}
