import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { hasRows, Sql } from "@engine/services/sql.ts";
import { startApplication } from "@engine/testing.ts";
import modular from "./modular.ts";

const MEMORY = { driver: "sqlite", dsn: ":memory:" };

function start(config: JsonObject, section?: JsonObject) {
  return startApplication({
    document: {
      modules: [{ name: "dbs", type: "database.modular", config }],
      ...section === undefined ? {} : { database: section },
    },
    definitions: [modular],
  });
}

const make = { sql: "create table t (n integer)", args: [] };
const count = { sql: "select count(*) as n from sqlite_master", args: [] };

Deno.test("database.modular keeps its connections apart", async () => {
  await using app = await start({
    connections: { one: MEMORY, two: MEMORY },
    default: "two",
  });
  const sql = app.service(Sql);
  await sql.connection().run(make);
  const tables = async (name?: string) => {
    const outcome = await sql.connection(name).run(count);
    return hasRows(outcome) ? outcome.rows[0]?.n : undefined;
  };
  assert.deepEqual([await tables("one"), await tables("two")], [0, 1]);
  assert.throws(
    () => sql.connection("three"),
    (error) =>
      error instanceof RefusedError && /"three", only: one, two/.test(
        error.message,
      ),
  );
});

Deno.test("database.modular takes the top of a document and the original's keys", async () => {
  await using app = await start({}, {
    default: "main",
    connections: {
      main: {
        ...MEMORY,
        max_open_connections: 5,
        connection_max_lifetime: "1h",
        max_idle_connections: 2,
      },
    },
  });
  const reporter = app.service(HealthReporter);
  assert.equal(reporter.healthName, "database.dbs");
  assert.deepEqual(await reporter.health(), { status: "healthy" });
});

Deno.test("database.modular says which connection is not well", async () => {
  await using app = await start({
    connections: {
      one: MEMORY,
      two: { driver: "postgres", dsn: "postgres://a:hidden@127.0.0.1:1/c" },
    },
  });
  const { status, message } = await app.service(HealthReporter).health();
  assert.equal(status, "degraded");
  assert.match(String(message), /^Cannot use "dbs\/two": .*ECONNREFUSED/);
  assert.ok(!String(message).includes("hidden"));
});

Deno.test("database.modular refuses a default that it does not have", async () => {
  await assert.rejects(
    start({ connections: { main: MEMORY }, default: "mian" }),
    /There is no connection "mian"/,
  );
});
