import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { JsonObject } from "@engine/define.ts";
import { systemEffects } from "@engine/effects.ts";
import { RetryableError } from "@engine/errors.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { CONTRACT, startDatabase } from "./_contract_test.ts";

async function folder() {
  const path = await Deno.makeTempDir({ prefix: "database_" });
  return {
    path: `${path}/`,
    write: async (files: Readonly<Record<string, string>>) => {
      await Deno.mkdir(join(path, "migrations"), { recursive: true });
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeTextFile(join(path, "migrations", name), text);
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const FILE = { driver: "sqlite", dsn: "test.db" };

const start = (
  { path }: { readonly path: string },
  config: JsonObject = {},
) =>
  startDatabase({ ...FILE, ...config }, {
    folder: path,
    effects: systemEffects(),
  });

for (const [name, test] of Object.entries(CONTRACT)) {
  Deno.test(`SQLite in memory ${name}`, async () => {
    const config = { driver: "sqlite3", dsn: ":memory:" };
    await using world = await startDatabase(config, {
      effects: simulatedEffects(),
    });
    await test(world);
  });

  Deno.test(`SQLite in a file ${name}`, async () => {
    await using place = await folder();
    await using world = await start(place);
    await test(world);
  });
}

Deno.test("SQLite keeps what it has acknowledged across a restart", async () => {
  await using place = await folder();
  {
    await using world = await start(place);
    await world.act("execute", { sql: "create table t (n integer)" });
    const all = Array.from(
      { length: 100 },
      (_, n) => world.act("insert", { table: "t", data: { n } }),
    );
    // What is under way when the module stops is done first.
    await world.stop();
    await Promise.all(all);
  }
  await using world = await start(place);
  const { count } = await world.act("query", { sql: "select n from t" });
  assert.equal(count, 100);
});

Deno.test("SQLite is degraded while it is full, and loses nothing", async () => {
  await using place = await folder();
  await using world = await start(place, { maxBytes: 64 * 1_024 });
  await world.act("execute", { sql: "create table t (n integer, v text)" });
  const insert = (n: number) =>
    world.act("insert", { table: "t", data: { n, v: "x".repeat(1_000) } });
  let kept = 0;
  await assert.rejects(
    async () => {
      while (true) await insert(kept).then(() => kept++);
    },
    (error) => error instanceof RetryableError && /is full/.test(error.message),
  );
  assert.ok(kept > 10);
  const { status, message } = await world.health();
  assert.equal(status, "degraded");
  assert.match(String(message), /is full/);
  // Of several at once those that fit are kept.
  const small = Array.from({ length: 8 }, (_, n) => insert(1_000 + n));
  const results = await Promise.allSettled(small);
  kept += results.filter(({ status }) => status === "fulfilled").length;
  const found = await world.act("query", { sql: "select n from t" });
  assert.equal(found.count, kept);
  await world.act("delete", { table: "t", where: "n >= $1", args: [5] });
  await insert(5);
  assert.deepEqual(await world.health(), { status: "healthy" });
});

Deno.test("SQLite: a slow statement hits its limit, which has a name", async () => {
  await using place = await folder();
  await using world = await start(place, { queryTimeout: "200ms" });
  const slow =
    "with recursive s(n) as (select 1 union all select n + 1 from s " +
    "where n < $1) select count(*) as n from s";
  await assert.rejects(
    world.act("query", { sql: slow, args: [2_000_000] }),
    /"db": it takes longer than the queryTimeout of 200ms; it may still/,
  );
  assert.equal((await world.health()).status, "degraded");
  while ((await world.health()).status !== "healthy");
});

Deno.test("SQLite waits for a lock of another process", async () => {
  await using place = await folder();
  await using world = await start(place);
  await world.act("execute", { sql: "create table t (n integer)" });
  const other = new DatabaseSync(join(place.path, "test.db"));
  other.exec("begin immediate");
  const inserts = Promise.all(
    [1, 2].map((n) => world.act("insert", { table: "t", data: { n } })),
  );
  other.exec("commit");
  other.close();
  assert.deepEqual(await inserts, [{ rowsAffected: 1 }, { rowsAffected: 1 }]);
});

Deno.test("SQLite cannot start outside of its folder", async () => {
  await using place = await folder();
  await assert.rejects(start(place, { dsn: "../x.db" }), /outside/);
  await assert.rejects(start(place, { dsn: "nowhere/x.db" }), /not exist/);
  await Deno.writeTextFile(
    join(place.path, "text.db"),
    "no database".repeat(99),
  );
  await assert.rejects(start(place, { dsn: "text.db" }), /not a database/);
});

Deno.test("migrations are applied in order, each once", async () => {
  await using place = await folder();
  await place.write({
    "002_more.sql": "insert into t values (1); insert into t values (2);",
    "001_t.sql": "create table t (n integer);",
    "notes.txt": "no migration",
  });
  const config = { migrationsDir: "migrations" };
  const rows = async () => {
    await using world = await start(place, config);
    return (await world.act("query", { sql: "select n from t" })).rows;
  };
  assert.deepEqual(await rows(), [{ n: 1 }, { n: 2 }]);
  assert.deepEqual(await rows(), [{ n: 1 }, { n: 2 }]);
  await place.write({ "003_three.sql": "insert into t values (3)" });
  assert.deepEqual((await rows() as unknown[]).length, 3);
});

Deno.test("two processes that start at once apply migrations once", async () => {
  await using place = await folder();
  await place.write({
    "001_t.sql": "create table t (n integer); insert into t values (1);",
    "002_u.sql": "insert into t values (2);",
  });
  const config = { migrationsDir: "migrations" };
  const worlds = await Promise.all([1, 2, 3].map(() => start(place, config)));
  for (const world of worlds) {
    const found = await world.act("query", { sql: "select n from t" });
    assert.equal(found.count, 2);
    await world.stop();
  }
});

Deno.test("a migration that fails takes itself back and stops the start", async () => {
  await using place = await folder();
  await place.write({
    "001_t.sql": "create table t (n integer);",
    "002_bad.sql": "insert into t values (1); insert into nowhere values (1);",
  });
  const config = { migrationsDir: "migrations" };
  await assert.rejects(
    start(place, config),
    /Cannot apply the migration "002_bad.sql": .*no such table: nowhere/,
  );
  await place.write({ "002_bad.sql": "insert into t values (7);" });
  await using world = await start(place, config);
  const found = await world.act("query", { sql: "select n from t" });
  assert.deepEqual(found.rows, [{ n: 7 }]);
  await place.write({ "001_t.sql": "create table t (m integer);" });
  await assert.rejects(
    start(place, config),
    /"001_t.sql": its file has changed/,
  );
  await assert.rejects(
    start(place, { migrationsDir: "nowhere" }),
    /Cannot read the migrations/,
  );
});
