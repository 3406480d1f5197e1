/**
 * `database.workflow` on a PostgreSQL server: the contract that SQLite keeps as
 * well, and what becomes of it when the server fails.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../engine/define.ts";
import { systemEffects } from "../../engine/effects.ts";
import { RetryableError, TerminalError } from "../../engine/errors.ts";
import { Actions } from "../../engine/services/actions.ts";
import { startApplication } from "../../engine/testing.ts";
import { definitions } from "../../catalog.gen.ts";
import {
  CONTRACT,
  startDatabase,
  type World,
} from "../../modules/database/_contract_test.ts";
import {
  CONTRACT as STORE_CONTRACT,
  nextType,
} from "../../modules/persistence/_contract_test.ts";
import { until } from "./eventually.ts";
import { type PostgresServer, serverOfFile } from "./postgres_server.ts";
import { freePort, serverTest } from "./server.ts";

const effects = systemEffects();
const server = await serverOfFile();

/** The schema in the URLs of the frame is an option of the store only. */
const dsnOf = (running: PostgresServer) => running.url().split("?")[0] ?? "";

const start = (
  running: PostgresServer,
  config?: JsonObject,
  folder?: string,
) =>
  startDatabase({ driver: "pgx", dsn: dsnOf(running), ...config }, {
    effects,
    ...folder === undefined ? {} : { folder },
  });

// Keeps the process alive, as the server of an application does.
const alive = setInterval(() => {}, 1_000);
Deno.test.afterAll(() => clearInterval(alive));

const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

const isHealthy = async ({ health }: World) =>
  (await health()).status === "healthy";

for (const [name, test] of Object.entries(CONTRACT)) {
  serverTest(`PostgreSQL ${name}`, server, async (running) => {
    await using world = await start(running);
    await test(world);
  });
}

for (const [name, test] of Object.entries(STORE_CONTRACT)) {
  serverTest(`persistence.store in PostgreSQL ${name}`, server, (running) => {
    const database = { driver: "postgres", dsn: dsnOf(running) };
    return test({ effects, database }, nextType());
  });
}

serverTest(
  "PostgreSQL: every type comes back without a loss",
  server,
  async (running) => {
    await using world = await start(running);
    const { rows } = await world.act("query", {
      sql: "select 1::int8 as i8, 1.50::numeric as n, 1.5::float8 as f, " +
        "date '2024-02-03' as d, timestamp '2024-02-03 04:05:06.123456' as t, " +
        "timestamptz '2024-02-03 04:05:06+02' as tz, " +
        "timestamptz 'infinity' as never, true as b, '{\"a\":1}'::jsonb as j, " +
        "array[1,2] as l, '\\x01ff'::bytea as y, null as z",
    });
    assert.deepEqual(rows, [{
      i8: "1",
      n: "1.50",
      f: 1.5,
      d: "2024-02-03",
      t: "2024-02-03T04:05:06.123456",
      tz: "2024-02-03T02:05:06.000Z",
      never: "infinity",
      b: true,
      j: { a: 1 },
      l: [1, 2],
      y: "Af8=",
      z: null,
    }]);
    const given = await world.act("query", {
      sql: "select $1::timestamp as t, $2::date as d, $3::timestamptz as z",
      args: ["2024-02-03T04:05:06", "2024-02-03", "2024-02-03T04:05:06Z"],
    });
    assert.deepEqual(given.rows, [{
      t: "2024-02-03T04:05:06",
      d: "2024-02-03",
      z: "2024-02-03T04:05:06.000Z",
    }]);
  },
);

serverTest(
  "PostgreSQL: a change inside of a query is committed before it is told",
  server,
  async (running) => {
    await using world = await start(running);
    const { table, act } = world;
    await act("execute", { sql: `create table ${table} (n int)` });
    const sql = `with made as (insert into ${table} values (1) returning n) ` +
      "select n from made";
    for (let n = 1; n <= 30; n++) {
      await act("query", { sql });
      const [count] = await running.sql(`select count(*) from ${table}`);
      assert.equal(count, `${n}`);
    }
  },
);

serverTest(
  "PostgreSQL: a value that does not fit its type is in no message",
  server,
  async (running) => {
    await using world = await start(running);
    const { table, act } = world;
    await act("execute", { sql: `create table ${table} (n int, d date)` });
    for (const data of [{ n: "secret-7" }, { d: "secret-7" }]) {
      await assert.rejects(act("insert", { table, data }), (error) => {
        assert.ok(error instanceof TerminalError);
        assert.match(error.message, /SQLSTATE 22/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    }
  },
);

serverTest(
  "PostgreSQL: the pool has as many connections as it may",
  server,
  async (running) => {
    await using world = await start(running, { maxOpenConns: 3 });
    const one = "select count(*)::int as n from pg_stat_activity, " +
      "(select pg_sleep(0.02)) as s where application_name = 'workflow db'";
    const counts = await Promise.all(
      Array.from({ length: 60 }, () => world.act("query", { sql: one })),
    );
    const seen = counts.map(({ rows }) => (rows as { n: number }[])[0]?.n ?? 0);
    assert.equal(Math.max(...seen), 3);
  },
);

serverTest(
  "PostgreSQL: a connection is replaced after its connMaxLifetime",
  server,
  async (running) => {
    const config = { maxOpenConns: 1, connMaxLifetime: "200ms" };
    await using world = await start(running, config);
    const backend = async () => await backendOf(world.act);
    const first = await backend();
    await until(async () => await backend() !== first);
  },
);

for (
  const [names, config] of [
    ["its own keys", { maxOpenConns: 2, connMaxLifetime: "200ms" }],
    [
      "the original's keys",
      { max_open_connections: 2, connection_max_lifetime: "200ms" },
    ],
  ] as const
) {
  serverTest(
    `PostgreSQL: database.modular bounds each pool, and the life of its connections, by ${names}`,
    server,
    async (running) => {
      const main = { driver: "postgres", dsn: dsnOf(running), ...config };
      await using app = await startApplication({
        document: {
          modules: [{
            name: "dbs",
            type: "database.modular",
            config: { connections: { main } },
          }],
        },
        definitions,
        effects,
      });
      const act: World["act"] = async (action, input) =>
        await app.service(Actions).act(action, input, {
          signal: new AbortController().signal,
          idempotencyKey: "k",
        }) as JsonObject;
      const seen = await Promise.all(
        Array.from({ length: 40 }, () => backendOf(act)),
      );
      assert.equal(new Set(seen).size, 2);
      await until(async () => !seen.includes(await backendOf(act)));
    },
  );
}

/** The process of the server that serves the connection which is used. */
async function backendOf(act: World["act"]): Promise<number> {
  const sql = "select pg_backend_pid() as pid, pg_sleep(0.005)";
  const { rows } = await act("query", { sql });
  return (rows as { pid: number }[])[0]?.pid ?? 0;
}

serverTest(
  "PostgreSQL: a slow statement hits its limit, which has a name, and is ended",
  server,
  async (running) => {
    await using world = await start(running, { queryTimeout: "300ms" });
    const slow = "select pg_sleep(601)";
    const limit =
      /Cannot ask "db": it takes longer than the queryTimeout of 300ms$/;
    await assert.rejects(world.act("query", { sql: slow }), (error) => {
      assert.ok(error instanceof RetryableError);
      assert.match(error.message, limit);
      return true;
    });
    await assert.rejects(
      world.act("transaction", { statements: [{ sql: slow }] }),
      limit,
    );
    const sleeping = "select count(*) from pg_stat_activity where " +
      "query like '%pg_sleep(601)%' and state = 'active' " +
      "and pid <> pg_backend_pid()";
    await until(async () => (await running.sql(sleeping))[0] === "0");
    await until(() => isHealthy(world));
  },
);

serverTest(
  "PostgreSQL: one statement that is too slow does not end another's",
  server,
  async (running) => {
    const config = { queryTimeout: "400ms", maxOpenConns: 1 };
    await using world = await start(running, config);
    const slow = assert.rejects(
      world.act("query", { sql: "select pg_sleep(600)" }),
      /queryTimeout/,
    );
    await assert.rejects(
      world.act("query", { sql: "select 1" }),
      RetryableError,
    );
    await slow;
    await until(() => isHealthy(world));
  },
);

serverTest(
  "PostgreSQL: nothing acknowledged is lost when the server is killed under load",
  server,
  async (running) => {
    await using world = await start(running, { queryTimeout: "5s" });
    const { table, act, health } = world;
    await act("execute", { sql: `create table ${table} (id int primary key)` });
    const acknowledged: number[] = [];
    let next = 0;
    let isOver = false;
    const client = async () => {
      while (!isOver) {
        const id = next++;
        // An id that was refused is tried again until it is there.
        while (!isOver) {
          try {
            await act("insert", { table, data: { id } });
            acknowledged.push(id);
            break;
          } catch (error) {
            // It took effect, and the answer was lost.
            if (/duplicate key/.test(String(error))) break;
            assert.ok(error instanceof RetryableError, String(error));
            await pause();
          }
        }
      }
    };
    const clients = Array.from({ length: 16 }, client);
    for (let kill = 0; kill < 3; kill++) {
      const before = acknowledged.length;
      await until(() => Promise.resolve(acknowledged.length > before + 300));
      await running.kill();
      const { status, message } = await health();
      assert.equal(status, "degraded");
      assert.ok(!String(message).includes(running.password));
      await running.start();
      await until(() => isHealthy(world));
    }
    isOver = true;
    await Promise.all(clients);
    const found = await running.sql(`select id from ${table}`);
    const kept = new Set(found.map(Number));
    const lost = acknowledged.filter((id) => !kept.has(id));
    assert.deepEqual(lost, []);
    assert.equal(new Set(acknowledged).size, acknowledged.length);
  },
);

serverTest(
  "PostgreSQL: a transaction whose connection is killed has no part that stays",
  server,
  async (running) => {
    await using world = await start(running);
    const { table, act } = world;
    await act("execute", { sql: `create table ${table} (id int primary key)` });
    const statements = [
      { sql: `insert into ${table} values (1)` },
      { sql: "select pg_sleep(602)" },
    ];
    const outcome = assert.rejects(
      act("transaction", { statements }),
      RetryableError,
    );
    const asleep = "select pid from pg_stat_activity where " +
      "query like '%pg_sleep(602)%' and state = 'active' " +
      "and pid <> pg_backend_pid()";
    await until(async () => (await running.sql(asleep)).length === 1);
    await running.sql(
      `select pg_terminate_backend(pid) from (${asleep}) as s`,
    );
    await outcome;
    const found = await act("query", { sql: `select * from ${table}` });
    assert.equal(found.count, 0);
  },
);

Deno.test("PostgreSQL: an application starts without a server, and says so", async () => {
  const password = "never-in-a-message";
  const dsn = `postgres://app:${password}@127.0.0.1:${freePort()}/orders`;
  await using app = await startApplication({
    document: {
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router", dependsOn: ["server"] },
        { name: "probes", type: "health.checker" },
        {
          name: "db",
          type: "database.workflow",
          config: { driver: "postgres", dsn },
        },
      ],
      workflows: { http: { routes: [] } },
    },
    definitions,
    effects,
  });
  const report = await app.request("GET", "/healthz");
  const text = await report.text();
  assert.equal(report.status, 200);
  const { checks, status } = JSON.parse(text);
  assert.equal(status, "degraded");
  assert.match(
    checks["database.db"].message,
    /Cannot use "db": .*ECONNREFUSED/,
  );
  assert.equal((await app.request("GET", "/readyz")).status, 503);
  const told = text + JSON.stringify(app.logs);
  assert.match(told, /ECONNREFUSED/);
  assert.ok(!told.includes(password));
});

serverTest(
  "PostgreSQL: a refused password is told without it, and then a right one helps",
  server,
  async (running) => {
    const role = "create role app login password 'other'";
    await running.sql(role);
    const url = new URL(dsnOf(running));
    url.username = "app";
    url.password = "wrong-password";
    await using world = await start(running, { dsn: url.href });
    const { status, message = "" } = await world.health();
    assert.equal(status, "degraded");
    assert.match(message, /password authentication failed for user "app"/);
    const told = message + JSON.stringify(world.logs);
    assert.ok(!told.includes("wrong-password"));
    await assert.rejects(
      world.act("query", { sql: "select 1" }),
      RetryableError,
    );
    await running.sql("alter role app password 'wrong-password'");
    await until(() => isHealthy(world));
  },
);

serverTest(
  "PostgreSQL: what is under way when the application stops is done first",
  server,
  async (running) => {
    const world = await start(running, { maxOpenConns: 2 });
    const { table, act } = world;
    await act("execute", { sql: `create table ${table} (n int)` });
    const all = Array.from({ length: 20 }, (_, n) =>
      act("query", {
        sql:
          `insert into ${table} select $1::int from pg_sleep(0.02) returning n`,
        args: [n],
      }));
    await Promise.all([world.stop(), ...all]);
    const [count] = await running.sql(`select count(*) from ${table}`);
    assert.equal(count, "20");
    const open = "select count(*) from pg_stat_activity " +
      "where application_name = 'workflow db'";
    await until(async () => (await running.sql(open))[0] === "0");
  },
);

serverTest(
  "PostgreSQL: applications that start at once apply migrations once, in order",
  server,
  async (running) => {
    const folder = await Deno.makeTempDir({ prefix: "migrations_" });
    const files = {
      "001_t.sql": "create table moved (n int);\ninsert into moved values (1);",
      "002_u.sql": "alter table moved add m int; update moved set m = n + 1;",
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const config = { migrationsDir: "." };
    const worlds = await Promise.all(
      [1, 2, 3, 4].map(() => start(running, config, `${folder}/`)),
    );
    for (const world of worlds) {
      assert.ok(await isHealthy(world));
      const found = await world.act("query", { sql: "select * from moved" });
      assert.deepEqual(found.rows, [{ n: 1, m: 2 }]);
      await world.stop();
    }
    const bad =
      "insert into moved values (9, 9); insert into nowhere values (1)";
    await Deno.writeTextFile(join(folder, "003_bad.sql"), bad);
    await assert.rejects(
      start(running, config, `${folder}/`),
      /Cannot apply the migration "003_bad.sql": .*"nowhere" does not exist/,
    );
    assert.deepEqual(await running.sql("select count(*) from moved"), ["1"]);
    await Deno.remove(folder, { recursive: true });
  },
);

serverTest(
  "PostgreSQL: migrations wait for a server that is not there yet",
  server,
  async (running) => {
    const folder = await Deno.makeTempDir({ prefix: "migrations_" });
    await Deno.writeTextFile(
      join(folder, "late_001.sql"),
      "create table late (n int)",
    );
    await running.kill();
    await using world = await start(
      running,
      { migrationsDir: "." },
      `${folder}/`,
    );
    assert.equal((await world.health()).status, "degraded");
    await running.start();
    await until(() =>
      world.act("insert", { table: "late", data: { n: 1 } })
        .then(() => true, (error) => {
          assert.ok(error instanceof RetryableError, String(error));
          return false;
        })
    );
    assert.ok(await isHealthy(world));
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("PostgreSQL: a server that speaks another language is told as such", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const talking = (async () => {
    for await (const socket of listener) {
      connections++;
      socket.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"))
        .catch(() => {}).finally(() => socket.close());
    }
  })();
  const { port } = listener.addr;
  await using world = await startDatabase(
    { driver: "postgres", dsn: `postgres://a:b@127.0.0.1:${port}/c` },
    { effects },
  );
  const { status, message } = await world.health();
  assert.equal(status, "degraded");
  assert.match(String(message), /does not answer within/);
  assert.match(world.logs.join(), /does not answer within 5000 ms/);
  await world.stop();
  assert.ok(connections < 100, `${connections}`);
  listener.close();
  await talking;
});
