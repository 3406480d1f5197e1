/**
 * Several processes on one store: two applications that share a clock, of which
 * one can be cut off.
 *
 * @module
 */
import assert from "node:assert/strict";
import { memoryStore } from "@engine/store/memory.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import type { Store } from "@engine/store/store.ts";
import { BEAT_MS, LEASE_MS } from "@engine/peers.ts";
import { start, stateOf, trail, type Work } from "./_fixture_test.ts";

const HOOKS = [
  { handler: "checker", transitions: ["check"] },
  { handler: "payer", transitions: ["pay"] },
];

const PEERS = { prefix: ["app", "test", "peer", "orders"] };

/** A store that one process sees, until its line is cut. */
function lineTo(store: Store) {
  let isCut = false;
  const lost = new Promise<never>(() => {});
  const guard = <T>(ask: () => Promise<T>): Promise<T> => isCut ? lost : ask();
  const line: Store = {
    limits: store.limits,
    get: (key) => guard(() => store.get(key)),
    getMany: (keys) => guard(() => store.getMany(keys)),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) => guard(() => store.commit(batch)),
  };
  return {
    line,
    cut: () => void (isCut = true),
    mend: () => void (isCut = false),
  };
}

/** Processes of one application, with the work that each does. */
async function processes(work: (who: string) => Work) {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const lines = { a: lineTo(store), b: lineTo(store) };
  const begin = (name: "a" | "b") =>
    start({
      ...{ hooks: HOOKS, work: work(name), effects, isShared: true },
      store: lines[name].line,
    });
  return { effects, store, lines, a: await begin("a"), b: await begin("b") };
}

const passing = (name: string) => ({
  kind: "done" as const,
  fire: name === "checker" ? "check_passed" : "pay_passed",
});

Deno.test("several processes do each task once, in the process that asked for it", async () => {
  const done: string[] = [];
  const { a, b, effects } = await processes((who) => (event, _, name) => {
    done.push(`${who} ${event.instanceId} ${name}`);
    return passing(name);
  });
  await a.machines.create("order", "o1", {});
  await a.machines.fire("o1", "check");
  await b.machines.create("order", "o2", {});
  await b.machines.fire("o2", "check");
  await effects.advance(20_000);
  for (const id of ["o1", "o2"]) {
    assert.equal(await stateOf(a.machines, id), "shipped");
  }
  assert.deepEqual(done.sort(), [
    "a o1 checker",
    "a o1 payer",
    "b o2 checker",
    "b o2 payer",
  ]);
  await a.stop();
  await b.stop();
});

Deno.test("the tasks of one instance are done in the order of their transitions, whichever process has them", async () => {
  const done: string[] = [];
  const held = Promise.withResolvers<void>();
  const { a, b, effects } = await processes(
    (who) => async (_, __, name) => {
      if (name === "checker") await held.promise;
      done.push(`${who} ${name}`);
      return { kind: "done" };
    },
  );
  await a.machines.create("order", "o1", {});
  await a.machines.fire("o1", "check");
  await b.machines.fire("o1", "check_passed");
  await b.machines.fire("o1", "pay");
  await effects.advance(5_000);
  assert.deepEqual(done, []);
  held.resolve();
  await effects.advance(1_000);
  assert.deepEqual(done, ["a checker", "b payer"]);
  await a.stop();
  await b.stop();
});

Deno.test("the tasks of a process that gives no sign any more are taken over after the lease, under the same key", async () => {
  const keys: string[] = [];
  const { a, b, lines, effects, store } = await processes(
    (who) => (_, { idempotencyKey }, name) => {
      if (name === "checker") keys.push(`${who} ${idempotencyKey}`);
      return who === "a" ? new Promise(() => {}) : passing(name);
    },
  );
  await a.machines.create("order", "o1", {});
  await a.machines.fire("o1", "check");
  await effects.advance(1);
  lines.a.cut();
  await effects.advance(LEASE_MS - BEAT_MS);
  assert.equal(await stateOf(b.machines, "o1"), "checking");
  await effects.advance(3 * BEAT_MS);
  assert.equal(await stateOf(b.machines, "o1"), "shipped");
  assert.deepEqual(keys, [
    "a test/orders/o1/1/0",
    "b test/orders/o1/1/0",
  ]);
  // Its row is gone as well.
  assert.equal((await Array.fromAsync(store.list(PEERS))).length, 1);
  await b.stop();
});

Deno.test("the tasks of a process that stops in good order are taken over at once", async () => {
  const { a, b, effects } = await processes((who) => (_, __, name) =>
    who === "a"
      ? { kind: "retry", inMs: 60_000, error: "closed" }
      : passing(name)
  );
  await a.machines.create("order", "o1", {});
  await a.machines.fire("o1", "check");
  await effects.advance(10);
  await a.stop();
  await effects.advance(BEAT_MS);
  assert.equal(await stateOf(b.machines, "o1"), "checking");
  await effects.advance(60_000);
  assert.equal(await stateOf(b.machines, "o1"), "shipped");
  await b.stop();
});

Deno.test("what a process does after its tasks were taken over counts for nothing", async () => {
  const late = Promise.withResolvers<void>();
  const { a, b, lines, effects } = await processes(
    (who) => async (_, __, name) => {
      if (who === "b") return passing(name);
      await late.promise;
      return { kind: "done", fire: "check_failed" };
    },
  );
  await a.machines.create("order", "o1", {});
  await a.machines.fire("o1", "check");
  await effects.advance(1);
  // Its signs do not get through for a while: it stands still, and goes on.
  lines.a.cut();
  await effects.advance(2 * LEASE_MS);
  assert.equal(await stateOf(b.machines, "o1"), "shipped");
  lines.a.mend();
  late.resolve();
  await effects.advance(10_000);
  assert.deepEqual(await trail(b.machines, "o1"), [
    ":new",
    "check:checking",
    "check_passed:checked",
    "pay:paying",
    "pay_passed:paid",
    "ship:shipped",
  ]);
  await b.stop();
});

Deno.test("a process that begins alone takes over what was left before there were several", async () => {
  const store = memoryStore();
  {
    await using app = await start({
      ...{ store, hooks: HOOKS },
      work: () => ({ kind: "retry", inMs: 1_000, error: "closed" }),
    });
    await app.machines.create("order", "o1", {});
    await app.machines.fire("o1", "check");
  }
  await using app = await start({
    ...{ store, hooks: HOOKS, isShared: true },
    work: (_, __, name) => passing(name),
  });
  await app.effects.advance(2_000);
  assert.equal(await stateOf(app.machines, "o1"), "shipped");
});
