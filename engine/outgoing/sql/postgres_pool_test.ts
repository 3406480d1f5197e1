/** What becomes of connections to PostgreSQL that are closed, lost or given up. */
import assert from "node:assert/strict";
import { systemEffects } from "../../effects.ts";
import { RetryableError } from "../../errors.ts";
import type { Rows } from "./database.ts";
import {
  type PostgresServer,
  serverOfFile,
} from "../../../tests/services/postgres_server.ts";
import { serverTest } from "../../../tests/services/server.ts";
import { openDatabase } from "./open_database.ts";
import { GIVEN_UP_MS } from "./postgres_pool.ts";

const { clock } = systemEffects();

/** Times that each kind of work is killed. */
const KILLS = 10;

const { signal } = new AbortController();
const server = await serverOfFile();

/** Unlike the clock's, it keeps the process alive. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The schema in the URL is an option of the store only. */
const dsnOf = (running: PostgresServer) => running.url().split("?")[0] ?? "";

function open(dsn: string, maxOpenConns = 1, theClock = clock) {
  const folder = undefined;
  return openDatabase({
    ...{ clock: theClock, driver: "postgres", dsn, maxOpenConns, folder },
  });
}

serverTest(
  "PostgreSQL: a transaction that is under way when the database is closed is done first",
  server,
  async (running) => {
    const database = await open(dsnOf(running), 2);
    const run = (sql: string) => database.run({ sql, args: [] }, signal);
    await run("create table closed_over (id int)");
    const insert = (id: number) => ({
      sql: `insert into closed_over select ${id} from pg_sleep(0.05)`,
      args: [],
    });
    const done = database.transact([insert(1), insert(2)], signal);
    // Both connections are in use: this one waits, and is told.
    const other = database.transact([insert(3)], signal);
    const late = assert.rejects(
      database.transact([insert(4)], signal),
      /it is closed/,
    );
    await database.close();
    await late;
    assert.deepEqual(await Promise.all([done, other]), [
      [{ rowsAffected: 1 }, { rowsAffected: 1 }],
      [{ rowsAffected: 1 }],
    ]);
  },
);

serverTest(
  "PostgreSQL: a database that is closed waits for no transaction once it may not",
  server,
  async (running) => {
    const database = await open(dsnOf(running), 2);
    const run = (sql: string) => database.run({ sql, args: [] }, signal);
    const controller = new AbortController();
    const slow = [{ sql: "select pg_sleep(604)", args: [] }];
    const stopped = assert.rejects(
      database.transact(slow, signal),
      RetryableError,
    );
    await run("select 1");
    const closed = database.close(controller.signal);
    controller.abort();
    await closed;
    await stopped;
  },
);

serverTest(
  "PostgreSQL: whatever a connection is killed at, the only one is there again at once",
  server,
  async (running) => {
    const database = await open(dsnOf(running));
    const run = (sql: string) => database.run({ sql, args: [] }, signal);
    await run("create table survived (id int)");
    const work = {
      transaction: (sleep: string) =>
        database.transact([
          { sql: "insert into survived values (1)", args: [] },
          { sql: sleep, args: [] },
          { sql: "insert into survived values (2)", args: [] },
        ], signal),
      statement: run,
      change: (sleep: string) => run(`insert into survived ${sleep}`),
    };
    for (let n = 0; n < KILLS; n++) {
      for (const [name, begin] of Object.entries(work)) {
        const sleep = `select 1 from pg_sleep(${600 + n}) as "${name}"`;
        const doomed = assert.rejects(begin(sleep), RetryableError);
        const pid = "select pid from pg_stat_activity where pid <> " +
          `pg_backend_pid() and query like '%"${name}"%' and state = 'active'`;
        let found: string[] = [];
        while (found.length === 0) found = await running.sql(pid);
        await running.sql(`select pg_terminate_backend(${found[0]})`);
        await doomed;
        const { rows } = await run(
          "select count(*)::int as n from survived",
        ) as Rows;
        assert.deepEqual(rows, [{ n: 0 }], name);
      }
    }
    await database.close();
  },
);

serverTest(
  "PostgreSQL: a connection whose other end is not there any more is left when work is given up",
  server,
  async (running) => {
    const dsn = new URL(dsnOf(running));
    await using line = new Line(Number(dsn.port));
    dsn.port = String(line.port);
    const left = Promise.withResolvers<void>();
    const after = (ms: number, callback: () => void) => {
      if (ms !== GIVEN_UP_MS) return clock.after(ms, callback);
      return clock.after(10, () => {
        callback();
        left.resolve();
      });
    };
    const database = await open(dsn.href, 1, { ...clock, after });
    const pid = async (stop = signal) => {
      const statement = { sql: "select pg_backend_pid() as pid", args: [] };
      const { rows } = await database.run(statement, stop) as Rows;
      return rows[0]?.pid;
    };
    const first = await pid();
    assert.equal(await pid(), first);
    line.cut();
    const controller = new AbortController();
    const given = assert.rejects(pid(controller.signal), /given up/);
    await line.lost;
    controller.abort(new Error("given up"));
    await given;
    await left.promise;
    assert.notEqual(await pid(), first);
    await database.close();
  },
);

serverTest(
  "PostgreSQL: whoever gives up takes nothing from those on the same connection",
  server,
  async (running) => {
    const database = await open(dsnOf(running));
    const change = (count: number, stop = signal) =>
      database.run({
        sql: `insert into shared select from generate_series(1, ${count}), ` +
          "pg_sleep(0.05)",
        args: [],
      }, stop);
    await database.run({ sql: "create table shared ()", args: [] }, signal);
    const controller = new AbortController();
    const all = [change(1), change(2, controller.signal), change(3), change(4)];
    const settled = Promise.allSettled(all);
    // The first one is under way, and the others are behind it.
    const active = "select 1 from pg_stat_activity where " +
      "query like 'insert into shared%' and state = 'active'";
    while ((await running.sql(active)).length === 0);
    controller.abort(new Error("given up"));
    const outcomes = (await settled).map((one) =>
      one.status === "fulfilled" ? one.value : String(one.reason)
    );
    assert.deepEqual(outcomes, [
      { rowsAffected: 1 },
      "Error: given up",
      { rowsAffected: 3 },
      { rowsAffected: 4 },
    ]);
    await database.close();
  },
);

serverTest(
  "PostgreSQL: a connection that is lost with others behind it leaves no session",
  server,
  async (running) => {
    const database = await open(`${dsnOf(running)}?application_name=lost`);
    const run = (sql: string) => database.run({ sql, args: [] }, signal);
    await run("select 1");
    const lost = Promise.allSettled([
      run("select pg_sleep(605)"),
      run("select 1"),
      run("select 2"),
    ]);
    const asleep = "select pid from pg_stat_activity where " +
      "query like 'select pg_sleep(605)%' and state = 'active'";
    let pids: string[] = [];
    while (pids.length === 0) pids = await running.sql(asleep);
    await running.sql(`select pg_terminate_backend(${pids[0]})`);
    await lost;
    await run("select 3");
    await database.close();
    // Longer than the library waits before it connects again.
    await pause(100);
    const sessions = "select count(*) from pg_stat_activity where " +
      "application_name = 'lost'";
    while ((await running.sql(sessions))[0] !== "0") await pause(10);
  },
);

serverTest(
  "PostgreSQL: a statement that is given up where its server has gone ends no process",
  server,
  async (running) => {
    const dsn = new URL(dsnOf(running));
    await using line = new Line(Number(dsn.port));
    dsn.port = String(line.port);
    const database = await open(dsn.href);
    const run = (stop: AbortSignal) =>
      database.run({ sql: "select 1", args: [] }, stop);
    await run(signal);
    line.cut();
    const controller = new AbortController();
    const given = assert.rejects(run(controller.signal), /given up/);
    await line.lost;
    // Whoever wants to end it connects anew, and is refused.
    line.close();
    controller.abort(new Error("given up"));
    await given;
    await pause(50);
    await database.close(AbortSignal.abort());
  },
);

/** A way to a port, which can be cut without that either end is told. */
class Line implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: number;
  readonly #ends = new Set<Deno.TcpConn>();
  readonly #done: Promise<void>;
  readonly #lost = Promise.withResolvers<void>();
  #cut = new AbortController();
  #isClosed = false;

  constructor(target: number) {
    this.#target = target;
    this.#done = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Resolves when something was sent that did not arrive. */
  get lost(): Promise<void> {
    return this.#lost.promise;
  }

  /** Whoever is connected hears nothing any more. */
  cut(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  /** Nobody is let in any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      const far = await Deno.connect({ port: this.#target });
      const { signal } = this.#cut;
      void this.#carry(near, far, signal);
      void this.#carry(far, near, signal);
    }
  }

  async #carry(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    cut: AbortSignal,
  ): Promise<void> {
    this.#ends.add(from);
    const bytes = new Uint8Array(16_384);
    try {
      for (;;) {
        const count = await from.read(bytes);
        if (cut.aborted) return this.#lost.resolve();
        if (count === null) return void to.closeWrite().catch(() => {});
        await to.write(bytes.subarray(0, count));
      }
    } catch {
      // The other end has gone.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#done;
    for (const end of this.#ends) end.close();
  }
}
