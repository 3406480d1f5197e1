import assert from "node:assert/strict";
import fc from "fast-check";
import { systemEffects } from "../../engine/effects.ts";
import { encodeKey } from "../../engine/store/key.ts";
import { openStore } from "../../engine/store/open.ts";
import { postgresStore } from "../../engine/store/postgres.ts";
import type { Batch, Key, Store } from "../../engine/store/store.ts";
import { type PostgresServer, serverOfFile } from "./postgres_server.ts";
import { serverTest } from "./server.ts";

const { clock } = systemEffects();
const server = await serverOfFile();

serverTest(
  "two stores of one database see each other's commits at once",
  server,
  async (server) => {
    const [first, second] = await openTwo(server);
    for (let i = 0; i < 50; i++) {
      const [writer, reader] = i % 2 === 0 ? [first, second] : [second, first];
      const result = await writer.commit({ sets: [{ key: ["a"], value: i }] });
      const entry = await reader.get(["a"]);
      assert.equal(entry?.value, i);
      assert.equal(entry.version, result.ok && result.version);
    }
    await first.close();
    await second.close();
  },
);

serverTest(
  "a watch of one store is told of the commits of another",
  server,
  async (server) => {
    const [first, second] = await openTwo(server);
    const { signal } = new AbortController();
    const watch = first.watch([["a"], ["b"]], signal)[Symbol.asyncIterator]();
    const values = async () => {
      const { value } = await watch.next();
      return value?.map((entry: { value: unknown } | undefined) =>
        entry?.value
      );
    };
    assert.deepEqual(await values(), [undefined, undefined]);
    for (let i = 0; i < 20; i++) {
      const next = values();
      await second.commit({ sets: [{ key: ["a"], value: i }] });
      assert.deepEqual(await next, [i, undefined]);
    }
    // More keys than a notification can name.
    const many = Array.from({ length: 999 }, (_, i) => ({
      key: ["many", i],
      value: i,
    }));
    let next = values();
    await second.commit({ sets: [...many, { key: ["b"], value: 1 }] });
    assert.deepEqual(await next, [19, 1]);
    next = values();
    await second.commit({ deletes: [["a"]] });
    assert.deepEqual(await next, [undefined, 1]);
    await first.close();
    await second.close();
  },
);

serverTest(
  "of two conflicting commits of two stores exactly one wins",
  server,
  async (server) => {
    const [first, second] = await openTwo(server);
    let version: string | undefined;
    const wins = [0, 0];
    for (let round = 0; round < 200; round++) {
      const results = await Promise.all(
        [first, second].map((store, i) =>
          store.commit({
            checks: [{ key: ["lease"], version }],
            sets: [{ key: ["lease"], value: i }, {
              key: ["by", i],
              value: round,
            }],
          })
        ),
      );
      const winner = results.findIndex(({ ok }) => ok);
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      const [lease, own, other] = await first.getMany([
        ["lease"],
        ["by", winner],
        ["by", 1 - winner],
      ]);
      assert.equal(lease?.value, winner);
      assert.equal(own?.value, round);
      assert.notEqual(other?.value, round);
      version = lease.version;
      wins[winner] = (wins[winner] ?? 0) + 1;
    }
    await first.close();
    await second.close();
  },
);

serverTest(
  "stores that open a new schema at once make one table",
  server,
  async (server) => {
    const url = server.url();
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => open(url)),
    );
    await Promise.all(
      stores.map((store, i) =>
        store.commit({ sets: [{ key: ["a", i], value: i }] })
      ),
    );
    const entries = await Array.fromAsync(
      stores[0]?.list({ prefix: ["a"] }) ?? [],
    );
    assert.deepEqual(entries.map(({ value }) => value), [...Array(8).keys()]);
    for (const store of stores) await store.close();
  },
);

serverTest(
  "large values stay whole while stores open, which sweep",
  server,
  async (server) => {
    const url = server.url();
    const writer = await open(url);
    const reader = await open(url);
    let isDone = false;
    const opening = (async () => {
      let opened = 0;
      for (; !isDone; opened++) await (await open(url)).close();
      return opened;
    })();
    for (let i = 0; i < 40; i++) {
      const value = `${i}:`.padEnd(300_000, "x");
      const result = await writer.commit({ sets: [{ key: ["large"], value }] });
      assert.equal(result.ok, true);
      assert.equal((await reader.get(["large"]))?.value, value);
    }
    isDone = true;
    assert.ok(await opening > 3);
    await writer.close();
    await reader.close();
  },
);

/** One commit of a client. */
interface Step {
  readonly store: number;
  readonly checks: readonly { readonly key: Key; readonly isRead: boolean }[];
  readonly sets: readonly Key[];
  readonly deletes: readonly Key[];
}

/** What a client asked for and was told; the times count the commits so far. */
interface Call {
  readonly batch: Required<Batch>;
  readonly version: string | undefined;
  readonly startedAfter: ReadonlySet<string>;
}

const key: fc.Arbitrary<Key> = fc.nat({ max: 5 }).map((i) => ["k", i]);
const step: fc.Arbitrary<Step> = fc.record({
  store: fc.nat({ max: 1 }),
  checks: fc.array(fc.record({ key, isRead: fc.boolean() }), { maxLength: 2 }),
  sets: fc.array(key, { minLength: 1, maxLength: 2 }),
  deletes: fc.array(key, { maxLength: 1 }),
});
const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 6,
});

serverTest(
  "commits of two stores are totally ordered, by their versions",
  server,
  async (server) => {
    // Clients run at once over two stores without groups, so that each commit has a
    // version of its own. Replaying the committed batches in the order of versions
    // must make every answer true, and end in what the stores hold.
    const url = server.url();
    const stores = [
      await postgresStore(url, { clock }),
      await postgresStore(url, { clock }),
    ];
    let conflicts = 0;
    await fc.assert(
      fc.asyncProperty(clients, async (programs) => {
        const [first] = stores;
        assert.ok(first);
        const rows = await Array.fromAsync(first.list({ prefix: [] }));
        await first.commit({ deletes: rows.map(({ key }) => key) });
        const calls = await run(stores, programs);
        const done = calls.filter(({ version }) => version !== undefined)
          .sort((a, b) => Number(a.version) - Number(b.version));
        conflicts += calls.length - done.length;
        const state = replay(done);
        const found = await Array.fromAsync(first.list({ prefix: [] }));
        assert.deepEqual(
          found.map(({ key, value, version }) => [
            encodeKey(key),
            { value, version },
          ]),
          [...state].sort(([a], [b]) => a < b ? -1 : 1),
        );
      }),
      { numRuns: 60 },
    );
    // Else nothing was put to the test.
    assert.ok(conflicts > 10, `${conflicts} conflicts`);
    for (const store of stores) await store.close();
  },
);

async function run(
  stores: readonly Store[],
  programs: readonly (readonly Step[])[],
): Promise<Call[]> {
  const calls: Call[] = [];
  const answered = new Set<string>();
  let value = 0;
  await Promise.all(programs.map(async (program) => {
    for (const { store: which, checks, sets, deletes } of program) {
      const store = stores[which];
      assert.ok(store);
      const read = await store.getMany(checks.map(({ key }) => key));
      const batch = {
        checks: checks.map(({ key, isRead }, i) => ({
          key,
          version: isRead ? read[i]?.version : undefined,
        })),
        sets: sets.map((key) => ({ key, value: ++value })),
        deletes,
      };
      const startedAfter = new Set(answered);
      const result = await store.commit(batch);
      const version = result.ok ? result.version : undefined;
      if (version !== undefined) answered.add(version);
      calls.push({ batch, version, startedAfter });
    }
  }));
  return calls;
}

type State = Map<string, { readonly value: unknown; readonly version: string }>;

/** Throws if a check did not hold in its turn, or time ran backwards. */
function replay(done: readonly Call[]): State {
  const state: State = new Map();
  for (const { batch, version, startedAfter } of done) {
    assert.ok(version);
    for (const earlier of startedAfter) {
      assert.ok(Number(earlier) < Number(version), "a commit came too early");
    }
    for (const { key, version } of batch.checks) {
      assert.equal(state.get(encodeKey(key))?.version, version);
    }
    for (const { key, value } of batch.sets) {
      state.set(encodeKey(key), { value, version });
    }
    for (const key of batch.deletes) state.delete(encodeKey(key));
  }
  return state;
}

async function openTwo(server: PostgresServer) {
  const url = server.url();
  return [await open(url), await open(url)] as const;
}

function open(url: string) {
  return openStore(url, { now: Date.now });
}
