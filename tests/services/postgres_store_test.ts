import assert from "node:assert/strict";
import { systemEffects } from "../../engine/effects.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { testStore } from "../../engine/store/contract.ts";
import { openStore } from "../../engine/store/open.ts";
import { postgresStore, SWEEP_MS } from "../../engine/store/postgres.ts";
import { WATCH_POLL_MS } from "../../engine/store/postgres_watch.ts";
import { serverOfFile } from "./postgres_server.ts";
import { serverTest } from "./server.ts";

const { clock } = systemEffects();
const server = await serverOfFile();

if (typeof server === "string") {
  serverTest("postgresStore() keeps the contract of stores", server, never);
} else {
  testStore("postgresStore()", async () => {
    let time = 1_000;
    const store = await postgresStore(server.url(), { clock, now: () => time });
    return { store, advance: (ms) => time += ms };
  }, { hasClock: true });

  testStore("openStore() of postgres:", async () => ({
    store: await openStore(server.url(), { now: Date.now }),
  }));
}

serverTest(
  "postgresStore() finds what it wrote before it was closed",
  server,
  async (server) => {
    const url = server.url();
    const value = { large: "x".repeat(100_000) };
    for (const expected of [undefined, value]) {
      await using store = await open(url);
      assert.deepEqual((await store.get(["a"]))?.value, expected);
      await store.commit({ sets: [{ key: ["a"], value }] });
    }
  },
);

serverTest(
  "postgresStore() keeps schemas of one database apart",
  server,
  async (server) => {
    await using first = await open(server.url("shop_1"));
    await using second = await open(server.url("shop_2"));
    await first.commit({ sets: [{ key: ["a"], value: 1 }] });
    assert.equal(await second.get(["a"]), undefined);
  },
);

serverTest(
  "postgresStore() makes one commit of many",
  server,
  async (server) => {
    // Versions tell commits apart: what was merged has one version.
    await using store = await open(server.url());
    const results = await Promise.all(
      [1, 2, 3].map((i) =>
        store.commit({ sets: [{ key: ["a", i], value: i }] })
      ),
    );
    const versions = results.map((result) => result.ok && result.version);
    assert.equal(new Set(versions).size, 1);
  },
);

serverTest(
  "postgresStore() lets entries expire by the clock of the server",
  server,
  async (server) => {
    const url = server.url("by_server");
    await using store = await open(url);
    await store.commit({
      sets: [
        { key: ["a"], value: 1, expireInMs: 3_600_000 },
        { key: ["b"], value: 1, expireInMs: 3_600_000 },
      ],
    });
    const row = `by_server.workflow_store WHERE key = '\\x026100'`;
    const [left] = await server.sql(
      `SELECT expires_at - extract(epoch FROM now()) * 1000 FROM ${row}`,
    );
    assert.ok(
      Math.abs(Number(left) - 3_600_000) < 60_000,
      `${left} ms are left`,
    );
    // An hour passes for the first of them.
    await server.sql(
      "UPDATE by_server.workflow_store SET expires_at = expires_at - 3600000 " +
        "WHERE key = '\\x026100'",
    );
    const entries = await Array.fromAsync(store.list({ prefix: [] }));
    assert.deepEqual(entries.map(({ key }) => key), [["b"]]);
    const checks = [{ key: ["a"], version: undefined }];
    assert.equal((await store.commit({ checks })).ok, true);
  },
);

serverTest(
  "postgresStore() removes what has expired, and only that",
  server,
  async (server) => {
    const effects = simulatedEffects();
    const url = server.url("swept");
    const { now } = effects.clock;
    const store = await postgresStore(url, { clock: effects.clock, now });
    const expireInMs = SWEEP_MS / 2;
    const keys = Array.from({ length: 1_500 }, (_, i) => ["old", i]);
    for (const part of [keys.slice(0, 800), keys.slice(800)]) {
      const sets = part.map((key) => ({ key, value: 1, expireInMs }));
      await store.commit({ sets });
    }
    await store.commit({
      sets: [{ key: ["kept"], value: 1 }, { key: ["old", 0], value: 2 }, {
        key: ["old", 1],
        value: 2,
        expireInMs: 2 * SWEEP_MS,
      }],
    });
    const count = async () =>
      Number(
        (await server.sql("SELECT count(*) FROM swept.workflow_store"))[0],
      );
    assert.equal(await count(), 1_501);
    await effects.advance(SWEEP_MS);
    // It sweeps in parts while we look.
    for (let looks = 0; await count() > 3 && looks < 100; looks++);
    assert.equal(await count(), 3);
    await store.close();
  },
);

serverTest(
  "postgresStore() asks an idle server less than once a second",
  server,
  async (server) => {
    // What it would do by itself in ten minutes hangs on the timers that it sets.
    const effects = simulatedEffects();
    let timers = 0;
    const clock = {
      ...effects.clock,
      after(ms: number, callback: () => void) {
        timers++;
        assert.ok(ms >= Math.min(SWEEP_MS, WATCH_POLL_MS));
        return effects.clock.after(ms, callback);
      },
    };
    const store = await postgresStore(server.url(), { clock });
    const watch = store.watch([["a"]], new AbortController().signal)
      [Symbol.asyncIterator]();
    await watch.next();
    const started = timers;
    const next = watch.next();
    await effects.advance(600_000);
    await store.close();
    assert.equal((await next).done, true);
    // A timer that fires asks once, and sets itself and one for the answer.
    assert.ok(timers - started <= 90, `set ${timers - started} timers`);
  },
);

serverTest(
  "postgresStore() does not depend on the settings of its role",
  server,
  async (server) => {
    const url = server.url("settings");
    await server.sql(
      "CREATE ROLE odd LOGIN SUPERUSER PASSWORD 'odd';" +
        "ALTER ROLE odd SET bytea_output = 'escape';" +
        "ALTER ROLE odd SET default_transaction_isolation = 'serializable';" +
        "ALTER ROLE odd SET synchronous_commit = 'off';",
    );
    const odd = url.replace(/\/\/.*@/, "//odd:odd@");
    await using first = await open(odd);
    await using second = await open(odd);
    // What one commits while the other waits for its turn is seen by its checks.
    for (let round = 0; round < 20; round++) {
      const current = await first.get(["a"]);
      const checks = [{ key: ["a"], version: current?.version }];
      const results = await Promise.all(
        [first, second].map((store) =>
          store.commit({ checks, sets: [{ key: ["a"], value: round }] })
        ),
      );
      assert.equal(results.filter(({ ok }) => ok).length, 1);
    }
  },
);

serverTest(
  "postgresStore() needs no right to make what is there",
  server,
  async (server) => {
    const url = server.url("given");
    await (await open(url)).close();
    await server.sql(
      "CREATE ROLE plain LOGIN PASSWORD 'plain';" +
        "GRANT USAGE ON SCHEMA given TO plain;" +
        "GRANT SELECT, INSERT, UPDATE, DELETE ON given.workflow_store TO plain;" +
        "GRANT USAGE ON SEQUENCE given.workflow_store_version TO plain;",
    );
    const plain = url.replace(/\/\/.*@/, "//plain:plain@");
    await using store = await open(plain);
    await store.commit({ sets: [{ key: ["a"], value: 1 }], deletes: [["b"]] });
    assert.equal((await store.get(["a"]))?.value, 1);
    await assert.rejects(open(plain.replace("given", "absent")), {
      message:
        /^Cannot open store "postgres:\/\/\*\*\*@127.0.0.1:\d+\/postgres": permission denied .* \(SQLSTATE 42501\)$/,
    });
  },
);

serverTest(
  "postgresStore() speaks TLS where its URL says so",
  server,
  async (server) => {
    const url = server.url();
    const isEncrypted = async () =>
      await server.sql(
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) " +
          "WHERE application_name = 'workflow'",
      );
    for (
      const [mode, expected] of [["require", "true"], [
        "disable",
        "false",
      ]] as const
    ) {
      await using store = await open(`${url}&sslmode=${mode}`);
      await store.commit({ sets: [{ key: ["a"], value: mode }] });
      assert.equal((await store.get(["a"]))?.value, mode);
      assert.deepEqual(new Set(await isEncrypted()), new Set([expected]));
    }
    // Nobody has signed the server's certificate.
    await assert.rejects(open(`${url}&sslmode=verify-full`), {
      message: /^Cannot open store "postgres:.*certificate/i,
    });
  },
);

function open(url: string) {
  return openStore(url, { now: Date.now }).then((store) =>
    Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
  );
}

function never(): Promise<void> {
  return Promise.reject(new Error("There is no server"));
}
