import assert from "node:assert/strict";
import type { EngineEvent } from "@engine/events.ts";
import { RefusedError, TerminalError } from "@engine/errors.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { INSTANCES_CACHED_MAX } from "./_instance_cache.ts";
import { AUTOMATIC_TRANSITIONS_MAX } from "./_follow_up.ts";
import { ATTEMPTS_MAX, BACKOFF_MS } from "./_attempts.ts";
import { TASKS_RUNNING_MAX } from "./_task_runner.ts";
import { ORDER, start, stateOf, trail } from "./_fixture_test.ts";

function refusal(code: string, message?: RegExp) {
  return (error: unknown) =>
    error instanceof RefusedError && error.code === code &&
    (message?.test(error.message) ?? true);
}

function notices(events: readonly EngineEvent[]): string[] {
  return events.filter(({ kind }) => kind === "notice")
    .map(({ severity, message }) => `${severity} ${message}`);
}

Deno.test("statemachine.engine creates an instance once", async () => {
  await using app = await start();
  const created = await app.machines.create("order", "o1", { total: 3 });
  assert.deepEqual(await app.machines.get("o1"), created);
  assert.equal(created.state, "new");
  await assert.rejects(
    app.machines.create("order", "o1", {}),
    refusal("already-exists"),
  );
  assert.deepEqual(await app.machines.get("o1"), created);
  assert.equal((await app.machines.history("o1")).length, 1);
});

Deno.test("statemachine.engine creates an instance in a state that is asked for", async () => {
  await using app = await start();
  const asked = await app.machines.create("order", "o1", {}, {
    state: "checked",
  });
  const unheard = await app.machines.create("order", "o2", {}, {
    state: "lost",
  });
  assert.equal(asked.state, "checked");
  assert.equal(unheard.state, "new");
  assert.equal((await app.machines.history("o1"))[0]?.toState, "checked");
});

Deno.test("statemachine.engine creates with a first transition, or not at all", async () => {
  await using app = await start();
  const { machines } = app;
  const made = await machines.create("order", "o1", { a: 1 }, {
    fire: "check",
  });
  assert.deepEqual([made.state, made.sequence], ["checking", 1]);
  assert.deepEqual(await trail(machines, "o1"), [":new", "check:checking"]);
  const again = machines.create("order", "o1", {}, { fire: "check" });
  await assert.rejects(again, { code: "already-exists" });
  const wrong = machines.create("order", "o2", {}, { fire: "ship" });
  await assert.rejects(wrong, { code: "wrong-state" });
  assert.equal(await machines.get("o2"), undefined);
});

Deno.test("statemachine.engine refuses what makes no sense", async () => {
  await using app = await start();
  await app.machines.create("order", "o1", {});
  for (
    const [attempt, code] of [
      [() => app.machines.create("parcel", "p1", {}), "unknown-definition"],
      [() => app.machines.create("order", "", {}), "invalid-input"],
      [() => app.machines.fire("o2", "check"), "not-found"],
      [() => app.machines.fire("o1", "fly"), "unknown-transition"],
      [() => app.machines.fire("o1", "pay"), "wrong-state"],
      [
        () => app.machines.fire("o1", "check", { definition: "parcel" }),
        "not-found",
      ],
      [
        () =>
          app.machines.fire("o1", "check", {
            data: { note: "x".repeat(70_000) },
          }),
        "invalid-input",
      ],
    ] as const
  ) {
    await assert.rejects(attempt(), refusal(code));
  }
  assert.equal(await stateOf(app.machines, "o1"), "new");
});

Deno.test("statemachine.engine commits the instance with a line of its history", async () => {
  await using app = await start();
  await app.machines.create("order", "o1", { total: 3 });
  await app.effects.advance(1_000);
  const fired = await app.machines.fire("o1", "check", { data: { by: "ada" } });
  assert.equal(fired.state, "checking");
  assert.deepEqual(fired.data, { total: 3, by: "ada" });
  assert.equal(fired.updatedAt - fired.createdAt, 1_000);
  assert.deepEqual((await app.machines.history("o1")).at(-1), {
    sequence: 1,
    transition: "check",
    fromState: "new",
    toState: "checking",
    at: fired.updatedAt,
    data: { by: "ada" },
  });
});

Deno.test("statemachine.engine makes and fires in one commit", async () => {
  await using app = await start();
  const create = { definition: "order", data: { total: 1 } };
  const made = await app.machines.fire("o1", "check", {
    data: { by: "ada" },
    create,
  });
  assert.deepEqual([made.state, made.data], ["checking", {
    total: 1,
    by: "ada",
  }]);
  assert.deepEqual(await trail(app.machines, "o1"), [":new", "check:checking"]);
  // The second call finds it, and does not make it again.
  await assert.rejects(
    app.machines.fire("o1", "check", { create }),
    refusal("wrong-state"),
  );
  // A refused transition makes nothing.
  await assert.rejects(
    app.machines.fire("o2", "pay", { create }),
    refusal("wrong-state"),
  );
  assert.equal(await app.machines.get("o2"), undefined);
});

Deno.test("statemachine.engine lets one of fifty concurrent transitions win", async () => {
  await using app = await start();
  await app.machines.create("order", "o1", {});
  const outcomes = await Promise.allSettled(
    Array.from(
      { length: 50 },
      (_, n) => app.machines.fire("o1", "check", { data: { n } }),
    ),
  );
  assert.equal(
    outcomes.filter(({ status }) => status === "fulfilled").length,
    1,
  );
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      assert.ok(refusal("wrong-state")(outcome.reason));
    }
  }
  assert.deepEqual(await trail(app.machines, "o1"), [":new", "check:checking"]);
});

Deno.test("statemachine.engine lets one of fifty win across two processes", async () => {
  // Two applications on one store stand for two processes.
  const store = memoryStore();
  await using one = await start({ store });
  await using other = await start({ store });
  for (let round = 0; round < 20; round++) {
    const id = `o${round}`;
    await one.machines.create("order", id, {});
    const outcomes = await Promise.allSettled(
      Array.from(
        { length: 50 },
        (_, n) => (n % 2 ? one : other).machines.fire(id, "check"),
      ),
    );
    assert.equal(
      outcomes.filter(({ status }) => status === "fulfilled").length,
      1,
    );
    assert.deepEqual(await trail(one.machines, id), [":new", "check:checking"]);
  }
});

Deno.test("statemachine.engine never refuses because of what it remembers", async () => {
  const store = memoryStore();
  await using one = await start({ store });
  await using other = await start({ store });
  await one.machines.create("order", "o1", {});
  await other.machines.fire("o1", "check");
  // `one` remembers the instance as new, where this is refused.
  assert.equal((await one.machines.fire("o1", "check_failed")).state, "failed");
});

Deno.test("statemachine.engine applies concurrent loops one after the other", async () => {
  const definition = {
    name: "counter",
    initialState: "on",
    states: { on: {} },
    transitions: { count: { fromState: "on", toState: "on" } },
  };
  const store = memoryStore();
  await using one = await start({ store, definition });
  await using other = await start({ store, definition });
  await one.machines.create("counter", "c", {});
  await Promise.all(
    Array.from(
      { length: 100 },
      (_, n) =>
        (n % 2 ? one : other).machines.fire("c", "count", {
          data: { [n]: true },
        }),
    ),
  );
  const instance = await one.machines.get("c");
  assert.equal(instance?.sequence, 100);
  assert.equal(Object.keys(instance?.data ?? {}).length, 100);
});

Deno.test("statemachine.engine forgets instances and still finds them", async () => {
  await using app = await start();
  await app.machines.create("order", "first", {});
  for (let n = 0; n <= INSTANCES_CACHED_MAX; n++) {
    await app.machines.create("order", `o${n}`, {});
  }
  assert.equal((await app.machines.fire("first", "check")).state, "checking");
});

Deno.test("statemachine.engine lists instances in order of creation", async () => {
  await using app = await start();
  for (const id of ["c", "a", "b", "d"]) {
    await app.machines.create("order", id, {});
  }
  await app.machines.fire("a", "check");
  await app.machines.fire("d", "check");
  const ids = async (options?: Parameters<typeof app.machines.list>[0]) =>
    (await Array.fromAsync(app.machines.list(options))).map(({ id }) => id);
  assert.deepEqual(await ids(), ["c", "a", "b", "d"]);
  assert.deepEqual(await ids({ state: "checking" }), ["a", "d"]);
  assert.deepEqual(await ids({ definition: "order", limit: 2 }), ["c", "a"]);
  assert.deepEqual(await ids({ definition: "parcel" }), []);
  assert.deepEqual(await ids({ limit: 0 }), []);
});

Deno.test("statemachine.engine fires automatic transitions in a chain", async () => {
  await using app = await start({
    definition: {
      name: "chain",
      initialState: "a",
      states: { a: {}, b: {}, c: {}, d: {}, e: { isFinal: true } },
      transitions: {
        go: { fromState: "a", toState: "b" },
        never: {
          fromState: "b",
          toState: "e",
          autoTransform: true,
          condition: "data.missing == 1",
        },
        second: { fromState: "b", toState: "c", autoTransform: true },
        third: { fromState: "c", toState: "d", autoTransform: true },
        fourth: { fromState: "d", toState: "e", autoTransform: true },
      },
    },
  });
  await app.machines.create("chain", "x", {});
  assert.equal((await app.machines.fire("x", "go")).state, "b");
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "x"), [
    ":a",
    "go:b",
    "second:c",
    "third:d",
    "fourth:e",
  ]);
});

Deno.test("statemachine.engine fires nothing by itself on creation", async () => {
  await using app = await start({
    definition: {
      name: "eager",
      initialState: "a",
      states: { a: {}, b: {} },
      transitions: {
        go: { fromState: "a", toState: "b", autoTransform: true },
      },
    },
  });
  await app.machines.create("eager", "x", {});
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "x"), "a");
});

Deno.test("statemachine.engine stops automatic transitions that never rest", async () => {
  await using app = await start({
    definition: {
      name: "restless",
      initialState: "a",
      states: { a: {}, b: {} },
      transitions: {
        there: { fromState: "a", toState: "b" },
        back: {
          fromState: "b",
          toState: "a",
          autoTransform: true,
          condition: "true",
        },
        again: {
          fromState: "a",
          toState: "b",
          autoTransform: true,
          condition: "true",
        },
      },
    },
  });
  await app.machines.create("restless", "x", {});
  await app.machines.fire("x", "there");
  await app.machines.idle();
  const history = await app.machines.history("x");
  assert.equal(history.length, 2 + AUTOMATIC_TRANSITIONS_MAX);
  assert.match(
    notices(app.events).join(),
    /error .*100 automatic transitions in a row/,
  );
});

Deno.test("statemachine.engine calls the hooks that apply, in the order of the document", async () => {
  const calls: string[] = [];
  await using app = await start({
    hooks: [
      { handler: "first", toStates: ["checking"] },
      { handler: "other", transitions: ["pay"] },
      { handler: "second", transitions: ["check"], fromStates: ["new"] },
      { handler: "elsewhere", workflowType: "parcel" },
      { handler: "third", transitions: [], toStates: [] },
    ],
    work(event, context, name) {
      calls.push(
        `${name} ${event.transition} ${event.fromState}>${event.toState}`,
      );
      assert.deepEqual(event.data, { total: 1 });
      assert.deepEqual([event.definition, event.instanceId], ["order", "o1"]);
      assert.equal(context.attempt, 1);
      return { kind: "done" };
    },
  });
  await app.machines.create("order", "o1", { total: 1 });
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.deepEqual(calls, [
    "first check new>checking",
    "second check new>checking",
    "third check new>checking",
  ]);
});

Deno.test("statemachine.engine commits a transition before its hooks run", async () => {
  let seen = "";
  await using app = await start({
    hooks: [{ handler: "look", transitions: ["check"] }],
    async work({ instanceId }) {
      seen = await stateOf(app.machines, instanceId);
      return { kind: "done" };
    },
  });
  await app.machines.fire("o1", "check", {
    create: { definition: "order", data: {} },
  });
  await app.machines.idle();
  assert.equal(seen, "checking");
});

const PIPELINE = [
  { handler: "checker", transitions: ["check"] },
  { handler: "payer", transitions: ["pay"] },
];

Deno.test("statemachine.engine fires what a hook asks for, and merges its data", async () => {
  await using app = await start({
    hooks: PIPELINE,
    work: (_, __, name) =>
      name === "checker"
        ? { kind: "done", fire: "check_passed", data: { stock: 4 } }
        : { kind: "done", fire: "pay_passed", data: { receipt: "r1" } },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), [
    ":new",
    "check:checking",
    "check_passed:checked",
    "pay:paying",
    "pay_passed:paid",
    "ship:shipped",
  ]);
  const order = await app.machines.get("o1");
  assert.deepEqual(order?.data, { stock: 4, receipt: "r1" });
  assert.equal(order?.completed, true);
});

Deno.test("statemachine.engine runs the later hooks although an earlier one has moved on", async () => {
  const calls: string[] = [];
  await using app = await start({
    hooks: [
      { handler: "checker", transitions: ["check"] },
      { handler: "mailer" },
    ],
    work({ transition }, _, name) {
      calls.push(`${name} ${transition}`);
      return name === "checker"
        ? { kind: "done", fire: "check_failed" }
        : { kind: "done" };
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.deepEqual(calls, [
    "checker check",
    "mailer check",
    "mailer check_failed",
  ]);
});

Deno.test("statemachine.engine drops a follow-up that is no longer possible, and says so", async () => {
  const gate = Promise.withResolvers<void>();
  await using app = await start({
    hooks: [{ handler: "checker", transitions: ["check"] }],
    async work() {
      await gate.promise;
      return { kind: "done", fire: "check_passed" };
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.fire("o1", "check_failed");
  gate.resolve();
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "o1"), "failed");
  assert.match(
    notices(app.events).join(),
    /warning .*checker is done, and what it asks for is not possible: .*state "failed"/,
  );
});

Deno.test("statemachine.engine merges data without a transition, with a line of history", async () => {
  await using app = await start({
    hooks: [{ handler: "tagger", transitions: ["check"] }],
    work: () => ({ kind: "done", data: { tags: ["new"] } }),
  });
  await app.machines.create("order", "o1", { total: 1 });
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  const order = await app.machines.get("o1");
  assert.deepEqual(order?.data, { total: 1, tags: ["new"] });
  assert.equal(order?.sequence, 1);
  const { at: _, ...line } = (await app.machines.history("o1")).at(-1) ?? {};
  assert.deepEqual(line, {
    sequence: 1,
    transition: null,
    fromState: "checking",
    toState: "checking",
    data: { tags: ["new"] },
    source: "hook tagger",
  });
});

Deno.test("statemachine.engine merges and fires automatically in one commit", async () => {
  const definition = {
    ...ORDER,
    transitions: {
      ...ORDER.transitions,
      skip: {
        fromState: "checking",
        toState: "shipped",
        autoTransform: true,
        condition: "data.gift == true",
      },
    },
  };
  await using app = await start({
    definition,
    hooks: [{ handler: "tagger", transitions: ["check"] }],
    work: () => ({ kind: "done", data: { gift: true } }),
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.deepEqual(await trail(app.machines, "o1"), [
    ":new",
    "check:checking",
    ":checking",
    "skip:shipped",
  ]);
});

Deno.test("statemachine.engine tries a hook that throws again, later and later", async () => {
  const attempts: [attempt: number, atMs: number, key: string][] = [];
  await using app = await start({
    hooks: [{ handler: "flaky", transitions: ["check"] }],
    work(_, { attempt, idempotencyKey }) {
      attempts.push([attempt, app.effects.clock.elapsed(), idempotencyKey]);
      if (attempt < 4) throw new Error("no connection");
      return { kind: "done", fire: "check_passed" };
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.effects.advance(60_000);
  assert.deepEqual(
    attempts.map(([attempt, atMs]) => [attempt, atMs / BACKOFF_MS]),
    [
      [1, 0],
      [2, 1],
      [3, 3],
      [4, 7],
    ],
  );
  assert.equal(new Set(attempts.map(([, , key]) => key)).size, 1);
  assert.equal(await stateOf(app.machines, "o1"), "paying");
});

Deno.test("statemachine.engine gives a hook up visibly, and goes no further by itself", async () => {
  const calls: string[] = [];
  await using app = await start({
    definition: {
      ...ORDER,
      transitions: {
        ...ORDER.transitions,
        hurry: {
          fromState: "checking",
          toState: "checked",
          autoTransform: true,
        },
      },
    },
    hooks: [
      { handler: "broken", transitions: ["check"] },
      { handler: "mailer", transitions: ["check"] },
    ],
    work(_, __, name) {
      calls.push(name);
      if (name === "broken") throw new Error("it is broken");
      return { kind: "done" };
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.effects.advance(10 * 60_000);
  await app.machines.idle();
  assert.deepEqual(calls, [...Array(ATTEMPTS_MAX).fill("broken"), "mailer"]);
  assert.equal(await stateOf(app.machines, "o1"), "checking");
  assert.deepEqual(notices(app.events), [
    'error order "o1", after "check": broken is given up: it is broken',
  ]);
  const failed = await Array.fromAsync(
    app.store.list({ prefix: ["app", "test", "machine", "orders", "failed"] }),
  );
  assert.equal(failed.length, 1);
  assert.equal((failed[0]?.value as { error: string }).error, "it is broken");
});

Deno.test("statemachine.engine gives a hook up at once that fails for good", async () => {
  let calls = 0;
  await using app = await start({
    hooks: [{ handler: "broken", transitions: ["check"] }],
    work() {
      calls++;
      throw new TerminalError("never");
    },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.effects.advance(10 * 60_000);
  assert.equal(calls, 1);
  assert.match(notices(app.events).join(), /given up: never/);
});

Deno.test("statemachine.engine gives a hook up whose data no store can hold", async () => {
  await using app = await start({
    hooks: [{ handler: "big", transitions: ["check"] }],
    work: () => ({
      kind: "done",
      fire: "check_passed",
      data: { x: "y".repeat(100_000) },
    }),
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "o1"), "checking");
  assert.match(
    notices(app.events).join(),
    /big is given up: .*the limit valueBytes/,
  );
});

Deno.test("statemachine.engine runs the tasks of one instance in the order of their commits", async () => {
  const running = new Map<string, number>();
  const calls = new Map<string, string[]>();
  let most = 0;
  let total = 0;
  const definition = {
    name: "loop",
    initialState: "a",
    states: { a: {}, b: {} },
    transitions: {
      there: { fromState: "a", toState: "b" },
      back: { fromState: "b", toState: "a" },
    },
  };
  await using app = await start({
    definition,
    hooks: [{ handler: "slow" }],
    async work({ instanceId, transition }) {
      assert.equal(
        running.get(instanceId) ?? 0,
        0,
        "two tasks of one instance",
      );
      running.set(instanceId, 1);
      most = Math.max(most, ++total);
      calls.set(instanceId, [...calls.get(instanceId) ?? [], transition]);
      await app.effects.clock.sleep(10);
      running.set(instanceId, 0);
      total--;
      return { kind: "done" };
    },
  });
  const ids = Array.from({ length: 110 }, (_, n) => `i${n}`);
  for (const id of ids) {
    await app.machines.create("loop", id, {});
    await app.machines.fire(id, "there");
    await app.machines.fire(id, "back");
    await app.machines.fire(id, "there");
  }
  await app.effects.advance(1_000);
  await app.machines.idle();
  for (const id of ids) {
    assert.deepEqual(calls.get(id), ["there", "back", "there"]);
  }
  assert.equal(most, TASKS_RUNNING_MAX);
});

Deno.test("statemachine.engine leaves work alone while it waits for its time", async () => {
  let calls = 0;
  await using app = await start({
    hooks: [{ handler: "patient", transitions: ["check"] }],
    work: (_, { attempt }) =>
      ++calls && attempt === 1
        ? { kind: "retry", inMs: 5_000, error: "not yet" }
        : { kind: "done", fire: "check_failed" },
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  await app.effects.advance(4_999);
  assert.equal(calls, 1);
  await app.effects.advance(1);
  await app.machines.idle();
  assert.equal(calls, 2);
  assert.equal(await stateOf(app.machines, "o1"), "failed");
});

Deno.test("statemachine.engine tells listeners and watchers of each commit", async () => {
  await using app = await start();
  const told: string[] = [];
  const stop = app.machines.onCommitted(({ state }, { transition }) => {
    told.push(`${transition} ${state}`);
  });
  const stopBroken = app.machines.onCommitted(() => {
    throw new Error("a broken tracker");
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "check");
  stop();
  stopBroken();
  await app.machines.fire("o1", "check_failed");
  assert.deepEqual(told, ["null new", "check checking"]);
  assert.deepEqual(
    app.events.filter(({ kind }) => kind === "transition").map(({ message }) =>
      message
    ),
    ['order "o1": new → checking', 'order "o1": checking → failed'],
  );
  assert.equal(app.logs.filter(({ level }) => level === "error").length, 2);
});

Deno.test("statemachine.engine loses no work to who fails to listen", async () => {
  let isBroken = false;
  await using app = await start({
    hooks: [{ handler: "checker", transitions: ["check"] }],
    work: () => ({ kind: "done", fire: "check_passed" }),
    measure: () => {
      if (isBroken) throw new Error("Cannot count");
    },
  });
  app.machines.onCommitted(() => {
    throw new Error("Cannot listen");
  });
  isBroken = true;
  await app.machines.create("order", "o1", {});
  const { state } = await app.machines.fire("o1", "check");
  assert.equal(state, "checking");
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "o1"), "paying");
  assert.ok(app.logs.some(({ message }) => /Cannot count/.test(message)));
  isBroken = false;
});

Deno.test("statemachine.engine does not change when its callers change their data", async () => {
  const seen: unknown[] = [];
  await using app = await start({
    hooks: [{ handler: "greedy", transitions: ["check"] }],
    work({ data }) {
      seen.push(structuredClone(data));
      return { kind: "done" };
    },
  });
  const items = [{ sku: "a" }];
  await app.machines.create("order", "o1", { items });
  items.push({ sku: "b" });
  const extra = { tags: ["new"] };
  const fired = app.machines.fire("o1", "check", { data: { extra } });
  extra.tags.push("vip");
  await fired;
  await app.machines.idle();
  const expected = { items: [{ sku: "a" }], extra: { tags: ["new"] } };
  assert.deepEqual(seen, [expected]);
  await app.machines.fire("o1", "check_failed");
  assert.deepEqual((await app.machines.get("o1"))?.data, expected);
});

Deno.test("statemachine.engine counts the instances that are not complete", async () => {
  const store = memoryStore();
  let active = 0;
  const options = {
    store,
    hooks: [{ handler: "meter", transitions: ["pay"] }],
    measure: (
      name: string,
      labels: Readonly<Record<string, string>>,
      value: number,
    ) => {
      if (name !== "active_workflows") return;
      assert.deepEqual(labels, { workflow_type: "order" });
      active += value;
    },
  };
  {
    await using app = await start(options);
    for (const id of ["a", "b", "c"]) {
      await app.machines.create("order", id, {});
    }
    await app.machines.fire("a", "check");
    assert.equal(active, 3);
    await app.machines.fire("a", "check_failed");
    assert.equal(active, 2);
    const create = { definition: "order", data: {} };
    await app.machines.fire("d", "check", { create });
    assert.equal(active, 3);
  }
  assert.equal(active, 0);
  await using app = await start(options);
  await app.effects.advance(0);
  assert.equal(active, 3);
  await app.machines.fire("d", "check_failed");
  assert.equal(active, 2);
});

Deno.test("statemachine.engine starts to work before it has counted what there is", async () => {
  const store = memoryStore();
  const ids = ["a", "b", "c", "d"];
  {
    await using app = await start({ store });
    for (const id of ids) await app.machines.create("order", id, {});
    await app.machines.fire("d", "check");
    await app.machines.fire("d", "check_failed");
  }
  let active = 0;
  const gates = ids.map(() => Promise.withResolvers<void>());
  await using app = await start({
    hooks: [{ handler: "meter", transitions: ["pay"] }],
    measure: (name, _, value) => {
      if (name === "active_workflows") active += value;
    },
    store: {
      limits: store.limits,
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      async *list(range, options) {
        for await (const entry of store.list(range, options)) {
          const id = String(entry.key.at(-1));
          await gates[ids.indexOf(id)]?.promise;
          yield entry;
        }
      },
      watch: (keys, signal) => store.watch(keys, signal),
      commit: (batch) => store.commit(batch),
      close: () => store.close(),
    },
  });
  const { machines } = app;
  const end = async (id: string) => {
    await machines.fire(id, "check");
    await machines.fire(id, "check_failed");
  };
  // One ends before it is counted, one after; one is new, and ends as well.
  await end("b");
  gates[0]?.resolve();
  await app.effects.advance(0);
  await end("a");
  await machines.create("order", "e", {});
  await machines.create("order", "f", {});
  await end("e");
  for (const gate of gates) gate.resolve();
  await app.effects.advance(0);
  // Of those that there were "c", and of the new ones "f".
  assert.equal(active, 2);
  await app.stop();
  assert.equal(active, 0);
});

Deno.test("statemachine.engine fires nothing by itself on behalf of an earlier stay in a state", async () => {
  // The instance leaves and comes back while the first hook is at work, so what
  // follows by itself is for the second hook to wait for.
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let call = 0;
  await using app = await start({
    definition: {
      name: "visit",
      initialState: "out",
      states: { out: {}, in: {}, done: { isFinal: true } },
      transitions: {
        enter: { fromState: "out", toState: "in" },
        leave: { fromState: "in", toState: "out" },
        finish: { fromState: "in", toState: "done", autoTransform: true },
      },
    },
    hooks: [{ handler: "host", transitions: ["enter"] }],
    async work() {
      await gates[call++]?.promise;
      return { kind: "done" };
    },
  });
  await app.machines.create("visit", "v", {});
  for (const name of ["enter", "leave", "enter"]) {
    await app.machines.fire("v", name);
  }
  gates[0]?.resolve();
  await app.effects.advance(0);
  assert.equal(await stateOf(app.machines, "v"), "in");
  gates[1]?.resolve();
  await app.machines.idle();
  assert.equal(await stateOf(app.machines, "v"), "done");
});
