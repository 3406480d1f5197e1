/**
 * What survives a stop and a crash. Two applications on one store, one after the
 * other, stand for a process and its successor.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Batch, Store } from "@engine/store/store.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { start, stateOf, trail, type Work } from "./_fixture_test.ts";
import { GRACE_MS } from "./_grace.ts";

const PIPELINE = [
  { handler: "checker", transitions: ["check"] },
  { handler: "payer", transitions: ["pay"] },
];

const PASSING: Work = (_, __, name) => ({
  kind: "done",
  fire: name === "checker" ? "check_passed" : "pay_passed",
});

const SHIPPED = [
  ":new",
  "check:checking",
  "check_passed:checked",
  "pay:paying",
  "pay_passed:paid",
  "ship:shipped",
];

const TASKS = { prefix: ["app", "test", "machine", "orders", "task"] };

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

Deno.test("statemachine.engine continues after a stop where it stopped", async () => {
  const store = memoryStore();
  const seen: string[] = [];
  {
    await using app = await start({
      store,
      hooks: PIPELINE,
      work: (event, { idempotencyKey }, name) => {
        seen.push(idempotencyKey);
        if (name === "payer") {
          return { kind: "retry", inMs: 60_000, error: "closed" };
        }
        return PASSING(event, {} as never, name);
      },
    });
    await app.machines.create("order", "o1", { total: 1 });
    await app.machines.fire("o1", "check");
    await app.machines.idle();
    assert.equal(await stateOf(app.machines, "o1"), "paying");
  }
  {
    const attempts: number[] = [];
    await using app = await start({
      store,
      hooks: PIPELINE,
      work(event, context, name) {
        assert.equal(name, "payer");
        assert.deepEqual(event.data, { total: 1 });
        attempts.push(context.attempt);
        seen.push(context.idempotencyKey);
        return PASSING(event, context, name);
      },
    });
    await app.machines.idle();
    // The clocks of both simulated worlds begin alike: the wait is not over.
    assert.deepEqual(attempts, []);
    await app.effects.advance(60_000);
    await app.machines.idle();
    assert.deepEqual(attempts, [2]);
    assert.deepEqual(await trail(app.machines, "o1"), SHIPPED);
    assert.deepEqual(await Array.fromAsync(store.list(TASKS)), []);
  }
  assert.equal(new Set(seen).size, 2);
  assert.equal(seen[1], seen[2]);
});

Deno.test("statemachine.engine tells running work to give up when it stops, and keeps it", async () => {
  const store = memoryStore();
  let aborted = false;
  const app = await start({
    store,
    hooks: PIPELINE,
    work: (_, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason);
        })
      ),
  });
  await app.machines.create("order", "o1", {});
  await app.machines.create("order", "o2", {});
  await app.machines.fire("o1", "check");
  await app.stop();
  assert.equal(aborted, true);
  const tasks = await Array.fromAsync(store.list(TASKS));
  assert.deepEqual(
    tasks.map(({ value }) => (value as { attempt: number }).attempt),
    [1],
  );
  await using next = await start({ store, hooks: PIPELINE, work: PASSING });
  await next.machines.idle();
  assert.deepEqual(await trail(next.machines, "o1"), SHIPPED);
});

Deno.test("statemachine.engine commits what finishes while it stops", async () => {
  const store = memoryStore();
  const gate = Promise.withResolvers<void>();
  const app = await start({
    store,
    hooks: PIPELINE,
    async work(event, { signal }, name) {
      signal.addEventListener("abort", () => gate.resolve());
      await gate.promise;
      return PASSING(event, {} as never, name);
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.stop();
  await using next = await start({ store });
  assert.deepEqual(
    (await trail(next.machines, "o1")).slice(0, 3),
    SHIPPED.slice(0, 3),
  );
});

Deno.test("statemachine.engine stops although a handler does not, and ignores what it says later", async () => {
  const store = memoryStore();
  const gate = Promise.withResolvers<void>();
  const app = await start({
    store,
    hooks: PIPELINE,
    async work() {
      await gate.promise;
      return { kind: "done", fire: "check_failed" };
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  const stopped = app.stop();
  await app.effects.advance(GRACE_MS);
  await stopped;
  await using next = await start({ store, hooks: PIPELINE, work: PASSING });
  gate.resolve();
  await next.machines.idle();
  assert.deepEqual(await trail(next.machines, "o1"), SHIPPED);
});

Deno.test("statemachine.engine records work whose handler is gone after a restart", async () => {
  const store = memoryStore();
  {
    await using app = await start({
      store,
      hooks: PIPELINE,
      work: () => ({ kind: "retry", inMs: 1, error: "later" }),
    });
    await app.machines.create("order", "o1", {});
    await app.machines.fire("o1", "check");
    await app.machines.idle();
  }
  await using app = await start({ store });
  await app.effects.advance(1_000);
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "o1"), "checking");
  assert.ok(
    app.events.some(({ severity, message }) =>
      severity === "error" &&
      /No module called "checker" can handle/.test(message)
    ),
  );
});

/** Commits that take an order from its creation to its end. */
const COMMITS = 6;

Deno.test("statemachine.engine takes one commit a step of an order", async () => {
  let commits = 0;
  const store = memoryStore();
  await using app = await start({
    store: {
      ...failingStore(store, Infinity, false),
      commit(batch) {
        commits++;
        return store.commit(batch);
      },
    },
    hooks: PIPELINE,
    work: PASSING,
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), SHIPPED);
  assert.equal(commits, COMMITS);
});

for (const isApplied of [false, true]) {
  const when = isApplied ? "right after" : "before";
  Deno.test(`statemachine.engine finishes an order once, whichever commit the power fails ${when}`, async () => {
    for (let at = 0; at < COMMITS; at++) {
      const store = memoryStore();
      const paid = new Set<string>();
      const work: Work = (event, context, name) => {
        if (name === "payer") paid.add(context.idempotencyKey);
        return PASSING(event, context, name);
      };
      const app = await start({
        store: failingStore(store, at, isApplied),
        hooks: PIPELINE,
        work,
      });
      await app.machines.create("order", "o1", {}).catch(() => {});
      await app.machines.fire("o1", "check").catch(() => {});
      await app.effects.advance(100);
      await app.stop();
      await using next = await start({ store, hooks: PIPELINE, work });
      const { machines } = next;
      if (await machines.get("o1") === undefined) {
        await machines.create("order", "o1", {});
      }
      if (await stateOf(machines, "o1") === "new") {
        await machines.fire("o1", "check");
      }
      await next.effects.advance(60_000);
      await machines.idle();
      assert.deepEqual(await trail(machines, "o1"), SHIPPED, `commit ${at}`);
      assert.equal(paid.size, 1, `commit ${at}`);
      assert.deepEqual(await Array.fromAsync(store.list(TASKS)), []);
    }
  });
}

Deno.test("statemachine.engine finishes what was committed although the store failed", async () => {
  // The store fails once, after it has applied the transition with its task.
  const store = memoryStore();
  let isBroken = false;
  await using app = await start({
    store: {
      ...failingStore(store, Infinity, false),
      async commit(batch: Batch) {
        const outcome = await store.commit(batch);
        if (!isBroken) return outcome;
        isBroken = false;
        throw new Error("Cannot tell what became of the commit");
      },
    },
    hooks: PIPELINE,
    work: PASSING,
  });
  await app.machines.create("order", "o1", {});
  isBroken = true;
  await assert.rejects(app.machines.fire("o1", "check"), /Cannot tell/);
  await app.effects.advance(10_000);
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), SHIPPED);
});

Deno.test("statemachine.engine waits for the store with what a handler has done", async () => {
  const store = memoryStore();
  let isDown = false;
  let calls = 0;
  await using app = await start({
    store: {
      ...failingStore(store, Infinity, false),
      commit: (batch: Batch) =>
        isDown
          ? Promise.reject(new Error("The store is down"))
          : store.commit(batch),
    },
    hooks: PIPELINE,
    work(event, context, name) {
      if (name === "checker") {
        calls++;
        isDown = true;
      }
      return PASSING(event, context, name);
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.effects.advance(10_000);
  assert.equal(await stateOf(app.machines, "o1"), "checking");
  isDown = false;
  await app.effects.advance(60_000);
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), SHIPPED);
  assert.equal(calls, 1);
});

Deno.test("statemachine.engine goes on with its work across a reload", async () => {
  await using app = await start({
    hooks: PIPELINE,
    work: (event, context, name) =>
      name === "checker" && context.attempt === 1
        ? { kind: "retry", inMs: 1_000, error: "later" }
        : PASSING(event, context, name),
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  // The engine itself changes, so another instance of it takes over.
  const { plan } = app.application;
  const { modules, workflows } = (await import("./_fixture_test.ts")).document(
    PIPELINE,
  );
  await app.reload({
    modules: modules.map((module) =>
      module.name === "orders" ? { ...module, dependsOn: ["payer"] } : module
    ),
    workflows,
  });
  assert.notEqual(app.application.plan, plan);
  await app.effects.advance(1_000);
  const machines = app.service(
    (await import("@engine/services/state_machines.ts")).StateMachines,
  );
  await machines.idle();
  assert.deepEqual(await trail(machines, "o1"), SHIPPED);
});
