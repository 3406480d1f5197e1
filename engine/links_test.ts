import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import { createCatalog } from "./catalog.ts";
import {
  type AnyDefinition,
  defineWorkflowType,
  type JsonObject,
} from "./define.ts";
import { boot } from "./engine.ts";
import { RefusedError } from "./errors.ts";
import { Broker } from "./services/broker.ts";
import { StateMachines } from "./services/state_machines.ts";
import { simulatedEffects } from "./simulation/effects.ts";
import { memoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";
import { LINK_DEPTH_MAX } from "./links.ts";
import { DELIVERIES_MAX } from "./links/courier.ts";
import { z } from "zod";

type Documents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Runs documents in one engine, over a store that may have been used before. */
async function start(
  documents: Documents,
  { store, effects = simulatedEffects(), more = [] }: {
    readonly store?: Store;
    readonly effects?: ReturnType<typeof simulatedEffects>;
    readonly more?: readonly AnyDefinition[];
  } = {},
) {
  const kept = store ?? memoryStore({ now: effects.clock.now });
  const logs: { level: string; message: string }[] = [];
  const definitions = [
    ...catalog.modules.values(),
    ...catalog.workflows.values(),
    ...catalog.triggers.values(),
    ...more,
  ];
  const engine = await boot({
    catalog: createCatalog(definitions),
    documents: Object.entries(documents).map(([id, document]) => ({
      file: `${id}.yaml`,
      text: JSON.stringify(document),
    })),
    store: kept,
    effects,
    log: (level, message) => logs.push({ level, message }),
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const find = (id: string) => {
    const application = engine.application(id);
    assert.ok(application, id);
    return application;
  };
  return {
    engine,
    effects,
    store: kept,
    logs,
    warnings: () =>
      logs.filter(({ level }) => level === "warn").map(({ message }) =>
        message
      ),
    errors: () =>
      logs.filter(({ level }) => level === "error").map(({ message }) =>
        message
      ),
    broker(id: string): Broker {
      const [first] = find(id).all(Broker);
      assert.ok(first);
      return first.service;
    },
    machines(id: string): StateMachines {
      const [first] = find(id).all(StateMachines);
      assert.ok(first);
      return first.service;
    },
    find,
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** A workflow type that keeps what it is asked, or fails as told. */
function recorder(
  asked: [string, JsonObject, string | undefined][],
  fail: () => Error | undefined = () => undefined,
) {
  return defineWorkflowType({
    type: "test",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, data, _workflow, options) {
        const error = fail();
        if (error) return Promise.reject(error);
        asked.push([action, data, options?.idempotencyKey]);
        return Promise.resolve({});
      },
    }),
  });
}

const BROKER = { name: "events", type: "messaging.broker" };
const TAKES = { modules: [], workflows: { test: {} } };

/** A document whose machine goes from `new` to `next` by `go`. */
function machine(name: string, next: string, more: object[] = []) {
  return {
    modules: [{ name: "engine", type: "statemachine.engine" }, ...more],
    workflows: {
      statemachine: {
        definitions: [{
          name,
          initialState: "new",
          states: { new: {}, [next]: {} },
          transitions: { [`go_${name}`]: { fromState: "new", toState: next } },
        }],
      },
    },
  };
}

Deno.test("a link leads a message of one document to a workflow of another", async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  await using test = await start({
    orders: { modules: [BROKER] },
    work: TAKES,
    links: {
      links: [{
        source: "orders",
        target: "work",
        event_pattern: "order.*",
        target_action: "test:take",
      }],
    },
  }, { more: [recorder(asked)] });
  await test.broker("orders").publish("order.made", { id: 1 });
  await test.broker("orders").publish("order.made.late", { id: 2 });
  await test.broker("orders").publish("other", { id: 3 });
  await test.effects.advance(1);
  assert.deepEqual(asked.map(([action, data]) => [action, data]), [
    ["take", { id: 1 }],
  ]);
  assert.match(asked[0]?.[2] ?? "", /^link\/[0-9a-f]{28}$/);
  await test.broker("orders").publish("order.made", { id: 1 });
  await test.effects.advance(1);
  assert.notEqual(asked[1]?.[2], asked[0]?.[2], "two events have two keys");
});

for (const more of [[], [BROKER]]) {
  const having = more.length > 0 ? "with a broker" : "without a broker";
  Deno.test(`a link leads a transition on once, in a document ${having}`, async () => {
    await using test = await start({
      a: machine("order", "paid", more),
      b: machine("shipment", "packed"),
      links: {
        links: [{
          source: "a",
          target: "b",
          event_pattern: "order.paid",
          target_action: "go_shipment",
        }],
      },
    });
    await test.machines("a").create("order", "o1", { total: 5 });
    await test.machines("a").fire("o1", "go_order");
    await test.effects.advance(1_000);
    const shipment = await test.machines("b").get("o1");
    assert.equal(shipment?.state, "packed");
    assert.equal(shipment?.definition, "shipment");
    assert.deepEqual(test.errors(), []);
  });
}

/** A store that takes `commits` more commits once it is armed; then it is gone. */
function dyingStore(store: Store) {
  let left = Infinity;
  const dying: Store = {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) =>
      left-- > 0
        ? store.commit(batch)
        : Promise.reject(new Error("The process is gone")),
  };
  return { store: dying, dieAfter: (commits: number) => void (left = commits) };
}

Deno.test("a transition that is committed reaches the target, whenever the process dies", async () => {
  const documents = {
    a: machine("order", "paid", [BROKER]),
    b: machine("shipment", "packed"),
    links: {
      links: [{
        source: "a",
        target: "b",
        event_pattern: "order.paid",
        target_action: "go_shipment",
      }],
    },
  };
  // The transition, the event in the outbox, the end of the work of the
  // transition, the transition of the target, the end of the delivery.
  for (const commits of [1, 2, 3, 4, 5]) {
    const effects = simulatedEffects();
    const store = memoryStore({ now: effects.clock.now });
    const dying = dyingStore(store);
    const first = await start(documents, { store: dying.store });
    dying.dieAfter(commits);
    await first.machines("a").create("order", "o1", {}, { fire: "go_order" });
    await first.effects.advance(1);
    const before = await first.machines("b").get("o1");
    assert.equal(before?.state, commits < 4 ? undefined : "packed");
    await first.engine.stop();
    await using second = await start(documents, { store, effects });
    await second.effects.advance(10_000);
    const shipment = await second.machines("b").get("o1");
    assert.equal(shipment?.state, "packed", `after ${commits} commits`);
    assert.equal(shipment?.sequence, 1, "and once");
    assert.deepEqual(await second.engine.links.deadLetters(), []);
  }
});

Deno.test("events for a document that does not run are kept, and delivered when it starts", async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  const links = {
    links: [{
      source: "orders",
      target: "work",
      event_pattern: "order.*",
      target_action: "test:take",
    }],
  };
  const orders = { modules: [BROKER] };
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  {
    await using test = await start({ orders, links }, { store, effects });
    for (const id of [1, 2]) {
      await test.broker("orders").publish("order.made", { id });
    }
    await effects.advance(60_000);
    assert.deepEqual(test.warnings(), [
      'links.yaml:1:11 No document is called "work"',
      '"work" is not running: events for it are kept',
    ]);
  }
  await using test = await start({ orders, work: TAKES, links }, {
    store,
    effects,
    more: [recorder(asked)],
  });
  await test.effects.advance(1);
  assert.deepEqual(asked.map(([, data]) => data), [{ id: 1 }, { id: 2 }]);
  await using again = await start({ orders, work: TAKES, links }, {
    store,
    effects,
    more: [recorder(asked)],
  });
  await again.effects.advance(1_000);
  assert.equal(asked.length, 2, "what has arrived does not come again");
});

Deno.test("a delivery that fails is tried again, and holds up no other", async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  let failures = 3;
  const fail = () => failures-- > 0 ? new Error("not yet") : undefined;
  await using test = await start({
    orders: { modules: [BROKER] },
    work: TAKES,
    links: {
      links: [{
        source: "orders",
        target: "work",
        event_pattern: "**",
        target_action: "test:take",
      }],
    },
  }, { more: [recorder(asked, fail)] });
  for (const id of [1, 2, 3, 4]) {
    await test.broker("orders").publish("order.made", { id });
  }
  await test.effects.advance(0);
  assert.deepEqual(asked.map(([, { id }]) => id), [4]);
  await test.effects.advance(1_000);
  assert.deepEqual(asked.map(([, { id }]) => id), [4, 1, 2, 3]);
  assert.deepEqual(await test.engine.links.deadLetters(), []);
});

Deno.test(`an event is given up after ${DELIVERIES_MAX} deliveries, and can be sent again`, async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  let isBroken = true;
  let tries = 0;
  const fail = () => {
    tries++;
    return isBroken ? new Error("broken") : undefined;
  };
  await using test = await start({
    orders: { modules: [BROKER] },
    work: TAKES,
    links: {
      links: [{
        id: "to-work",
        source: "orders",
        target: "work",
        event_pattern: "**",
        target_action: "test:take",
      }],
    },
  }, { more: [recorder(asked, fail)] });
  await test.broker("orders").publish("order.made", { id: 1 });
  await test.effects.advance(60 * 60 * 1_000);
  assert.equal(tries, DELIVERIES_MAX);
  assert.deepEqual(test.errors(), [
    'The link "to-work" gives "order.made" for "work" up after 10 of 10 deliveries: broken',
  ]);
  const [letter] = await test.engine.links.deadLetters("work");
  assert.equal(letter?.error, "broken");
  isBroken = false;
  assert.equal(await test.engine.links.redeliver("work", "nothing"), false);
  assert.equal(
    await test.engine.links.redeliver("work", letter?.id ?? ""),
    true,
  );
  await test.effects.advance(1);
  assert.deepEqual(asked.map(([, data]) => data), [{ id: 1 }]);
  assert.deepEqual(await test.engine.links.deadLetters(), []);
});

Deno.test("a refused event is given up at once, and those behind it are delivered", async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  let tries = 0;
  const fail = () =>
    tries++ === 0 ? new RefusedError("wrong-state", "not now") : undefined;
  await using test = await start({
    orders: { modules: [BROKER] },
    work: TAKES,
    links: {
      links: [{
        source: "orders",
        target: "work",
        event_pattern: "**",
        target_action: "test:take",
      }],
    },
  }, { more: [recorder(asked, fail)] });
  for (const id of [1, 2]) {
    await test.broker("orders").publish("order.made", { id });
  }
  await test.effects.advance(1);
  assert.deepEqual(asked.map(([, { id }]) => id), [2]);
  const letters = await test.engine.links.deadLetters();
  assert.deepEqual(letters.map(({ error }) => error), ["not now"]);
});

Deno.test("a link whose action nobody has publishes on the broker of its target", async () => {
  await using test = await start({
    "workflow-a-orders": { modules: [BROKER] },
    "workflow-b-mail": {
      modules: [BROKER, { name: "log", type: "messaging.handler" }],
      workflows: {
        messaging: { subscriptions: [{ topic: "order.*", handler: "log" }] },
      },
    },
    links: {
      links: [{
        // Without what stands before the name proper.
        source: "orders",
        target: "mail",
        event_pattern: "order.*",
        target_action: "send",
      }],
    },
  });
  const got: unknown[] = [];
  test.broker("workflow-b-mail").subscribe(
    "**",
    ({ topic, payload, via }) => void got.push([topic, payload, via]),
  );
  await test.broker("workflow-a-orders").publish("order.made", "x");
  await test.effects.advance(1);
  assert.deepEqual(got, [
    ["order.made", "x", ["link:orders order.* → mail send"]],
  ]);
  assert.deepEqual(
    test.warnings().filter((message) => message.startsWith("links.yaml")),
    [
      'links.yaml:1:11 No workflow of "workflow-b-mail" has the action "send": ' +
      "its events are published on the broker of that document",
    ],
  );
});

Deno.test("links that form a circle are followed once each", async () => {
  const other = (source: string, target: string) => ({
    source,
    target,
    event_pattern: "**",
  });
  await using test = await start({
    one: { modules: [BROKER] },
    two: { modules: [BROKER] },
    links: { links: [other("one", "two"), other("two", "one")] },
  });
  const got: string[] = [];
  for (const id of ["one", "two"]) {
    test.broker(id).subscribe("**", () => void got.push(id));
  }
  await test.broker("one").publish("ping", {});
  await test.effects.advance(60_000);
  assert.deepEqual(got, ["one", "two", "one"]);
  assert.ok(test.warnings().some((message) => /leads back/.test(message)));
});

Deno.test("a circle through state machines ends", async () => {
  const looping = (name: string) => {
    const states = { idle: {}, busy: {} };
    return {
      modules: [{ name: "engine", type: "statemachine.engine" }],
      workflows: {
        statemachine: {
          definitions: [{
            name,
            initialState: "idle",
            states,
            transitions: {
              [`begin_${name}`]: { fromState: "idle", toState: "busy" },
              rest: {
                fromState: "busy",
                toState: "idle",
                autoTransform: true,
              },
            },
          }],
        },
      },
    };
  };
  await using test = await start({
    a: looping("alpha"),
    b: looping("beta"),
    links: {
      links: [
        {
          source: "a",
          target: "b",
          event_pattern: "alpha.idle",
          target_action: "begin_beta",
        },
        {
          source: "b",
          target: "a",
          event_pattern: "beta.idle",
          target_action: "begin_alpha",
        },
      ],
    },
  });
  await test.find("a").dispatch("alpha", "begin_alpha", { id: "x" });
  await test.effects.advance(60_000);
  const lines = async (id: string) =>
    (await test.machines(id).history("x")).map(({ toState }) => toState);
  assert.deepEqual(await lines("a"), ["idle", "busy", "idle", "busy", "idle"]);
  assert.deepEqual(await lines("b"), ["idle", "busy", "idle"]);
});

Deno.test(`an event goes through at most ${LINK_DEPTH_MAX} links`, async () => {
  const count = LINK_DEPTH_MAX + 3;
  const ids = Array.from({ length: count }, (_, index) => `document${index}`);
  const links = ids.slice(1).map((target, index) => ({
    source: ids[index],
    target,
    event_pattern: "**",
  }));
  await using test = await start({
    ...Object.fromEntries(ids.map((id) => [id, { modules: [BROKER] }])),
    links: { links },
  });
  const got: string[] = [];
  for (const id of ids) {
    test.broker(id).subscribe("**", () => void got.push(id));
  }
  await test.broker("document0").publish("ping", {});
  await test.effects.advance(1_000);
  assert.equal(got.length, LINK_DEPTH_MAX + 1);
});

Deno.test("a reload of the document of the links changes them", async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  const link = (pattern: string) => ({
    links: [{
      source: "orders",
      target: "work",
      event_pattern: pattern,
      target_action: "test:take",
    }],
  });
  await using test = await start({
    orders: { modules: [BROKER] },
    work: TAKES,
    links: link("old"),
  }, { more: [recorder(asked)] });
  const publish = async () => {
    for (const topic of ["old", "new"]) {
      await test.broker("orders").publish(topic, { topic });
    }
    await test.effects.advance(1);
  };
  await publish();
  await test.engine.reload("links", JSON.stringify(link("new")));
  await publish();
  await test.engine.reload("links", JSON.stringify({ links: [] }));
  await publish();
  assert.deepEqual(asked.map(([, { topic }]) => topic), ["old", "new"]);
});

Deno.test("an event that the store does not take is kept as soon as it does", async () => {
  const asked: [string, JsonObject, string | undefined][] = [];
  const effects = simulatedEffects();
  const dying = dyingStore(memoryStore({ now: effects.clock.now }));
  await using test = await start({
    orders: { modules: [BROKER] },
    work: TAKES,
    links: {
      links: [{
        source: "orders",
        target: "work",
        event_pattern: "**",
        target_action: "test:take",
      }],
    },
  }, { store: dying.store, effects, more: [recorder(asked)] });
  dying.dieAfter(0);
  for (const id of [1, 2]) {
    await test.broker("orders").publish("order.made", { id });
  }
  await test.effects.advance(60_000);
  assert.equal(asked.length, 0);
  dying.dieAfter(Infinity);
  await test.effects.advance(10_000);
  assert.deepEqual(asked.map(([, { id }]) => id), [1, 2]);
  assert.deepEqual(test.errors(), [
    '"order.made" of "orders" has to wait before it is kept for "work": ' +
    "The process is gone",
  ]);
});
