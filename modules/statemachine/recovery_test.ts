/**
 * What survives a stop and a crash. Two applications on one store, one after the
 * other, stand for a process and its successor.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Batch, Store } from "@engine/store/store.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import {
  document,
  ORDER,
  start,
  stateOf,
  trail,
  type Work,
} from "./_fixture_test.ts";
import { GRACE_MS } from "../_grace.ts";

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

function problems(app: Awaited<ReturnType<typeof start>>): string[] {
  return app.events.filter(({ severity }) => severity !== undefined)
    .map(({ severity, message }) => `${severity} ${message}`);
}

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

Deno.test("statemachine.engine keeps work whose handler is gone until the document has it again", async () => {
  const store = memoryStore();
  const seen: string[] = [];
  const mailed = { handler: "mailer", transitions: ["check_failed"] };
  {
    await using app = await start({
      store,
      hooks: PIPELINE,
      work: () => ({ kind: "retry", inMs: 1, error: "later" }),
    });
    for (const id of ["o1", "o2", "o3"]) {
      await app.machines.create("order", id, {});
      await app.machines.fire(id, "check");
    }
    await app.machines.idle();
  }
  await using app = await start({
    store,
    hooks: [mailed],
    work(event, context, name) {
      seen.push(`${name} ${event.instanceId} ${context.attempt}`);
      return name === "mailer"
        ? { kind: "done" }
        : PASSING(event, context, name);
    },
  });
  await app.effects.advance(1_000);
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "o1"), "checking");
  // Told once, whatever waits for it.
  assert.deepEqual(problems(app), [
    'error Work waits, that of order "o1" after "check" first: no hook of the ' +
    'document has the handler "checker"',
  ]);
  // It holds up nothing that has its handler.
  await app.machines.fire("o2", "check_failed");
  await app.machines.idle();
  assert.deepEqual(seen, ["mailer o2 1"]);
  await app.reload(document([...PIPELINE, mailed]));
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), SHIPPED);
  assert.deepEqual(await trail(app.machines, "o3"), SHIPPED);
  assert.ok(seen.includes("checker o1 2"));
  assert.deepEqual(await Array.fromAsync(store.list(TASKS)), []);
});

Deno.test("statemachine.engine makes nothing anew that it has kept under another name", async () => {
  const store = memoryStore();
  {
    await using app = await start({ store, hooks: PIPELINE });
    await app.machines.create("order", "o1", {});
  }
  const renamed = JSON.parse(
    JSON.stringify(document(PIPELINE)).replaceAll('"orders"', '"sales"'),
  );
  await using app = await start({ store, document: renamed });
  assert.deepEqual(problems(app), [
    'warning The store has instances of "orders", and the document has no ' +
    "statemachine.engine of this name: if it was renamed, take the name back, " +
    "since they and their work belong to the name",
  ]);
  const message = /Cannot make "o1": "orders", .* has an instance of this id/;
  const create = { definition: "order", data: {} };
  for (
    const attempt of [
      app.machines.create("order", "o1", {}),
      app.machines.fire("o1", "check", { create }),
    ]
  ) {
    await assert.rejects(attempt, {
      name: "RefusedError",
      code: "conflict",
      message,
    });
  }
  const nobody = { code: "not-found" };
  await assert.rejects(app.machines.fire("o1", "check"), nobody);
  await app.machines.fire("o2", "check", { create });
  // Beside one that has the name, the new one is just another engine.
  await app.reload({
    ...renamed,
    modules: [...renamed.modules, {
      name: "orders",
      type: "statemachine.engine",
    }],
  });
  const { length } = problems(app);
  await app.machines.create("order", "o1", {});
  assert.equal(problems(app).length, length);
  const all = app.application.all(StateMachines);
  const old = all.find(({ name }) => name === "orders");
  assert.equal((await old?.service.get("o1"))?.state, "new");
});

Deno.test("statemachine.engine keeps what work has led to until its definition is back", async () => {
  const keys = new Set<string>();
  const gate = Promise.withResolvers<void>();
  await using app = await start({
    hooks: PIPELINE,
    async work(event, context, name) {
      keys.add(context.idempotencyKey);
      await gate.promise;
      return PASSING(event, context, name);
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.reload(document(PIPELINE, { ...ORDER, name: "bill" }));
  gate.resolve();
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "o1"), "checking");
  assert.deepEqual(problems(app), [
    'error Work waits, that of order "o1" after "check" first: the document ' +
    'has no state machine "order"',
  ]);
  await app.reload(document(PIPELINE));
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), SHIPPED);
  assert.equal(keys.size, 2);
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

/** The document, changed so that another instance of the engine takes over. */
function replacing() {
  const { modules, workflows } = document(PIPELINE);
  return {
    modules: modules.map((module) =>
      module.name === "orders" ? { ...module, dependsOn: ["payer"] } : module
    ),
    workflows,
  };
}

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
  await app.reload(replacing());
  const machines = app.service(StateMachines);
  assert.notEqual(machines, app.machines);
  await app.effects.advance(1_000);
  await machines.idle();
  assert.deepEqual(await trail(machines, "o1"), SHIPPED);
});

Deno.test("statemachine.engine hands on what is committed while a reload replaces it", async () => {
  // Four callers are on their way at the reload: before a read, in it, before the
  // commit is applied, and after that, before its answer.
  const store = memoryStore();
  const gates = new Map<string, () => Promise<void>>();
  const waits = async (at: string, id: unknown) =>
    await gates.get(`${at} ${id}`)?.();
  const idOf = (key: readonly unknown[] = []) => key.at(-1);
  await using app = await start({
    store: {
      ...failingStore(store, Infinity, false),
      async get(key) {
        await waits("read", idOf(key));
        return await store.get(key);
      },
      async commit(batch: Batch) {
        const id = idOf(batch.checks?.[0]?.key);
        await waits("commit", id);
        const outcome = await store.commit(batch);
        await waits("answer", id);
        return outcome;
      },
    },
    hooks: PIPELINE,
    work: PASSING,
  });
  const { machines } = app;
  const ids = ["later", "read", "commit", "answer"];
  for (const id of ids) {
    // What another process has made has to be read.
    await using other = id === "read" ? await start({ store }) : undefined;
    await (other ?? app).machines.create("order", id, {});
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const id of ids) gates.set(`${id} ${id}`, () => promise);
  const fired = ids.slice(1).map((id) => machines.fire(id, "check"));
  await app.effects.advance(0);
  const seen: string[] = [];
  await app.reload(replacing());
  const present = app.service(StateMachines);
  present.onCommitted(({ id }) => seen.push(id));
  fired.push(machines.fire("later", "check"));
  gates.clear();
  resolve();
  await Promise.all(fired);
  await app.effects.advance(10_000);
  await present.idle();
  for (const id of ids) {
    assert.deepEqual(await trail(present, id), SHIPPED, id);
    // Whoever watches the new engine hears of each of the five transitions.
    assert.equal(seen.filter((other) => other === id).length, 5, id);
  }
});

Deno.test("statemachine.engine does a request with an idempotency key once, also after a restart", async () => {
  const store = memoryStore();
  for (const run of [1, 2]) {
    await using app = await start({ document: document(), store });
    const machines = app.service(StateMachines);
    const fire = (idempotencyKey: string) =>
      machines.fire("1", "check", {
        idempotencyKey,
        create: { definition: "order", data: {} },
      });
    const [first, second] = await Promise.all([fire("k"), fire("k")]);
    assert.equal(first.state, "checking", `in run ${run}`);
    assert.equal(second.state, "checking");
    await assert.rejects(fire("other"), { code: "wrong-state" });
    assert.deepEqual(await trail(machines, "1"), [":new", "check:checking"]);
    // A caller that names no instance makes an id up, each time another one.
    const unnamed = async () =>
      (await app.dispatch("order", "check", {}, { idempotencyKey: "new" }))
        .instanceId;
    assert.equal(await unnamed(), await unnamed());
    const all = await Array.fromAsync(machines.list());
    assert.equal(all.length, 2, "one for each key, whatever the run");
  }
});
