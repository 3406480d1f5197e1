/**
 * What becomes of announcements when the process dies around them, with a broker
 * that keeps what it has taken.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { RefusedError, RetryableError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Store } from "@engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import { BEAT_MS, LEASE_MS } from "@engine/peers.ts";
import { ORDER } from "./_fixture_test.ts";
import engine from "./engine.ts";

/** Takes a message, or does not. */
type Publish = (topic: string) => Promise<void>;

/** A durable broker in the hands of a test. */
function brokerOf(publish: Publish, isDurable = true) {
  return defineModule({
    type: "test.broker",
    summary: "Take messages as the test says",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [Broker],
    examples: [],
    create: () => ({ isDurable, publish, subscribe: () => () => {} }),
  });
}

async function start(
  publish: Publish,
  options: {
    readonly store?: Store;
    readonly effects?: ReturnType<typeof simulatedEffects>;
    readonly isShared?: boolean;
    readonly isDurable?: boolean;
  } = {},
) {
  const { isDurable, ...rest } = options;
  const app = await startApplication({
    document: {
      modules: [
        { name: "orders", type: "statemachine.engine" },
        { name: "broker", type: "test.broker" },
      ],
      workflows: { statemachine: { engine: "orders", definitions: [ORDER] } },
    },
    definitions: [engine, statemachine, brokerOf(publish, isDurable)],
    ...rest,
  });
  return Object.assign(app, { machines: app.service(StateMachines) });
}

const ROWS = { prefix: ["app", "test", "machine", "orders", "announced"] };
const rowsOf = async (store: Store) =>
  (await Array.fromAsync(store.list(ROWS))).length;

/** Where a check of an order is announced. */
const CHECKING = ["order.checking", "order.state_changed"];

/** Never answers, as one whose process has died. */
const silent: Publish = () => new Promise(() => {});

Deno.test("a transition that was committed and not announced is announced after a restart", async () => {
  const store = memoryStore();
  const first = await start(silent, { store });
  await first.machines.create("order", "o1", {});
  await first.machines.fire("o1", "check");
  assert.equal(await rowsOf(store), 1);
  const heard: string[] = [];
  await using second = await start(
    (topic) => Promise.resolve(void heard.push(topic)),
    { store },
  );
  await second.machines.idle();
  assert.deepEqual(heard, CHECKING);
  assert.equal(await rowsOf(store), 0);
});

Deno.test("an announcement that the broker has no room for is made again, before those that follow", async () => {
  const heard: string[] = [];
  let isFull = true;
  await using app = await start((topic) => {
    if (isFull) return Promise.reject(new RetryableError("No room"));
    return Promise.resolve(void heard.push(topic));
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.fire("o1", "check_passed");
  await app.effects.advance(100);
  assert.equal(heard.length, 0);
  isFull = false;
  await app.effects.advance(60_000);
  await app.machines.idle();
  assert.deepEqual(heard.filter((topic) => !topic.endsWith("changed")), [
    "order.checking",
    "order.checked",
    "order.paying",
  ]);
  assert.equal(await rowsOf(app.store), 0);
});

Deno.test("an announcement that the broker refuses is said and given up", async () => {
  await using app = await start(() =>
    Promise.reject(new RefusedError("invalid-input", "No such topic"))
  );
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.equal(await rowsOf(app.store), 0);
  assert.ok(app.logs.some(({ message }) => /No such topic/.test(message)));
});

Deno.test("a broker that keeps nothing has nothing kept for it", async () => {
  const store = memoryStore();
  const app = await start(silent, { store, isDurable: false });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  assert.equal(await rowsOf(store), 0);
});

Deno.test("an announcement whose commit failed for its caller and was done all the same is made", async () => {
  const store = memoryStore();
  let fails = false;
  const line: Store = {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    async commit(batch) {
      const result = await store.commit(batch);
      if (!fails) return result;
      fails = false;
      throw new Error("The line broke");
    },
  };
  const heard: string[] = [];
  await using app = await start(
    (topic) => Promise.resolve(void heard.push(topic)),
    { store: line },
  );
  await app.machines.create("order", "o1", {});
  fails = true;
  await assert.rejects(app.machines.fire("o1", "check"), /The line broke/);
  await app.effects.advance(60_000);
  assert.deepEqual(heard, CHECKING);
  assert.equal(await rowsOf(store), 0);
});

Deno.test("of several processes another announces what one that is gone has not, once", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  let isCut = false;
  const cut: Store = {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) => isCut ? new Promise(() => {}) : store.commit(batch),
  };
  const first = await start(silent, { store: cut, effects, isShared: true });
  const heard: string[] = [];
  const hear: Publish = (topic) => Promise.resolve(void heard.push(topic));
  const others = [
    await start(hear, { store, effects, isShared: true }),
    await start(hear, { store, effects, isShared: true }),
  ];
  await first.machines.create("order", "o1", {});
  await first.machines.fire("o1", "check");
  await effects.advance(2 * BEAT_MS);
  assert.equal(heard.length, 0);
  isCut = true;
  await effects.advance(LEASE_MS + 2 * BEAT_MS);
  assert.deepEqual(heard, CHECKING);
  assert.equal(await rowsOf(store), 0);
  for (const other of others) await other.stop();
});
