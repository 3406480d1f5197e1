/**
 * What a queue must do on every store, as facts that a test runs on each.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../simulation/effects.ts";
import type { Store } from "../store/store.ts";
import type { Delivery, Lease } from "./lease.ts";
import { Queues, type QueueSettings } from "./queues.ts";
import { ERROR_CHARACTERS_MAX, MESSAGE_RESERVE_BYTES } from "./size.ts";

/** What a fact works with. */
export interface Bench {
  readonly effects: SimulatedEffects;
  readonly store: Store;
  readonly queues: Queues;
  /** What was reported as an error. */
  readonly errors: string[];
}

/** Something that is true of every queue. */
export interface QueueFact {
  /** Continues "A queue …". */
  readonly text: string;
  readonly check: (bench: Bench) => Promise<void>;
}

/** Queues over a store, in a simulated world. */
export function benchOver(
  store: Store,
  effects: SimulatedEffects = simulatedEffects(),
): Bench {
  const errors: string[] = [];
  const queues = new Queues(store, {
    ...effects,
    onError: (attempt, error) => errors.push(`${attempt}: ${error}`),
  });
  return { effects, store, queues, errors };
}

/** A lease with its message, or a failed test. */
export function only(leases: readonly Lease[]): Lease {
  assert.equal(leases.length, 1);
  return leases[0] as Lease;
}

const payloads = (leases: readonly Lease[]) =>
  leases.map(({ message }) => message.payload);

function named(bench: Bench, settings?: Partial<QueueSettings>) {
  return bench.queues.queue("orders", settings);
}

/** The facts about messages and leases. */
export const QUEUE_FACTS: readonly QueueFact[] = [
  {
    text: "hands out by priority, and then in the order of sending",
    async check(bench) {
      const queue = named(bench);
      for (const [payload, priority] of [["a", 4], ["b", 9], ["c", 0]]) {
        await queue.send(payload as string, { priority: priority as number });
      }
      await queue.send("d");
      assert.deepEqual(payloads(await queue.lease(9)), ["b", "a", "d", "c"]);
      assert.deepEqual(await queue.lease(9), []);
    },
  },
  {
    text: "gives a message its id, payload, attempt and time",
    async check(bench) {
      const queue = named(bench);
      const id = await queue.send({ total: 7 }, { key: "o-1" });
      const { message } = only(await queue.lease(1));
      const expected: Delivery = {
        id,
        payload: { total: 7 },
        attempt: 1,
        sentAt: bench.effects.clock.now(),
        priority: 4,
        key: "o-1",
      };
      assert.deepEqual(message, expected);
    },
  },
  {
    text: "keeps a delayed message back until it is due",
    async check(bench) {
      const queue = named(bench);
      await queue.send("late", { delayMs: 1_000 });
      await queue.send("now");
      assert.deepEqual(payloads(await queue.lease(9)), ["now"]);
      await bench.effects.advance(999);
      assert.deepEqual(await queue.lease(9), []);
      await bench.effects.advance(1);
      assert.deepEqual(payloads(await queue.lease(9)), ["late"]);
    },
  },
  {
    text: "hands out again what was leased for too long, and to nobody before",
    async check(bench) {
      const queue = named(bench, { leaseMs: 500 });
      const id = await queue.send("a");
      const late = only(await queue.lease(1));
      await bench.effects.advance(499);
      assert.deepEqual(await queue.lease(1), []);
      await bench.effects.advance(1);
      const again = only(await queue.lease(1));
      assert.deepEqual([again.message.id, again.message.attempt], [id, 2]);
      // Who was too late can change nothing any more.
      assert.equal(await late.ack(), false);
      assert.equal(await late.extend(1_000), false);
      assert.equal(await late.nack(), false);
      assert.equal(await again.ack(), true);
      assert.equal((await queue.stats()).depth, 0);
    },
  },
  {
    text: "extends a lease from now on",
    async check(bench) {
      const queue = named(bench, { leaseMs: 500 });
      await queue.send("a");
      const lease = only(await queue.lease(1));
      await bench.effects.advance(400);
      assert.equal(await lease.extend(500), true);
      await bench.effects.advance(499);
      assert.deepEqual(await queue.lease(1), []);
      assert.equal(await lease.ack(), true);
      assert.equal(await lease.ack(), false);
    },
  },
  {
    text: "buries a message after its last attempt, with the whole story",
    async check(bench) {
      const queue = named(bench, { attemptsMax: 3, leaseMs: 100 });
      const sentAt = bench.effects.clock.now();
      const id = await queue.send({ n: 1 }, { priority: 7 });
      await bench.effects.advance(50);
      const firstAt = bench.effects.clock.now();
      await only(await queue.lease(1)).nack({ error: "first", delayMs: 10 });
      await bench.effects.advance(10);
      await queue.lease(1);
      // The second attempt says nothing at all.
      await bench.effects.advance(100);
      await only(await queue.lease(1)).nack({ error: "third" });
      assert.deepEqual(await queue.lease(1), []);
      const { letters } = await bench.queues.deadLetters.list();
      const [letter] = letters;
      assert.deepEqual(letters, [{
        id: letter?.id,
        source: { kind: "queue", name: "orders" },
        payload: { n: 1 },
        error: "third",
        attempts: 3,
        firstAt,
        lastAt: bench.effects.clock.now(),
        origin: { id, sentAt, priority: 7 },
      }]);
    },
  },
  {
    text: "buries at once what can never be done",
    async check(bench) {
      const queue = named(bench);
      await queue.send("bad");
      const lease = only(await queue.lease(1));
      await lease.nack({ error: "no such order", isFinal: true });
      const stats = await queue.stats();
      assert.deepEqual([stats.depth, stats.dead], [0, 1]);
    },
  },
  {
    text: "buries what was never given back either",
    async check(bench) {
      const queue = named(bench, { attemptsMax: 2, leaseMs: 100 });
      await queue.send("poison", { key: "k" });
      await queue.send("next", { key: "k" });
      for (let attempt = 0; attempt < 2; attempt++) {
        const { message } = only(await queue.lease(9));
        assert.equal(message.payload, "poison");
        await bench.effects.advance(100);
      }
      // Nobody holds up the key any more.
      assert.deepEqual(payloads(await queue.lease(9)), ["next"]);
      const { letters } = await bench.queues.deadLetters.list();
      assert.match(letters[0]?.error ?? "", /lease ran out/);
      assert.equal(letters[0]?.attempts, 2);
    },
  },
  {
    text: "sends once what has one deduplication id, within the window",
    async check(bench) {
      const queue = named(bench);
      const options = { deduplicationId: "o-1", deduplicationMs: 1_000 };
      const ids = await Promise.all(
        [1, 2, 3].map((n) => queue.send(n, options)),
      );
      assert.equal(new Set(ids).size, 1);
      // Being done does not open the window.
      await only(await queue.lease(9)).ack();
      await bench.effects.advance(999);
      assert.equal(await queue.send(4, options), ids[0]);
      assert.deepEqual(await queue.lease(9), []);
      await bench.effects.advance(1);
      assert.notEqual(await queue.send(5, options), ids[0]);
      assert.deepEqual(payloads(await queue.lease(9)), [5]);
    },
  },
  {
    text: "gives each message to one of several who share the store",
    async check(bench) {
      const others = [bench, benchOver(bench.store, bench.effects)]
        .map((each) => named(each));
      const sent = new Set<string>();
      for (let i = 0; i < 60; i++) sent.add(await named(bench).send(i));
      const got: string[] = [];
      while (got.length < sent.size) {
        const leases = await Promise.all(others.map((each) => each.lease(7)));
        for (const { message } of leases.flat()) got.push(message.id);
      }
      assert.deepEqual(new Set(got), sent);
      assert.equal(got.length, sent.size);
    },
  },
  {
    text: "hands out one message of a key at a time, in the order of sending",
    async check(bench) {
      const queue = named(bench);
      const send = (payload: string) =>
        queue.send(payload, { key: payload.slice(0, 1) });
      for (const payload of ["a1", "a2", "b1", "a3"]) await send(payload);
      const [a1, b1] = await queue.lease(9);
      assert.deepEqual([a1?.message.payload, b1?.message.payload], [
        "a1",
        "b1",
      ]);
      assert.deepEqual(await queue.lease(9), []);
      // One that failed holds up those behind it.
      await a1?.nack({ delayMs: 100 });
      assert.deepEqual(await queue.lease(9), []);
      await bench.effects.advance(100);
      const again = only(await queue.lease(9));
      assert.deepEqual([again.message.payload, again.message.attempt], [
        "a1",
        2,
      ]);
      await again.ack();
      await only(await queue.lease(9)).nack({ isFinal: true });
      assert.deepEqual(payloads(await queue.lease(9)), ["a3"]);
    },
  },
  {
    text: "keeps the order of a key where a lease runs out",
    async check(bench) {
      const queue = named(bench, { leaseMs: 100 });
      for (const n of [1, 2, 3]) await queue.send(n, { key: "" });
      // Several of a key in one hand, as a consumer takes them.
      const [holding] = await queue.claim({ count: 1, ofKey: 9, leaseMs: 100 });
      assert.equal(await holding?.ack(1), true);
      await bench.effects.advance(100);
      const other = named(benchOver(bench.store, bench.effects));
      const second = only(await other.lease(9));
      assert.deepEqual([second.message.payload, second.message.attempt], [
        2,
        2,
      ]);
      await second.ack();
      // The third was in the hand as well, and never begun.
      const third = only(await other.lease(9));
      assert.deepEqual([third.message.payload, third.message.attempt], [3, 1]);
      assert.equal(await holding?.ack(1), false);
    },
  },
  {
    text: "refuses more than its depth until there is room",
    async check(bench) {
      const queue = named(bench, { depthMax: 2 });
      await queue.send(1);
      await queue.send(2, { delayMs: 5_000 });
      const { error } = await queue.send(3).then(
        () => ({ error: undefined }),
        (error) => ({ error }),
      );
      assert.equal(error?.name, "RetryableError");
      assert.equal(
        error.message,
        'Cannot send to queue "orders": it holds 2 messages, ' +
          "the limit depthMax is 2 messages",
      );
      await only(await queue.lease(1)).ack();
      await queue.send(3);
      // Another process counts what it finds.
      const other = named(benchOver(bench.store, bench.effects), {
        depthMax: 2,
      });
      await assert.rejects(other.send(4), /depthMax is 2 messages/);
    },
  },
  {
    text: "has everything after a restart",
    async check(bench) {
      const before = named(bench, { leaseMs: 1_000 });
      await before.send("held");
      await before.lease(1);
      await before.send("ready");
      await before.send("delayed", { delayMs: 500 });
      const queue = named(benchOver(bench.store, bench.effects));
      const stats = await queue.stats();
      assert.deepEqual(stats, {
        name: "orders",
        depth: 3,
        inFlight: 1,
        delayed: 1,
        dead: 0,
        oldestAgeMs: 0,
      });
      assert.deepEqual(payloads(await queue.lease(9)), ["ready"]);
      await bench.effects.advance(500);
      assert.deepEqual(payloads(await queue.lease(9)), ["delayed"]);
      await bench.effects.advance(500);
      assert.deepEqual(payloads(await queue.lease(9)), ["held"]);
    },
  },
  {
    text: "moves messages that are too large to be moved together",
    async check(bench) {
      const queue = named(bench, { leaseMs: 1_000, attemptsMax: 2 });
      const most = bench.store.limits.valueBytes - MESSAGE_RESERVE_BYTES;
      // Most of a character's bytes, so that few of them fit.
      const large = "\u0001".repeat(Math.floor(most / 6) - 50);
      for (let i = 0; i < 30; i++) {
        await queue.send(large, i < 15 ? { key: "k" } : { delayMs: 10 });
      }
      await bench.effects.advance(10);
      let keyed = 0;
      for (const _ of [1, 2]) {
        const claims = await Promise.all(
          Array.from(
            { length: 12 },
            () => queue.claim({ count: 9, ofKey: 32, leaseMs: 1_000 }),
          ),
        );
        const held = claims.flat().flatMap((each) => each.held);
        keyed = held.filter(({ row }) => row.key === "k").length;
        assert.equal(held.length, 15 + keyed);
        await bench.effects.advance(1_000);
      }
      assert.ok(keyed > 0);
      await queue.claim({ count: 1, ofKey: 1, leaseMs: 1_000 });
      // Those without a key are dead, and one of those with it.
      const stats = await queue.stats();
      assert.deepEqual([stats.dead, stats.depth], [16, 14]);
      await assert.rejects(queue.send("x".repeat(most)), {
        code: "invalid-input",
        message: new RegExp(`bytes, the limit messageBytes is ${most} bytes`),
      });
    },
  },
  {
    text: "keeps the beginning of an error that is too long",
    async check(bench) {
      const queue = named(bench);
      await queue.send(1);
      const lease = only(await queue.lease(1));
      await lease.nack({ error: "x".repeat(100_000), isFinal: true });
      const { letters } = await bench.queues.deadLetters.list();
      assert.equal(letters[0]?.error.length, ERROR_CHARACTERS_MAX + 1);
    },
  },
  {
    text: "takes a dead letter back as the message that it was",
    async check(bench) {
      const queue = named(bench);
      const id = await queue.send("a", { key: "k" });
      const lease = only(await queue.lease(1));
      await lease.nack({ isFinal: true });
      const { deadLetters } = bench.queues;
      const [letter] = (await deadLetters.list()).letters;
      await deadLetters.replay(letter?.id ?? "");
      const { message } = only(await queue.lease(1));
      assert.deepEqual([message.id, message.key, message.attempt], [
        id,
        "k",
        1,
      ]);
      assert.deepEqual((await deadLetters.list()).letters, []);
      await assert.rejects(deadLetters.replay(letter?.id ?? ""), {
        code: "not-found",
      });
    },
  },
];
