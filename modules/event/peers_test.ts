/**
 * Several processes on one store: applications that share a clock, of which one
 * can be cut off.
 *
 * @module
 */
import assert from "node:assert/strict";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Store } from "@engine/store/store.ts";
import { BEAT_MS, LEASE_MS } from "@engine/peers.ts";
import { start, type Work } from "./_fixture_test.ts";

/** Two processes, and what cuts the first off. */
async function two(work: (who: "a" | "b") => Work) {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  let isCut = false;
  const line: Store = {
    limits: store.limits,
    get: (key) => isCut ? new Promise(() => {}) : store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) => isCut ? new Promise(() => {}) : store.commit(batch),
  };
  return {
    effects,
    store,
    cut: () => void (isCut = true),
    a: await start({ store: line, effects, isShared: true, work: work("a") }),
    b: await start({ store, effects, isShared: true, work: work("b") }),
  };
}

Deno.test("events that several processes take belong together, and a match is told once", async () => {
  const { a, b, effects } = await two(() => () => {});
  assert.deepEqual(await a.submit("failed"), []);
  assert.deepEqual(await b.submit("failed"), []);
  assert.deepEqual(await a.submit("failed"), ["failures"]);
  await effects.advance(3 * LEASE_MS);
  assert.equal(a.told.length, 1);
  assert.equal(b.told.length, 0);
  await a.stop();
  await b.stop();
});

Deno.test("a match that a process has not delivered when it is gone is delivered by another", async () => {
  const { a, b, cut, effects } = await two((who) => () =>
    who === "a" ? new Promise(() => {}) : undefined
  );
  for (let n = 0; n < 3; n++) {
    void a.processor.submit({
      eventType: "failed",
      correlationId: "s1",
      data: {},
    });
    await effects.advance(1);
  }
  assert.equal(a.told.length, 1);
  cut();
  await effects.advance(LEASE_MS - BEAT_MS);
  assert.equal(b.told.length, 0);
  await effects.advance(3 * BEAT_MS);
  assert.equal(b.told.length, 1);
  assert.equal(b.told[0]?.message.id, a.told[0]?.message.id);
  await effects.advance(3 * LEASE_MS);
  assert.equal(b.told.length, 1);
  await b.stop();
});
