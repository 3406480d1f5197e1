import assert from "node:assert/strict";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import { RetryableError, TerminalError } from "../errors.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { RETRY_BACKOFF_MS_MAX } from "./consumer.ts";
import { type Bench, benchOver, only } from "./contract.ts";
import type { Delivery } from "./lease.ts";

function bench(): Bench {
  const effects = simulatedEffects();
  return benchOver(memoryStore({ now: effects.clock.now }), effects);
}

/** A promise that the test ends. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, passed: promise };
}

const settle = ({ effects }: Bench) => effects.advance(0);

Deno.test("Queue.consume() hands out what is there and what comes", async () => {
  const it = bench();
  const queue = it.queues.queue("q");
  await queue.send("before");
  const got: unknown[] = [];
  const consumer = queue.consume(({ payload }) => void got.push(payload));
  await settle(it);
  await queue.send("after");
  await queue.send("late", { delayMs: 70 });
  await settle(it);
  assert.deepEqual(got, ["before", "after"]);
  await it.effects.advance(70);
  assert.deepEqual(got, ["before", "after", "late"]);
  assert.equal((await queue.stats()).depth, 0);
  await consumer.stop();
  await queue.send("too late");
  await settle(it);
  assert.equal(got.length, 3);
});

Deno.test("Queue.consume() handles as many at a time as it is told", async () => {
  const it = bench();
  const queue = it.queues.queue("q");
  let most = 0;
  let underWay = 0;
  const consumer = queue.consume(async () => {
    most = Math.max(most, ++underWay);
    await it.effects.clock.sleep(10);
    underWay--;
  }, { concurrency: 3 });
  for (let i = 0; i < 8; i++) await queue.send(i);
  await it.effects.advance(5);
  // Nothing is taken that waits for a hand.
  assert.equal((await queue.stats()).inFlight, 3);
  await it.effects.advance(100);
  assert.equal(most, 3);
  assert.equal((await queue.stats()).depth, 0);
  await consumer.stop();
});

Deno.test("Queue.consume() tries again later and later, then buries", async () => {
  const it = bench();
  const queue = it.queues.queue("q", { attemptsMax: 4 });
  await queue.send("a");
  const start = it.effects.clock.now();
  const at: number[][] = [];
  const consumer = queue.consume(({ attempt }) => {
    at.push([attempt, it.effects.clock.now() - start]);
    throw new Error("no ink");
  }, { retryBackoffMs: 100 });
  await it.effects.advance(10_000);
  assert.deepEqual(at, [[1, 0], [2, 100], [3, 300], [4, 700]]);
  const { letters } = await it.queues.deadLetters.list();
  assert.deepEqual(
    letters.map(({ error, attempts }) => [error, attempts]),
    [["no ink", 4]],
  );
  await consumer.stop();
});

Deno.test("Queue.consume() waits as an error says, and never longer than its limit", async () => {
  const it = bench();
  const queue = it.queues.queue("q", { attemptsMax: 99 });
  await queue.send("a");
  const at: number[] = [];
  const consumer = queue.consume(({ attempt }) => {
    at.push(it.effects.clock.now());
    if (attempt === 1) throw new RetryableError("soon", { retryAfterMs: 7 });
    throw new Error("no");
  }, { retryBackoffMs: RETRY_BACKOFF_MS_MAX / 2 });
  await it.effects.advance(4 * RETRY_BACKOFF_MS_MAX);
  const waits = at.slice(1).map((time, i) => time - (at[i] ?? 0));
  assert.deepEqual(waits.slice(0, 3), [
    7,
    RETRY_BACKOFF_MS_MAX,
    RETRY_BACKOFF_MS_MAX,
  ]);
  await consumer.stop();
});

Deno.test("Queue.consume() buries a terminal error at once", async () => {
  const it = bench();
  const queue = it.queues.queue("q");
  await queue.send("a");
  const consumer = queue.consume(() => {
    throw new TerminalError("no such order");
  });
  await settle(it);
  const { letters } = await it.queues.deadLetters.list();
  assert.deepEqual(letters.map(({ error }) => error), ["no such order"]);
  await consumer.stop();
});

Deno.test("Queue.consume() keeps a message for as long as it is being handled", async () => {
  const it = bench();
  const queue = it.queues.queue("q", { leaseMs: 1_000 });
  const slow = gate();
  let handled = 0;
  const consumer = queue.consume(async () => {
    await slow.passed;
    handled++;
  });
  await queue.send("a");
  const other = benchOver(it.store, it.effects).queues.queue("q");
  for (let i = 0; i < 20; i++) {
    await it.effects.advance(500);
    assert.deepEqual(await other.lease(1), []);
  }
  slow.open();
  await settle(it);
  assert.equal(handled, 1);
  assert.equal((await queue.stats()).depth, 0);
  await consumer.stop();
  assert.deepEqual(it.errors, []);
});

Deno.test("Queue.consume() hands out in order what has one key, past failures", async () => {
  const it = bench();
  const queue = it.queues.queue("q", { attemptsMax: 2 });
  const got: string[] = [];
  const fails = new Set([3, 40]);
  const consumer = queue.consume(({ payload, attempt }) => {
    got.push(`${payload}/${attempt}`);
    if (fails.has(payload as number) && attempt === 1) throw new Error("once");
    if (payload === 50) throw new Error("always");
  }, { ofKey: 32, retryBackoffMs: 10 });
  const expected: string[] = [];
  for (let i = 0; i < 100; i++) {
    await queue.send(i, { key: "" });
    expected.push(`${i}/1`);
    if (fails.has(i) || i === 50) expected.push(`${i}/2`);
  }
  await it.effects.advance(1_000);
  assert.deepEqual(got, expected);
  const stats = await queue.stats();
  assert.deepEqual([stats.depth, stats.dead], [0, 1]);
  await consumer.stop();
});

Deno.test("Consumer.stop() waits for what is under way and gives the rest back", async () => {
  const it = bench();
  const queue = it.queues.queue("q");
  for (let i = 0; i < 5; i++) await queue.send(i, { key: "" });
  const first = gate();
  const got: unknown[] = [];
  const consumer = queue.consume(async ({ payload }) => {
    await first.passed;
    got.push(payload);
  }, { ofKey: 32 });
  await settle(it);
  assert.equal((await queue.stats()).inFlight, 5);
  let isStopped = false;
  const stopped = consumer.stop().then(() => isStopped = true);
  await settle(it);
  assert.equal(isStopped, false);
  first.open();
  await stopped;
  assert.deepEqual(got, [0]);
  const { message } = only(await queue.lease(9));
  assert.deepEqual([message.payload, message.attempt], [1, 1]);
});

Deno.test("Queue.consume() shares a store with another process that wakes it", async () => {
  const it = bench();
  const other = benchOver(it.store, it.effects);
  const got: Delivery[] = [];
  const consumers = [it, other].map(({ queues }) =>
    queues.queue("q").consume((message) => void got.push(message))
  );
  await settle(it);
  const sender = benchOver(it.store, it.effects).queues.queue("q");
  const sent: string[] = [];
  for (let i = 0; i < 20; i++) {
    sent.push(await sender.send(i));
    // Signals are told at most so often.
    if (i % 5 === 0) await it.effects.advance(10);
  }
  await it.effects.advance(10);
  assert.deepEqual(got.map(({ id }) => id).toSorted(), sent.toSorted());
  await Promise.all(consumers.map((consumer) => consumer.stop()));
});

Deno.test("Queue.consume() finds what a process that died had", async () => {
  const it = bench();
  const got: number[] = [];
  const consumer = it.queues.queue("q", { leaseMs: 5_000 })
    .consume(({ attempt }) => void got.push(attempt));
  await settle(it);
  // Its signal is lost with it.
  const dying = benchOver(deaf(it.store), it.effects).queues.queue("q");
  await dying.send("a");
  only(await dying.lease(1, 5_000));
  await it.effects.advance(4_999);
  assert.deepEqual(got, []);
  await it.effects.advance(5_000);
  assert.deepEqual(got, [2]);
  await consumer.stop();
});

for (const [name, fault] of Object.entries(FAULTS)) {
  if (!fault.isAnswered) continue;
  Deno.test(`Queue.consume() handles all where it ${name} any one commit`, async () => {
    // The commit of the fault moves through claim, acknowledgement and renewal.
    for (let at = 1; at <= 12; at++) {
      const effects = simulatedEffects();
      const store = memoryStore({ now: effects.clock.now });
      const sender = benchOver(store, effects).queues.queue("q");
      for (let i = 0; i < 4; i++) await sender.send(i, { key: `${i % 2}` });
      const broken = faultyStore(
        store,
        (commit) => commit === at ? fault : undefined,
      );
      const it = benchOver(broken.store, effects);
      const got: unknown[] = [];
      const queue = it.queues.queue("q", { leaseMs: 3_000 });
      const consumer = queue.consume(async ({ payload, attempt }) => {
        if (payload === 1 && attempt === 1) throw new Error("once");
        await effects.clock.sleep(1_500);
        got.push(payload);
      }, { concurrency: 2, ofKey: 2 });
      await effects.advance(60_000);
      assert.deepEqual([...new Set(got)].sort(), [0, 1, 2, 3], `at ${at}`);
      const stats = await queue.stats();
      assert.deepEqual([stats.depth, stats.dead], [0, 0], `at ${at}`);
      await consumer.stop();
    }
  });
}

/** A store whose signals nobody hears. */
function deaf(store: Bench["store"]): Bench["store"] {
  return {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) =>
      batch.sets?.some(({ key }) => key.at(-1) === "signal")
        ? Promise.reject(new Error("The process died"))
        : store.commit(batch),
  };
}
