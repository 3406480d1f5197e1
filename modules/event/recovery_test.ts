/**
 * What survives a stop and a crash. Two applications on one store, one after the
 * other, stand for a process and its successor.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { EventProcessor } from "@engine/services/event_processor.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Batch, Store } from "@engine/store/store.ts";
import { document, type Parts, rows, start } from "./_fixture_test.ts";

type App = Awaited<ReturnType<typeof start>>;

async function fail(app: App, times: number, key = "s1"): Promise<void> {
  for (let n = 0; n < times; n++) await app.submit("failed", key);
}

/** The power fails at the commit with this number: before it, or right after. */
function failingStore(store: Store, at: number, isApplied: boolean): Store {
  let commits = 0;
  function refuse(): never {
    throw new Error("Cannot reach the store: the power is off");
  }
  return {
    limits: store.limits,
    get: (key) => commits > at ? refuse() : store.get(key),
    getMany: (keys) => commits > at ? refuse() : store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    async commit(batch: Batch) {
      if (++commits <= at) return await store.commit(batch);
      if (isApplied && commits === at + 1) await store.commit(batch);
      return refuse();
    },
  };
}

Deno.test("event.processor matches after a restart what was submitted before it", async () => {
  const store = memoryStore();
  const effects = simulatedEffects();
  {
    await using app = await start({ store, effects });
    await fail(app, 2, "s1");
    await fail(app, 1, "s2");
  }
  await effects.advance(60_000);
  await using app = await start({ store, effects });
  await fail(app, 1, "s2");
  assert.deepEqual(app.counts(), []);
  await fail(app, 1, "s1");
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
});

Deno.test("event.processor counts after a restart only what is younger than the window", async () => {
  const store = memoryStore();
  const effects = simulatedEffects();
  {
    await using app = await start({ store, effects });
    await fail(app, 2);
  }
  await effects.advance(300_000);
  await using app = await start({ store, effects });
  await fail(app, 2);
  assert.deepEqual(app.counts(), []);
  await fail(app, 1);
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
});

Deno.test("event.processor remembers across a restart what is used up", async () => {
  const store = memoryStore();
  const effects = simulatedEffects();
  {
    await using app = await start({ store, effects });
    await fail(app, 4);
    assert.equal(app.told.length, 1);
  }
  await using app = await start({ store, effects });
  await fail(app, 1);
  assert.deepEqual(app.counts(), []);
  await fail(app, 1);
  assert.equal(app.told.length, 1);
});

Deno.test("event.processor counts nothing anew that a store removes late", async () => {
  // A store that forgets the head of a key, but none of its events.
  const store = memoryStore();
  await using app = await start({ store });
  await fail(app, 2);
  await app.stop();
  const [head] = await rows(store, "head");
  await store.commit({ deletes: [head?.key ?? []] });
  const next = await start({ store });
  await fail(next, 1);
  await next.stop();
  // Now a row from before has the number that comes next.
  await using last = await start({ store });
  await fail(last, 1);
  assert.deepEqual(last.counts(), []);
  await fail(last, 1);
  assert.deepEqual(last.counts(), ["alarm failures 3 s1"]);
});

Deno.test("event.processor delivers after a kill between a match and its handler, under the same id", async () => {
  const store = memoryStore();
  const effects = simulatedEffects();
  const never = Promise.withResolvers<void>();
  const killed = await start({ store, effects, work: () => never.promise });
  await fail(killed, 2);
  const submitted = await killed.processor.submit({
    eventType: "failed",
    correlationId: "s1",
    data: {},
  });
  assert.equal(submitted.length, 1);
  await effects.advance(0);
  // It is never stopped: nothing of it happens any more.
  assert.equal(killed.told.length, 1);
  await using app = await start({ store, effects });
  await app.processor.idle();
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
  assert.deepEqual(app.told[0]?.message, killed.told[0]?.message);
  assert.deepEqual(await rows(store, "delivery"), []);
  await using last = await start({ store, effects });
  await last.processor.idle();
  assert.deepEqual(last.told, []);
});

Deno.test("event.processor loses no match and no event wherever the power fails", async () => {
  // Each event and each delivery is one commit: fail at each, applied or not,
  // and submit again what was not acknowledged, as a careful sender would.
  for (const isApplied of [false, true]) {
    for (let at = 0; at <= 6; at++) {
      const store = memoryStore();
      const effects = simulatedEffects();
      const acknowledged = new Set<string>();
      const ids = ["m1", "m2", "m3", "m4", "m5"];
      const told = new Set<string>();
      const work: Parts["work"] = ({ payload }) =>
        void told.add(String((payload as JsonObject).matchedAt));
      const send = async (app: App): Promise<void> => {
        for (const id of ids.filter((id) => !acknowledged.has(id))) {
          await app.processor.submit({
            eventType: "failed",
            correlationId: "s1",
            data: {},
            id,
          });
          acknowledged.add(id);
          await effects.advance(0);
        }
      };
      const broken = failingStore(store, at, isApplied);
      const killed = await start({ store: broken, effects, work });
      await send(killed).catch(() => {});
      await using app = await start({ store, effects, work });
      await send(app);
      await app.processor.idle();
      const where = `commit ${at}, ${isApplied ? "" : "not "}applied`;
      assert.equal(told.size, 1, where);
      const [head] = await rows(store, "head");
      assert.equal((head?.value as { last: number }).last, 5, where);
      assert.deepEqual(await rows(store, "delivery"), [], where);
    }
  }
});

Deno.test("event.processor takes up a match whose commit nobody heard of", async () => {
  const store = memoryStore();
  let isSilent = false;
  const flaky: Store = {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    async commit(batch) {
      const result = await store.commit(batch);
      if (isSilent) throw new Error("Cannot reach the store");
      return result;
    },
  };
  await using app = await start({ store: flaky });
  await fail(app, 2);
  isSilent = true;
  await assert.rejects(fail(app, 1), /Cannot reach the store/);
  isSilent = false;
  await fail(app, 1);
  assert.deepEqual(app.counts(), []);
  await app.effects.advance(300_000);
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
});

Deno.test("event.processor goes on with its windows after a reload of its own config", async () => {
  await using app = await start();
  await fail(app, 2);
  await app.reload(document({ config: { bufferSize: 50 } }));
  const next = app.service(EventProcessor);
  const matches = await next.submit({
    eventType: "failed",
    correlationId: "s1",
    data: {},
  });
  await next.idle();
  assert.deepEqual(matches.map(({ eventsCount }) => eventsCount), [3]);
  assert.equal(app.told.length, 1);
});

Deno.test("event.processor combines what two processes submit to one store", async () => {
  const store = memoryStore();
  const effects = simulatedEffects();
  await using one = await start({ store, effects });
  await using two = await start({ store, effects });
  const matched = [];
  for (const app of [one, two, one, two, one, two]) {
    matched.push((await app.submit("failed")).length);
  }
  assert.deepEqual(matched, [0, 0, 1, 0, 0, 1]);
  assert.deepEqual(one.counts(), ["alarm failures 3 s1"]);
  assert.deepEqual(two.counts(), ["alarm failures 3 s1"]);
  const many = await Promise.all(
    Array.from({ length: 30 }, (_, n) => (n % 2 ? one : two).submit("failed")),
  );
  assert.equal(many.flat().length, 10);
});
