import assert from "node:assert/strict";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Batch } from "../store/store.ts";
import { type Bench, benchOver } from "./contract.ts";
import { REMOVED_KEEP_MS, SUBSCRIPTIONS_MAX } from "./topics.ts";

function bench(): Bench {
  const effects = simulatedEffects();
  return benchOver(memoryStore({ now: effects.clock.now }), effects);
}

const AUDIT = { name: "audit", pattern: "order.*" };
const ALL = { name: "all", pattern: "**" };

/** What waits for a subscription, in order. */
async function waiting({ queues }: Bench, subscription: typeof AUDIT) {
  const queue = queues.topics("events").queue(subscription);
  const leases = await queue.lease(48);
  const payloads = leases.map(({ message }) =>
    (message.payload as { payload: unknown }).payload
  );
  for (const lease of leases) await lease.nack();
  return payloads;
}

Deno.test("Topics.publish() puts a message into every queue that matches, in one commit", async () => {
  const it = bench();
  const commits: Batch[] = [];
  const counted = benchOver({
    limits: it.store.limits,
    get: (key) => it.store.get(key),
    getMany: (keys) => it.store.getMany(keys),
    list: (range, options) => it.store.list(range, options),
    watch: (keys, signal) => it.store.watch(keys, signal),
    close: () => it.store.close(),
    commit: (batch) => {
      const isSignal = batch.sets?.every(({ key }) => key[2] === "signal");
      if (!isSignal) commits.push(batch);
      return it.store.commit(batch);
    },
  }, it.effects);
  const topics = counted.queues.topics("events");
  await topics.subscribe([AUDIT, ALL, { name: "late", pattern: "*.late" }]);
  commits.length = 0;
  const id = await topics.publish({ topic: "order.placed", payload: 7 });
  assert.equal(commits.length, 1);
  for (const subscription of [AUDIT, ALL]) {
    const [lease] = await topics.queue(subscription).lease(1);
    assert.equal(lease?.message.id, id);
    assert.deepEqual(lease?.message.payload, {
      topic: "order.placed",
      payload: 7,
    });
  }
  assert.deepEqual(await waiting(it, { name: "late", pattern: "*.late" }), []);
});

Deno.test("Topics.subscribe() gets what is published later, and nothing from before", async () => {
  const it = bench();
  const topics = it.queues.topics("events");
  await topics.subscribe([AUDIT]);
  await topics.publish({ topic: "order.placed", payload: 1 });
  // The other process has read the subscriptions before this one is added.
  const other = benchOver(it.store, it.effects).queues.topics("events");
  await other.publish({ topic: "order.placed", payload: 2 });
  await topics.subscribe([AUDIT, ALL]);
  await other.publish({ topic: "order.placed", payload: 3 });
  assert.deepEqual(await waiting(it, AUDIT), [1, 2, 3]);
  assert.deepEqual(await waiting(it, ALL), [3]);
});

Deno.test("Topics.retain() keeps what a removed subscription had left for its time, then drops it", async () => {
  const it = bench();
  const topics = it.queues.topics("events");
  await topics.subscribe([AUDIT, ALL]);
  await topics.publish({ topic: "order.placed", payload: 1 });
  await topics.retain([ALL]);
  assert.deepEqual(await topics.subscriptions(), [ALL]);
  await topics.publish({ topic: "order.placed", payload: 2 });
  await it.effects.advance(REMOVED_KEEP_MS - 1);
  assert.equal((await topics.retain([ALL])).size, 0);
  // Who comes back in time goes on where it was.
  assert.deepEqual(await waiting(it, AUDIT), [1]);
  await it.effects.advance(1);
  const name = topics.queueName(AUDIT);
  assert.deepEqual([...await topics.retain([ALL])], [[name, 1]]);
  await topics.subscribe([AUDIT]);
  assert.deepEqual(await waiting(it, AUDIT), []);
  assert.deepEqual(await waiting(it, ALL), [1, 2]);
});

Deno.test("Topics.subscribe() takes a removed subscription up with what it had left", async () => {
  const it = bench();
  const topics = it.queues.topics("events");
  await topics.subscribe([AUDIT]);
  await topics.publish({ topic: "order.placed", payload: 1 });
  await topics.retain([]);
  await topics.publish({ topic: "order.placed", payload: 2 });
  await topics.subscribe([AUDIT]);
  await topics.publish({ topic: "order.placed", payload: 3 });
  await it.effects.advance(2 * REMOVED_KEEP_MS);
  await topics.retain([AUDIT]);
  assert.deepEqual(await waiting(it, AUDIT), [1, 3]);
});

Deno.test("Topics.publish() gives no subscription what one has no room for", async () => {
  const it = bench();
  const topics = it.queues.topics("events");
  await topics.subscribe([ALL, AUDIT]);
  topics.queue(AUDIT).configure({ depthMax: 1 });
  topics.queue(ALL).configure({ depthMax: 3 });
  await topics.publish({ topic: "order.placed", payload: 1 });
  for (let i = 0; i < 5; i++) {
    await assert.rejects(
      topics.publish({ topic: "order.placed", payload: 2 }),
      /"events\/audit\/order\.\*": it holds 1 messages, the limit depthMax is 1/,
    );
  }
  await topics.publish({ topic: "other", payload: 3 });
  assert.deepEqual(await waiting(it, ALL), [1, 3]);
});

Deno.test("Topics keep brokers and names apart", () => {
  const { queues } = bench();
  const names = [
    queues.topics("a").queueName({ name: "b/c", pattern: "d" }),
    queues.topics("a").queueName({ name: "b", pattern: "c/d" }),
    queues.topics("a/b").queueName({ name: "c", pattern: "d" }),
  ];
  assert.equal(new Set(names).size, 3);
});

Deno.test("Topics.subscribe() refuses more subscriptions than the limit", async () => {
  const topics = bench().queues.topics("events");
  const many = Array.from({ length: SUBSCRIPTIONS_MAX + 1 }, (_, i) => ({
    name: `s${i}`,
    pattern: "a",
  }));
  await assert.rejects(topics.subscribe(many), /201 subscriptions .* 200/);
  await topics.subscribe(many.slice(1));
});
