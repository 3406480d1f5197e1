import assert from "node:assert/strict";
import { systemEffects } from "../../engine/effects.ts";
import { openStore } from "../../engine/store/open.ts";
import { postgresStore } from "../../engine/store/postgres.ts";
import { RECONNECT_MS } from "../../engine/store/postgres_client.ts";
import { ANSWER_MS } from "../../engine/store/postgres_session.ts";
import type { Store } from "../../engine/store/store.ts";
import { UnreachableError } from "../../engine/store/unreachable.ts";
import { type PostgresServer, serverOfFile } from "./postgres_server.ts";
import { serverTest } from "./server.ts";

const { clock } = systemEffects();
const server = await serverOfFile();
const WRITERS = 20;

serverTest(
  "postgresStore() loses and repeats no commit when sessions end under it",
  server,
  async (server) => {
    await writeWhile(server, async (progress) => {
      for (let round = 0; round < 8; round++) {
        await progress(150);
        await server.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
            "WHERE application_name = 'workflow'",
        );
      }
    });
  },
);

serverTest(
  "postgresStore() loses and repeats no commit when a backend is killed",
  server,
  async (server) => {
    // PostgreSQL then ends all other sessions, too, and recovers.
    await writeWhile(server, async (progress) => {
      for (let round = 0; round < 3; round++) {
        await progress(150);
        const pids = await server.sql(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'workflow'",
        );
        await server.signal(Number(pids[round % pids.length]), "KILL");
      }
    });
  },
);

serverTest(
  "postgresStore() loses and repeats no commit when the server is killed",
  server,
  async (server) => {
    await writeWhile(server, async (progress) => {
      for (let round = 0; round < 3; round++) {
        await progress(150);
        await server.kill();
        await server.start();
      }
    });
  },
);

serverTest(
  "postgresStore() waits with reads and unsent commits until the server is back",
  server,
  async (server) => {
    // Every failed try asks what time it is, which tells that the loss is known.
    let looks = 0;
    const counting = { ...clock, elapsed: () => (looks++, clock.elapsed()) };
    const store = await postgresStore(server.url(), { clock: counting });
    await store.commit({ sets: [{ key: ["a", 1], value: 1 }] });
    await server.kill();
    const read = store.get(["a", 1]);
    while (looks < 5) await new Promise((resolve) => setTimeout(resolve));
    const listed = Array.fromAsync(store.list({ prefix: ["a"] }));
    const committed = store.commit({
      checks: [{ key: ["b"], version: undefined }],
      sets: [{ key: ["b"], value: 2 }],
    });
    await server.start();
    assert.equal((await read)?.value, 1);
    assert.equal((await listed).length, 1);
    assert.equal((await committed).ok, true);
    assert.equal((await store.get(["b"]))?.value, 2);
    await store.close();
  },
);

serverTest(
  "a watch goes on after the server was away",
  server,
  async (server) => {
    const url = server.url();
    const store = await open(url);
    const { signal } = new AbortController();
    const watch = store.watch([["a"]], signal)[Symbol.asyncIterator]();
    await watch.next();
    let next = watch.next();
    await server.kill();
    await server.start();
    const other = await open(url);
    for (const value of [1, 2]) {
      await other.commit({ sets: [{ key: ["a"], value }] });
      assert.equal((await next).value?.[0]?.value, value);
      next = watch.next();
    }
    await other.close();
    await store.close();
    assert.equal((await next).done, true);
  },
);

serverTest(
  "postgresStore() gives up on a server that stays away, and says so",
  server,
  async (server) => {
    let elapsedMs = 0;
    const hasty = { ...clock, elapsed: () => elapsedMs += RECONNECT_MS / 3 };
    const store = await postgresStore(server.url(), { clock: hasty });
    await server.kill();
    try {
      const message =
        /^Cannot \w+( to)? store "postgres:\/\/\*\*\*@127.0.0.1:\d+\/postgres": the server cannot be reached \(.*ECONNREFUSED.*\)$/;
      await assert.rejects(store.get(["a"]), {
        name: "UnreachableError",
        message,
      });
      await assert.rejects(
        store.commit({ sets: [{ key: ["a"], value: 1 }] }),
        (error: Error) => {
          assert.ok(error instanceof UnreachableError);
          assert.match(error.message, message);
          return !error.mayBeCommitted;
        },
      );
      await store.close();
    } finally {
      await server.start();
    }
  },
);

serverTest(
  "postgresStore() calls a commit without an answer uncertain, and it never happens later",
  server,
  async (server) => {
    // The session that has the commit is stopped like a machine that hangs. The timer
    // for the answer is called by hand.
    const timers = new Set<() => void>();
    const url = server.url();
    const manual = {
      ...clock,
      after(ms: number, callback: () => void) {
        if (ms === ANSWER_MS) timers.add(callback);
        return () => timers.delete(callback);
      },
    };
    const store = await postgresStore(url, { clock: manual });
    await store.commit({ sets: [{ key: ["a"], value: 1 }] });
    const pids = await sessions(server);
    for (const pid of pids) await server.signal(pid, "STOP");
    const commit = store.commit({ sets: [{ key: ["a"], value: 2 }] });
    const rejected = assert.rejects(commit, (error: Error) => {
      assert.ok(error instanceof UnreachableError);
      assert.match(error.message, /^Cannot tell whether a commit to store /);
      assert.match(error.message, /\(No answer within 30000 ms\)/);
      return error.mayBeCommitted;
    });
    while (timers.size === 0) await Promise.resolve();
    for (const callback of timers) callback();
    // What was stopped goes on once it is told to end; if it never is, too late.
    for (let looks = 0; looks < 200; looks++) {
      const [ending] = await server.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' " +
          "AND query LIKE '%pg_terminate_backend%' AND pid <> pg_backend_pid()",
      );
      if (ending === "1") break;
    }
    for (const pid of pids) await server.signal(pid, "CONT");
    await rejected;
    while ((await sessions(server)).some((pid) => pids.includes(pid)));
    const others = await open(url);
    assert.equal((await others.get(["a"]))?.value, 1);
    const again = await store.commit({ sets: [{ key: ["a"], value: 3 }] });
    assert.equal(again.ok, true);
    assert.equal((await others.get(["a"]))?.value, 3);
    await others.close();
    await store.close();
  },
);

serverTest(
  "postgresStore() never shows the password",
  server,
  async (server) => {
    const right = server.url();
    const refused: [string, RegExp][] = [
      [right.replace(server.password, "secret-9"), /SQLSTATE 28P01/],
      [right.replace("/postgres?", "/absent?"), /SQLSTATE 3D000/],
      [right.replace(/:\d+\/postgres/, ":1/postgres"), /ECONNREFUSED/],
      [
        right.replace("127.0.0.1", "no.such.host.invalid"),
        /ENOTFOUND|EAI_AGAIN/,
      ],
    ];
    for (const [url, reason] of refused) {
      await assert.rejects(open(url), (error: Error) => {
        assert.match(error.message, /^Cannot open store "postgres:\/\/\*\*\*@/);
        assert.match(error.message, reason);
        assertHidden(error, [server.password, "secret-9"]);
        return true;
      });
    }
    const store = await open(right);
    await server.sql(
      `DROP SCHEMA ${new URL(right).searchParams.get("schema")} CASCADE`,
    );
    for (
      const use of [
        () => store.get(["a"]),
        () => store.commit({ sets: [{ key: ["a"], value: "secret-9" }] }),
      ]
    ) {
      await assert.rejects(use, (error: Error) => {
        assert.match(error.message, /SQLSTATE/);
        assertHidden(error, [server.password, "secret-9"]);
        return true;
      });
    }
    await store.close();
  },
);

function assertHidden(error: Error, secrets: readonly string[]): void {
  const shown = Deno.inspect(error, { depth: 20, showHidden: true }) +
    JSON.stringify(error) + error.stack;
  for (const secret of secrets) {
    assert.ok(!shown.includes(secret), `shows ${secret}: ${shown}`);
  }
}

/**
 * Writes from two stores, one with groups and one without, while `disturb` runs.
 * Each writer has keys of its own and checks the version that it knows, so a
 * commit that is repeated conflicts with itself.
 */
async function writeWhile(
  server: PostgresServer,
  disturb: (progress: (commits: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const url = server.url();
  const stores = [await open(url), await postgresStore(url, { clock })];
  const count = {
    acknowledged: 0,
    uncertain: 0,
    failure: undefined as unknown,
  };
  let isDone = false;
  const writers = Array.from(
    { length: WRITERS },
    async (_, writer) => {
      const store = stores[writer % 2];
      assert.ok(store);
      for (let number = 1; !isDone; number++) {
        await writeOnce(store, writer, number, count);
      }
    },
  );
  const written = Promise.all(writers).catch((error) => {
    count.failure = error;
    throw error;
  });
  await Promise.all([
    disturb(async (commits) => {
      const until = count.acknowledged + commits;
      while (count.acknowledged < until) {
        if (count.failure !== undefined) throw count.failure;
        await clock.sleep(5);
      }
    }).finally(() => isDone = true),
    written,
  ]);
  // Else nothing was put to the test.
  assert.ok(count.uncertain > 0, "no commit was uncertain");
  for (const store of stores) await store.close();
}

/** Adds a row and counts it; whatever happens, both are there or none. */
async function writeOnce(
  store: Store,
  writer: number,
  number: number,
  count: { acknowledged: number; uncertain: number },
): Promise<void> {
  const keys = [["count", writer], ["row", writer, number]];
  const read = async () => await store.getMany(keys);
  const [before, absent] = await read();
  assert.equal(
    before?.value ?? 0,
    number - 1,
    "an acknowledged commit is lost",
  );
  assert.equal(absent, undefined);
  for (let isThere = false; !isThere;) {
    const [counter] = await read();
    try {
      const result = await store.commit({
        checks: [{ key: ["count", writer], version: counter?.version }],
        sets: keys.map((key) => ({ key, value: number })),
      });
      assert.equal(result.ok, true, "a commit met itself");
      count.acknowledged++;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      assert.equal(error.mayBeCommitted, true);
      count.uncertain++;
    }
    const [after, row] = await read();
    assert.equal(row?.version, row && after?.version, "half of a commit");
    isThere = row !== undefined;
    assert.equal(after?.value ?? 0, isThere ? number : number - 1);
  }
}

async function sessions(server: PostgresServer): Promise<number[]> {
  const pids = await server.sql(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'workflow' " +
      "ORDER BY pid",
  );
  return pids.map(Number);
}

function open(url: string) {
  return openStore(url, { now: Date.now });
}
