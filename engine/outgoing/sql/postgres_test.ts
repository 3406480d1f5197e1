/**
 * On a server of its own, which the first test starts and the last one ends.
 * Where PostgreSQL is not installed there is nothing to ask, and this is said.
 */
import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "../../errors.ts";
import { insertInto, updateIn } from "./change.ts";
import type { Rows } from "./database.ts";
import { openDatabase } from "./open_database.ts";

const BINARIES = "/usr/lib/postgresql/15/bin";
const isInstalled = await Deno.stat(`${BINARIES}/initdb`)
  .then(() => true, () => false);
const { signal } = new AbortController();

/** As the user "postgres" where this is root, which the server refuses to be. */
async function command(line: string): Promise<void> {
  const [program, ...args] = Deno.uid() === 0
    ? ["su", "postgres", "-c", line]
    : ["sh", "-c", line];
  const { success, stderr } = await new Deno.Command(program ?? "", {
    args,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function startServer() {
  const folder = await Deno.makeTempDir({ prefix: "postgres_" });
  await Deno.chmod(folder, 0o777);
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr as Deno.NetAddr;
  probe.close();
  await command(
    `${BINARIES}/initdb -D ${folder}/data -A trust -U postgres -N`,
  );
  await command(
    `${BINARIES}/pg_ctl -w -D ${folder}/data -l ${folder}/log -o ` +
      `'-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off' start`,
  );
  return {
    dsn: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      await command(`${BINARIES}/pg_ctl -m immediate -D ${folder}/data stop`);
      await command(`rm -rf ${folder}/data ${folder}/log`);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test({
  name: "PostgreSQL is asked with parameters, within limits",
  ignore: !isInstalled,
  async fn(test) {
    await using server = await startServer();
    const database = await openDatabase({
      driver: "postgres",
      dsn: server.dsn,
      maxOpenConns: 2,
      folder: undefined,
    });
    const run = (
      sql: string,
      args: Parameters<typeof database["run"]>[0]["args"] = [],
      stop = signal,
    ) => database.run({ sql, args }, stop);

    await test.step("it keeps and returns values of every kind", async () => {
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
    });

    await test.step("an answer without rows names its columns", async () => {
      assert.deepEqual(await run("select id, a from t where false"), {
        columns: ["id", "a"],
        rows: [],
        count: 0,
      });
    });

    await test.step("an update counts the rows it changed", async () => {
      const update = updateIn("postgres", "t", {
        data: { a: "new" },
        where: "id = $1 or id = $2",
        args: [1, 2],
      });
      assert.deepEqual(await database.run(update, signal), {
        rowsAffected: 1,
      });
      const returned = await run("update t set a = 'x' returning id");
      assert.deepEqual((returned as { rows: unknown }).rows, [{ id: "1" }]);
    });

    await test.step("more rows than the limit are refused", async () => {
      const series = (count: number) =>
        run("select generate_series(1, $1::int) n", [count]);
      assert.equal((await series(10_000) as { count: number }).count, 10_000);
      await assert.rejects(series(10_001), /more than the limit of 10000/);
    });

    await test.step("a wrong statement is final", async () => {
      await assert.rejects(run("selec"), (error) => {
        assert.ok(error instanceof TerminalError);
        assert.match(error.message, /^Cannot run the statement: .*42601/);
        return true;
      });
      await assert.rejects(run("select 1; select 2"), TerminalError);
      await assert.rejects(
        run("insert into t (id) values (1)"),
        /SQLSTATE 23505/,
      );
    });

    await test.step("an aborted statement is cancelled on the server", async () => {
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
    });
    await database.close();
  },
});

Deno.test("a PostgreSQL that does not answer may be asked again", async () => {
  const database = await openDatabase({
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
