import assert from "node:assert/strict";
import { join } from "node:path";
import { systemEffects } from "../../effects.ts";
import { RetryableError, TerminalError } from "../../errors.ts";
import { deleteFrom, insertInto, updateIn } from "./change.ts";
import type { Database, Rows } from "./database.ts";
import { openDatabase } from "./open_database.ts";

const { clock } = systemEffects();

const { signal } = new AbortController();

async function folder() {
  const path = await Deno.makeTempDir({ prefix: "sqlite_" });
  return {
    path: `${path}/`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const inMemory = () =>
  openDatabase({ clock, driver: "sqlite", dsn: ":memory:", folder: undefined });

async function run(
  database: Database,
  sql: string,
  ...args: Parameters<Database["run"]>[0]["args"]
) {
  return await database.run({ sql, args }, signal);
}

Deno.test("SQLite keeps and returns values of every kind", async () => {
  const database = await inMemory();
  await run(database, "create table t (a, b, c, d, e)");
  const inserted = await run(
    database,
    "insert into t values (?, ?, ?, ?, ?)",
    ...["x'; drop table t; --", 1.5, true, null, { deep: [1] }],
  );
  assert.deepEqual(inserted, { rowsAffected: 1 });
  assert.deepEqual(
    await run(database, "select *, x'0102' as f, 9007199254740993 as g from t"),
    {
      columns: ["a", "b", "c", "d", "e", "f", "g"],
      rows: [{
        a: "x'; drop table t; --",
        b: 1.5,
        c: 1,
        d: null,
        e: '{"deep":[1]}',
        f: "AQI=",
        g: "9007199254740993",
      }],
      count: 1,
    },
  );
  assert.deepEqual(await run(database, "select a from t where false"), {
    columns: ["a"],
    rows: [],
    count: 0,
  });
  await database.close();
});

Deno.test("statements that change rows put names in quotes and values into parameters", async () => {
  const database = await inMemory();
  await run(database, 'create table "order" (id, "group")');
  const say = (statement: Parameters<Database["run"]>[0]) =>
    database.run(statement, signal);
  const odd = 'a" = 1 --';
  await say(insertInto("sqlite", "order", { id: 1, group: odd }));
  await say(insertInto("sqlite", "main.order", { id: 2, group: "b" }));
  assert.deepEqual(
    await say(updateIn("sqlite", "order", {
      data: { group: "c" },
      where: '"group" = ?',
      args: [odd],
    })),
    { rowsAffected: 1 },
  );
  assert.deepEqual(
    await say(deleteFrom("order", { where: "id = ?", args: [2] })),
    { rowsAffected: 1 },
  );
  const { rows } = await run(database, 'select * from "order"') as Rows;
  assert.deepEqual(rows, [{ id: 1, group: "c" }]);
  await database.close();
});

for (const name of ['t"; drop table t; --', "1a", "a.b.c", "", "a b", "a-b"]) {
  Deno.test(`"${name}" is no name in SQL`, () => {
    assert.throws(() => insertInto("sqlite", name, { a: 1 }), TerminalError);
    assert.throws(() => insertInto("sqlite", "t", { [name]: 1 }));
    assert.throws(() => deleteFrom(name, { where: "1", args: [] }));
  });
}

Deno.test("numbered parameters of PostgreSQL follow those of the condition", () => {
  assert.deepEqual(
    updateIn("postgres", "public.t", {
      data: { a: 1, b: 2 },
      where: "id = $1",
      args: [7],
    }),
    {
      sql: 'UPDATE "public"."t" SET "a" = $2, "b" = $3 WHERE id = $1',
      args: [7, 1, 2],
    },
  );
});

Deno.test("SQLite reaches no other file", async () => {
  const database = await inMemory();
  for (
    const sql of [
      "attach database '/tmp/other.db' as other",
      "vacuum into '/tmp/other.db'",
      "select load_extension('/tmp/x')",
    ]
  ) {
    await assert.rejects(run(database, sql), TerminalError, sql);
  }
  await database.close();
});

Deno.test("a SQLite file stands in the document's folder and survives", async () => {
  await using place = await folder();
  const open = (dsn: string) =>
    openDatabase({ clock, driver: "sqlite3", dsn, folder: place.path });
  const database = await open("data.db");
  await run(database, "create table t (a)");
  await run(database, "insert into t values (1)");
  await database.close();
  const again = await open("file:data.db");
  assert.deepEqual(
    (await run(again, "select a from t") as { rows: unknown }).rows,
    [{ a: 1 }],
  );
  await again.close();
});

Deno.test("a SQLite file outside of the document's folder is refused", async () => {
  await using place = await folder();
  await using other = await folder();
  await Deno.symlink(other.path, join(place.path, "link"));
  await Deno.symlink(join(other.path, "x.db"), join(place.path, "x.db"));
  for (
    const dsn of [
      "../x.db",
      join(other.path, "x.db"),
      "link/x.db",
      "x.db",
      "a/../../x.db",
      "nowhere/x.db",
      ".",
    ]
  ) {
    await assert.rejects(
      openDatabase({ clock, driver: "sqlite", dsn, folder: place.path }),
      TerminalError,
      dsn,
    );
  }
  await assert.rejects(
    openDatabase({ clock, driver: "sqlite", dsn: "x.db", folder: undefined }),
    /":memory:" needs none/,
  );
});

Deno.test("a SQLite database that is locked is not waited for", async () => {
  await using place = await folder();
  const open = () =>
    openDatabase({ clock, driver: "sqlite", dsn: "x.db", folder: place.path });
  const [one, two] = [await open(), await open()];
  await run(one, "create table t (a)");
  await run(one, "begin immediate");
  await assert.rejects(run(two, "insert into t values (1)"), RetryableError);
  await one.close();
  await run(two, "insert into t values (1)");
  await two.close();
});

Deno.test("more rows than the limit are refused, and a wrong statement is final", async () => {
  const database = await inMemory();
  const series = (count: number) =>
    run(
      database,
      "with recursive s(n) as (select 1 union all select n + 1 from s where " +
        "n < ?) select n from s",
      count,
    );
  await run(database, "create table t (a)");
  assert.deepEqual(
    await run(database, "insert into t values (1), (2) returning a;"),
    { columns: ["a"], rows: [{ a: 1 }, { a: 2 }], count: 2 },
  );
  assert.deepEqual(await run(database, "select count(*) as n from t -- all"), {
    columns: ["n"],
    rows: [{ n: 2 }],
    count: 1,
  });
  assert.equal((await series(10_000) as { count: number }).count, 10_000);
  await assert.rejects(series(10_001), /more than the limit of 10000/);
  await assert.rejects(run(database, "selec"), TerminalError);
  await assert.rejects(
    run(
      database,
      "with t(n) as (values (1), (-9223372036854775808)) select abs(n) from t",
    ),
    /integer overflow/,
  );
  await assert.rejects(
    database.run({ sql: "select 1", args: [] }, AbortSignal.abort("over")),
    (reason) => reason === "over",
  );
  await database.close();
});
