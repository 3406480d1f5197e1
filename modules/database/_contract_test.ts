/**
 * What every database must do through the module, whichever driver it has. The
 * tests of SQLite stand beside this file, those of PostgreSQL in
 * `tests/services/`.
 */
import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { RefusedError, RetryableError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { startApplication } from "@engine/testing.ts";
import type { Effects } from "@engine/effects.ts";
import workflow from "./workflow.ts";

/** What a test asks. */
export interface World extends AsyncDisposable {
  /** A name that no other test uses. */
  readonly table: string;
  act(
    action: string,
    input: JsonObject,
    signal?: AbortSignal,
  ): Promise<JsonObject>;
  health(): ReturnType<HealthReporter["health"]>;
  readonly logs: readonly string[];
  stop(): Promise<void>;
}

const NEVER = new AbortController().signal;

let tables = 0;

/** Starts an application with one database. */
export async function startDatabase(
  config: JsonObject,
  { folder, effects }: { folder?: string; effects: Effects },
): Promise<World> {
  const app = await startApplication({
    document: { modules: [{ name: "db", type: "database.workflow", config }] },
    definitions: [workflow],
    effects,
    ...folder === undefined ? {} : { folder },
  });
  return {
    table: `t${++tables}`,
    act: async (action, input, signal = NEVER) => {
      const schema = workflow.actions?.[action]?.input;
      const checked = schema?.parse(input) as JsonObject;
      const result = await app.service(Actions, "db").act(action, checked, {
        signal,
        idempotencyKey: "key",
      });
      workflow.actions?.[action]?.output.parse(result);
      return result as JsonObject;
    },
    health: () => app.service(HealthReporter, "db").health(),
    get logs() {
      return app.logs.map(({ message }) => message);
    },
    stop: () => app.stop(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** Texts that would do harm if one of them ever became part of a statement. */
const ATTACKS = [
  "'; drop table t; --",
  '" or 1=1 --',
  "\\'; delete from t; --",
  "$1",
  "?",
  "$$; select pg_sleep(9); $$",
  "/*",
  "x\u0000y",
];

/** Each with a name; the world is stopped after it. */
export const CONTRACT: Readonly<
  Record<string, (world: World) => Promise<void>>
> = {
  async "adds, changes, finds and deletes rows"({ act, table }) {
    await act("execute", {
      sql: `create table ${table} (id text primary key, n integer)`,
    });
    for (const id of ["a", "b", "c"]) {
      assert.deepEqual(
        await act("insert", { table, data: { id, n: 1 } }),
        { rowsAffected: 1 },
      );
    }
    assert.deepEqual(
      await act("update", { table, data: { n: 2 }, where: { id: "a" } }),
      { rowsAffected: 1 },
    );
    assert.deepEqual(
      await act("update", {
        table,
        data: { n: 3 },
        where: "id = $1 or id = $2",
        args: ["b", "x"],
      }),
      { rowsAffected: 1 },
    );
    assert.deepEqual(
      await act("delete", { table, where: { id: "c", n: 1 } }),
      { rowsAffected: 1 },
    );
    assert.deepEqual(
      await act("query", {
        sql: `select id, n from ${table} where n > $2 or id = $1 order by id`,
        args: ["zzz", 1],
      }),
      {
        columns: ["id", "n"],
        rows: [{ id: "a", n: 2 }, { id: "b", n: 3 }],
        count: 2,
      },
    );
    assert.deepEqual(
      await act("query", {
        sql: `insert into ${table} values ($1, $2) returning n`,
        args: ["d", null],
      }),
      { columns: ["n"], rows: [{ n: null }], count: 1 },
    );
    assert.deepEqual(
      await act("delete", { table, where: { n: null } }),
      { rowsAffected: 1 },
    );
  },

  async "changes all rows only where that is said"({ act, table }) {
    await act("execute", { sql: `create table ${table} (n integer)` });
    await act("insert", { table, data: { n: 1 } });
    for (const where of [undefined, "", "  ", {}]) {
      const which = where === undefined ? {} : { where };
      await assert.rejects(
        act("delete", { table, ...which }),
        (error) =>
          error instanceof RefusedError && /"all: true"/.test(error.message),
      );
      await assert.rejects(act("update", { table, data: { n: 2 }, ...which }));
    }
    const update = await act("update", { table, data: { n: 2 }, all: true });
    assert.deepEqual(update, { rowsAffected: 1 });
    assert.deepEqual(await act("delete", { table, all: true }), {
      rowsAffected: 1,
    });
  },

  async "keeps attempts at injection as what they are: data"({ act, table }) {
    await act("execute", { sql: `create table ${table} (v text)` });
    for (const attack of ATTACKS.filter((text) => !text.includes("\0"))) {
      await act("insert", { table, data: { v: attack } });
      const found = await act("query", {
        sql: `select v from ${table} where v = $1 -- '$2' "$3"`,
        args: [attack],
      });
      assert.deepEqual(found.rows, [{ v: attack }]);
      await act("delete", { table, where: { v: attack } });
      for (
        const harm of [
          act("insert", { table: `${table}; ${attack}`, data: { v: 1 } }),
          act("insert", { table, data: { [attack]: 1 } }),
          act("delete", { table, where: { [attack]: 1 } }),
          act("update", { table: attack, data: { v: 1 }, all: true }),
        ]
      ) await assert.rejects(harm, TerminalError);
    }
    const rest = await act("query", { sql: `select * from ${table}` });
    assert.equal(rest.count, 0);
  },

  async "refuses several statements in one text, and transactions in parts"(
    { act, table },
  ) {
    await act("execute", { sql: `create table ${table} (n integer)` });
    for (
      const sql of [
        `insert into ${table} values (1); delete from ${table}`,
        `insert into ${table} values ($1); drop table ${table}`,
        "begin",
        " -- now\n/* x */ COMMIT",
        "savepoint a",
      ]
    ) {
      const args = sql.includes("$1") ? [1] : [];
      await assert.rejects(act("execute", { sql, args }), TerminalError, sql);
    }
    const rest = await act("query", { sql: `select * from ${table};` });
    assert.equal(rest.count, 0);
  },

  async "says which constraint is broken, and no value"({ act, table }) {
    await act("execute", {
      sql: `create table ${table} (id text primary key, ` +
        `n integer not null check (n > 0))`,
    });
    await act("insert", { table, data: { id: "secret-1", n: 1 } });
    const broken: [JsonObject, string][] = [
      [{ id: "secret-1", n: 5 }, "already-exists"],
      [{ id: "secret-2", n: null }, "invalid-input"],
      [{ id: "secret-2", n: -77 }, "invalid-input"],
    ];
    for (const [data, code] of broken) {
      await assert.rejects(act("insert", { table, data }), (error) => {
        assert.ok(error instanceof RefusedError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, /constraint/);
        assert.doesNotMatch(error.message, /secret|77/);
        return true;
      });
    }
  },

  async "takes back a whole transaction where one statement fails"(
    { act, table },
  ) {
    await act("execute", {
      sql: `create table ${table} (id integer primary key)`,
    });
    const insert = (id: number) => ({
      sql: `insert into ${table} values ($1)`,
      args: [id],
    });
    await assert.rejects(
      act("transaction", { statements: [insert(1), insert(2), insert(1)] }),
      RefusedError,
    );
    const none = await act("query", { sql: `select * from ${table}` });
    assert.equal(none.count, 0);
    assert.deepEqual(
      await act("transaction", {
        statements: [
          insert(1),
          insert(2),
          { sql: `select id from ${table} order by id` },
          { sql: `delete from ${table} where id = $1`, args: [2] },
        ],
      }),
      {
        results: [
          { rowsAffected: 1 },
          { rowsAffected: 1 },
          { columns: ["id"], rows: [{ id: 1 }, { id: 2 }], count: 2 },
          { rowsAffected: 1 },
        ],
      },
    );
  },

  async "keeps many changes that are asked at once, each for itself"(
    { act, table },
  ) {
    await act("execute", {
      sql: `create table ${table} (id integer primary key)`,
    });
    const ids = Array.from({ length: 200 }, (_, n) => n % 150);
    const results = await Promise.allSettled(
      ids.map((id) => act("insert", { table, data: { id } })),
    );
    const failed = results.filter(({ status }) => status === "rejected");
    assert.equal(failed.length, 50);
    const found = await act("query", { sql: `select id from ${table}` });
    assert.equal(found.count, 150);
  },

  async "has changed a row by the time that it returns it"({ act, table }) {
    await act("execute", { sql: `create table ${table} (n integer)` });
    const sql = `insert into ${table} values ($1) returning n`;
    for (let n = 1; n <= 30; n++) {
      await act("query", { sql, args: [n] });
      const rows = await Promise.all(
        [1, 2, 3].map(() => act("query", { sql: `select n from ${table}` })),
      );
      assert.deepEqual(rows.map(({ count }) => count), [n, n, n]);
    }
  },

  async "keeps bytes, JSON and whole numbers of any size"({ act, table }) {
    await act("execute", {
      sql: `create table ${table} (b ${BYTES}, j text, n bigint)`,
    });
    await act("insert", {
      table,
      data: {
        b: { $bytes: "AQL/" },
        j: { deep: [1] },
        n: "9007199254740993",
      },
    });
    const { rows } = await act("query", { sql: `select * from ${table}` });
    assert.deepEqual(rows, [
      { b: "AQL/", j: '{"deep":[1]}', n: "9007199254740993" },
    ]);
    await assert.rejects(
      act("insert", { table, data: { b: { $bytes: "no base64!" } } }),
      /no base64/,
    );
  },

  async "wants a value for each parameter"({ act, table }) {
    await act("execute", { sql: `create table ${table} (a text, b text)` });
    const sql = `insert into ${table} values ($1, $2)`;
    for (const args of [[], ["x"], ["x", "y", "z"]]) {
      await assert.rejects(act("execute", { sql, args }), TerminalError);
    }
  },

  async "does nothing for whoever has given up"({ act, table }) {
    await act("execute", { sql: `create table ${table} (n integer)` });
    const given = AbortSignal.abort(new Error("given up"));
    await assert.rejects(
      act("insert", { table, data: { n: 1 } }, given),
      /given up/,
    );
    const found = await act("query", { sql: `select * from ${table}` });
    assert.equal(found.count, 0);
  },

  async "is healthy, and refuses what comes after its end"(
    { act, health, stop },
  ) {
    assert.deepEqual(await health(), { status: "healthy" });
    await stop();
    await assert.rejects(
      act("query", { sql: "select 1" }),
      (error) =>
        error instanceof RetryableError && /it stops/.test(error.message),
    );
  },
};

/** SQLite takes any name of a type, PostgreSQL has one for bytes. */
const BYTES = "bytea";
