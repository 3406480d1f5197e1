/**
 * Several processes on one store: engines that share a clock, of which one can
 * be cut off.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BEAT_MS, LEASE_MS } from "../peers.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import {
  type Asked,
  machine,
  recorder,
  start,
  TAKES,
} from "./_fixture_test.ts";

const DOCUMENTS = {
  a: machine("order", "paid"),
  work: TAKES,
  links: {
    links: [{
      source: "a",
      target: "work",
      event_pattern: "order.paid",
      target_action: "test:ship",
    }],
  },
};

/** Two processes, what each was asked, and what cuts the first off. */
async function two(fail: () => Error | undefined = () => undefined) {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  let isCut = false;
  const lost = new Promise<never>(() => {});
  const line: Store = {
    limits: store.limits,
    get: (key) => isCut ? lost : store.get(key),
    getMany: (keys) => isCut ? lost : store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) => isCut ? lost : store.commit(batch),
  };
  const asked = { a: [] as Asked, b: [] as Asked };
  const begin = (who: "a" | "b", own: Store) =>
    start(DOCUMENTS, {
      ...{ store: own, effects, isShared: true },
      more: [recorder(asked[who], () => who === "a" ? fail() : undefined)],
    });
  return {
    ...{ effects, store, asked },
    cut: () => void (isCut = true),
    a: await begin("a", line),
    b: await begin("b", store),
  };
}

Deno.test("of several processes one delivers what waits for a target, in order, whoever took it", async () => {
  const { a, b, asked, effects } = await two();
  for (const id of ["o1", "o2", "o3", "o4"]) {
    const { machines } = id < "o3" ? a : b;
    await machines("a").create("order", id, {}, { fire: "go_order" });
    await effects.advance(1);
  }
  await effects.advance(2 * BEAT_MS);
  const both = [...asked.a, ...asked.b];
  assert.deepEqual(both.map(([, data]) => data.id), ["o1", "o2", "o3", "o4"]);
  assert.ok(asked.a.length === 0 || asked.b.length === 0);
  await a.engine.stop();
  await b.engine.stop();
});

Deno.test("another process delivers what one that is gone has left, under the same key", async () => {
  const { a, b, asked, cut, effects, store } = await two(() =>
    new Error("not now")
  );
  await a.machines("a").create("order", "o1", {}, { fire: "go_order" });
  await effects.advance(100);
  assert.deepEqual([asked.a.length, asked.b.length], [0, 0]);
  cut();
  await effects.advance(LEASE_MS - BEAT_MS);
  assert.equal(asked.b.length, 0);
  await effects.advance(60_000);
  assert.deepEqual(asked.b.map(([action, data]) => [action, data.id]), [
    ["ship", "o1"],
  ]);
  const rest = await Array.fromAsync(
    store.list({ prefix: ["links", "later"] }),
  );
  assert.deepEqual(rest, []);
  await b.engine.stop();
});

Deno.test("another process delivers at once what one that stops in good order has left", async () => {
  const { a, b, asked, effects } = await two(() => new Error("not now"));
  await a.machines("a").create("order", "o1", {}, { fire: "go_order" });
  await effects.advance(100);
  await a.engine.stop();
  await effects.advance(2 * BEAT_MS);
  assert.deepEqual(asked.b.map(([, data]) => data.id), ["o1"]);
  await b.engine.stop();
});
