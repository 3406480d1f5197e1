/** On a server of its own; where PostgreSQL is not installed, the tests say so. */
import assert from "node:assert/strict";
import { systemEffects } from "../../effects.ts";
import { RetryableError, TerminalError } from "../../errors.ts";
import { insertInto, updateIn } from "./change.ts";
import type { Database, Rows } from "./database.ts";
import { serverOfFile } from "../../../tests/services/postgres_server.ts";
import { serverTest } from "../../../tests/services/server.ts";
import { openDatabase } from "./open_database.ts";

const { clock } = systemEffects();

const { signal } = new AbortController();
const server = await serverOfFile();

type Args = Parameters<Database["run"]>[0]["args"];

/** What a test asks. */
interface World {
  readonly database: Database;
  readonly run: (
    sql: string,
    args?: Args,
    stop?: AbortSignal,
  ) => ReturnType<Database["run"]>;
}

/** Defines a test on the server of this file. */
function onServer(name: string, test: (world: World) => Promise<void>): void {
  serverTest(name, server, async (running) => {
    const database = await openDatabase({
      clock,
      driver: "postgres",
      // The schema in the URL is an option of the store only.
      dsn: running.url().split("?")[0] ?? "",
      maxOpenConns: 2,
      folder: undefined,
    });
    const run: World["run"] = (sql, args = [], stop = signal) =>
      database.run({ sql, args }, stop);
    await test({ database, run });
    await database.close();
  });
}

onServer(
  "PostgreSQL keeps and returns values of every kind",
  async ({ database, run }) => {
    await run(
      "create table t (id bigint primary key, a text, v varchar, j jsonb, " +
        "l int[], d timestamptz, b bytea, n numeric, o boolean)",
    );
    assert.deepEqual(
      await database.run(
        insertInto("postgres", "public.t", {
          id: 1,
          a: "'; drop table t; --",
          v: { text: 1 },
          j: { deep: [1] },
          l: [1, 2],
          d: "2024-02-03T04:05:06Z",
          b: null,
          n: "1.50",
          o: true,
        }),
        signal,
      ),
      { rowsAffected: 1 },
    );
    const found = await run("select * from t where id = $1", [1]);
    assert.deepEqual(found, {
      columns: ["id", "a", "v", "j", "l", "d", "b", "n", "o"],
      rows: [{
        id: "1",
        a: "'; drop table t; --",
        v: '{"text":1}',
        j: { deep: [1] },
        l: [1, 2],
        d: "2024-02-03T04:05:06.000Z",
        b: null,
        n: "1.50",
        o: true,
      }],
      count: 1,
    });
  },
);

onServer(
  "PostgreSQL keeps and returns arrays of every kind",
  async ({ run }) => {
    await run("create type colour as enum ('red', 'dark green')");
    const lists: Readonly<Record<string, Args[number]>> = {
      "int[]": [1, null, 3],
      "float8[]": [1.5, null],
      "bool[]": [true, false, null],
      "text[]": ["a", 'b "c"', "{,}", "NULL", "", null, "\\"],
      "int[][]": [[1, 2], [3, 4]],
      "colour[]::text[]": ["red", "dark green"],
      "jsonb[]": [{ a: 1 }, { b: "x" }],
      "timestamptz[]": ["2024-02-03T04:05:06.000Z"],
      "uuid[]": [],
    };
    for (const [type, list] of Object.entries(lists)) {
      const found = await run(`select $1::${type} as l`, [list ?? null]);
      assert.deepEqual((found as Rows).rows, [{ l: list }], type);
    }
    // A list is no array where JSON is wanted.
    const json = await run("select $1::jsonb as l", [[true, 1]]);
    assert.deepEqual((json as Rows).rows, [{ l: [true, 1] }]);
  },
);

onServer(
  "PostgreSQL: an answer without rows names its columns",
  async ({ run }) => {
    assert.deepEqual(await run("select 1 as id, 2 as a where false"), {
      columns: ["id", "a"],
      rows: [],
      count: 0,
    });
  },
);

onServer(
  "PostgreSQL: an update counts the rows it changed",
  async ({ database, run }) => {
    await run("create table changed (id int, a text)");
    await run("insert into changed values (1, 'old'), (3, 'old')");
    const update = updateIn("postgres", "changed", {
      data: { a: "new" },
      where: "id = $1 or id = $2",
      args: [1, 2],
    });
    assert.deepEqual(await database.run(update, signal), {
      rowsAffected: 1,
    });
    const returned = await run(
      "update changed set a = 'x' where id = 3 returning id",
    );
    assert.deepEqual((returned as { rows: unknown }).rows, [{ id: 3 }]);
  },
);

onServer(
  "PostgreSQL: more rows than the limit are refused",
  async ({ run }) => {
    const series = (count: number) =>
      run("select generate_series(1, $1::int) n", [count]);
    assert.equal((await series(10_000) as { count: number }).count, 10_000);
    await assert.rejects(series(10_001), /more than the limit of 10000/);
  },
);

onServer(
  "PostgreSQL: a wrong statement is final",
  async ({ run }) => {
    await assert.rejects(run("selec"), (error) => {
      assert.ok(error instanceof TerminalError);
      assert.match(error.message, /^Cannot run the statement: .*42601/);
      return true;
    });
    await assert.rejects(run("select 1; select 2"), TerminalError);
    await run("create table keyed (id int primary key)");
    await run("insert into keyed values (1)");
    await assert.rejects(
      run("insert into keyed values (1)"),
      /SQLSTATE 23505/,
    );
  },
);

onServer(
  "PostgreSQL: an aborted statement is cancelled on the server",
  async ({ run }) => {
    const controller = new AbortController();
    const slow = run("select pg_sleep(600)", [], controller.signal);
    const rejected = assert.rejects(slow, /given up/);
    const active = "select count(*)::int as n from pg_stat_activity where " +
      "query like 'select pg_sleep%' and state = 'active'";
    const sleepers = async () => (await run(active) as Rows).rows[0]?.n;
    while (await sleepers() === 0);
    controller.abort(new Error("given up"));
    await rejected;
    while (await sleepers() !== 0);
  },
);

onServer(
  "PostgreSQL is asked over as many connections as maxOpenConns says",
  async ({ run }) => {
    const asked = Array.from(
      { length: 6 },
      () => run("select pg_backend_pid() as pid, pg_sleep(0.05)"),
    );
    const answers = await Promise.all(asked) as Rows[];
    assert.equal(new Set(answers.map(({ rows }) => rows[0]?.pid)).size, 2);
  },
);

Deno.test("a PostgreSQL that does not answer may be asked again", async () => {
  const database = await openDatabase({
    clock,
    driver: "postgresql",
    dsn: "postgres://postgres@127.0.0.1:1/postgres",
    folder: undefined,
  });
  await assert.rejects(
    database.run({ sql: "select 1", args: [] }, signal),
    RetryableError,
  );
  await database.close();
});

Deno.test("a dsn that is no URL is refused without being quoted", async () => {
  await assert.rejects(
    openDatabase({
      clock,
      driver: "postgres",
      dsn: "postgres://user:hunter2@[broken/",
      folder: undefined,
    }),
    (error) => {
      assert.ok(error instanceof TerminalError);
      assert.ok(!error.message.includes("hunter2"));
      return true;
    },
  );
});
