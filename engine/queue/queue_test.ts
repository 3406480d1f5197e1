import assert from "node:assert/strict";
import { join } from "node:path";
import { denoKvStore } from "../store/deno_kv.ts";
import { groupCommit } from "../store/group_commit.ts";
import { memoryStore } from "../store/memory.ts";
import { scopedStore } from "../store/scoped.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { type Bench, benchOver, only, QUEUE_FACTS } from "./contract.ts";
import { SCAN_MESSAGES_MAX } from "./claim.ts";

for (const { text, check } of QUEUE_FACTS) {
  Deno.test(`A queue in memory ${text}`, async () => {
    const effects = simulatedEffects();
    await check(benchOver(memoryStore({ now: effects.clock.now }), effects));
  });

  Deno.test(`A queue on Deno KV ${text}`, async () => {
    const folder = await Deno.makeTempDir();
    const kv = groupCommit(await denoKvStore(join(folder, "test.db")));
    try {
      await check(benchOver(scopedStore(kv, ["app", "test"])));
    } finally {
      await kv.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function bench(): Bench {
  return benchOver(memoryStore());
}

Deno.test("Queue.send() refuses what nobody can mean, and says the limit", async () => {
  const queue = bench().queues.queue("q");
  const refused: [Parameters<typeof queue.send>[1], RegExp][] = [
    [{ priority: 10 }, /priority is 10, expected 0 to 9/],
    [{ priority: 1.5 }, /priority is 1.5/],
    [{ delayMs: -1 }, /delayMs is -1 ms, expected 0 to 31536000000 ms/],
    [{ deduplicationId: "" }, /deduplicationId has 0 characters/],
    [{ deduplicationId: "a", deduplicationMs: 0 }, /deduplicationMs is 0 ms/],
    [{ deduplicationMs: 5 }, /without a deduplicationId/],
    [{ key: "x".repeat(257) }, /key has 257 characters, expected 0 to 256/],
    [{ key: "a", priority: 3 }, /a message with a key has no priority/],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(queue.send(1, options), { code: "invalid-input" });
    await assert.rejects(queue.send(1, options), message);
  }
  assert.equal((await queue.stats()).depth, 0);
});

Deno.test("Queue.lease() refuses a lease of no time", async () => {
  const queue = bench().queues.queue("q");
  await assert.rejects(queue.lease(1, 0), /leaseMs of 0 ms: expected 1 to/);
});

Deno.test("Queue.send() takes no room where the commit fails", async () => {
  const store = memoryStore();
  const { queues } = benchOver({
    ...bind(store),
    commit: () => Promise.reject(new Error("The line broke")),
  });
  const queue = queues.queue("q", { depthMax: 1 });
  for (let i = 0; i < 3; i++) await assert.rejects(queue.send(i), /line broke/);
});

Deno.test("Queue.lease() looks past a key that somebody has, as far as it says", async () => {
  const queue = bench().queues.queue("q");
  for (let i = 0; i < 100; i++) await queue.send(i, { key: "busy" });
  await queue.send("free");
  only(await queue.lease(1));
  assert.equal(only(await queue.lease(1)).message.payload, "free");
  for (let i = 0; i < SCAN_MESSAGES_MAX; i++) {
    await queue.send(i, { key: "busy" });
  }
  await queue.send("behind");
  assert.deepEqual(await queue.lease(1), []);
});

Deno.test("Queues.stats() finds queues that only the store knows", async () => {
  const store = memoryStore();
  const before = benchOver(store).queues;
  for (const name of ["b", "a", "a/b", "a b"]) {
    await before.queue(name).send(1);
  }
  const stats = await benchOver(store).queues.stats();
  assert.deepEqual(stats.map(({ name, depth }) => [name, depth]), [
    ["a", 1],
    ["a b", 1],
    ["a/b", 1],
    ["b", 1],
  ]);
});

Deno.test("Queue.drop() leaves nothing but dead letters", async () => {
  const { queues, store, effects } = bench();
  const queue = queues.queue("q", { leaseMs: 10 });
  await queue.send("dead");
  await only(await queue.lease(1)).nack({ isFinal: true });
  await queue.send("held", { key: "k" });
  await queue.lease(1);
  await queue.send("late", { delayMs: 10 });
  await queue.send("ready", { deduplicationId: "d" });
  await effects.advance(20);
  assert.equal(await queue.drop(), 3);
  await effects.advance(100);
  const left = await Array.fromAsync(store.list({ prefix: ["queue"] }));
  assert.deepEqual(left.filter(({ key }) => key[2] !== "signal"), []);
  assert.equal((await queue.stats()).dead, 1);
});

/** A store's methods as own properties, for a test that replaces one. */
function bind(store: ReturnType<typeof memoryStore>) {
  return {
    limits: store.limits,
    get: store.get.bind(store),
    getMany: store.getMany.bind(store),
    list: store.list.bind(store),
    watch: store.watch.bind(store),
    close: store.close.bind(store),
  };
}
