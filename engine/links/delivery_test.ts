import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType } from "../define.ts";
import { RefusedError } from "../errors.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { DELIVERIES_MAX } from "./courier.ts";
import {
  type Asked,
  BROKER,
  dyingStore,
  machine,
  recorder,
  start,
  TAKES,
} from "./_fixture_test.ts";

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
    const { deadLetters } = second.find("b").queues;
    assert.deepEqual((await deadLetters.list()).letters, []);
  }
});

Deno.test("events for a document that does not run are kept, and delivered when it starts", async () => {
  const asked: Asked = [];
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
  const asked: Asked = [];
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
  const { deadLetters } = test.find("work").queues;
  assert.deepEqual((await deadLetters.list()).letters, []);
});

Deno.test(`an event is given up after ${DELIVERIES_MAX} deliveries, and can be sent again`, async () => {
  const asked: Asked = [];
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
  const { deadLetters } = test.find("work").queues;
  const [letter] = (await deadLetters.list()).letters;
  assert.deepEqual(letter?.source, { kind: "link", name: "to-work" });
  assert.deepEqual([letter?.error, letter?.attempts], [
    ...["broken", DELIVERIES_MAX],
  ]);
  // What dies once more can be sent again once more.
  await deadLetters.replayAll(letter.source);
  await test.effects.advance(60 * 60 * 1_000);
  assert.equal(tries, 2 * DELIVERIES_MAX);
  isBroken = false;
  assert.equal(await deadLetters.replayAll(letter.source), 1);
  await test.effects.advance(1);
  assert.deepEqual(asked.map(([, data]) => data), [{ id: 1 }]);
  assert.deepEqual((await deadLetters.list()).letters, []);
});

Deno.test("a refused event is given up at once, and those behind it are delivered", async () => {
  const asked: Asked = [];
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
  const { letters } = await test.find("work").queues.deadLetters.list();
  assert.deepEqual(letters.map(({ error }) => error), ["not now"]);
});

Deno.test("an event that the store does not take is kept as soon as it does", async () => {
  const asked: Asked = [];
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

Deno.test("a delivery that never ends does not keep the engine from stopping", async () => {
  const never = defineWorkflowType({
    type: "test",
    summary: "Never answers",
    config: z.strictObject({}),
    wire: () => ({ unwire() {}, execute: () => new Promise(() => {}) }),
  });
  const test = await start({
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
  }, { more: [never] });
  await test.broker("orders").publish("order.made", {});
  await test.effects.advance(1);
  const stopped = test.engine.stop();
  await test.effects.advance(10_000);
  await stopped;
});

Deno.test("an event that is sent again arrives once, whenever the process dies over it", async () => {
  const link = { id: "to-work", source: "orders", target: "work" };
  const documents = {
    orders: { modules: [BROKER] },
    work: TAKES,
    links: {
      links: [{ ...link, event_pattern: "**", target_action: "test:take" }],
    },
  };
  const refuse = () => new RefusedError("wrong-state", "not now");
  // The event in the outbox, the end of the letter, the end of the delivery.
  for (const commits of [0, 1, 2, 3]) {
    const effects = simulatedEffects();
    const store = memoryStore({ now: effects.clock.now });
    const asked: Asked = [];
    const first = await start(documents, {
      ...{ store, effects, more: [recorder([], refuse)] },
    });
    await first.broker("orders").publish("order.made", { id: 1 });
    await effects.advance(1);
    await first.engine.stop();
    const dying = dyingStore(store);
    const second = await start(documents, {
      ...{ store: dying.store, effects, more: [recorder(asked)] },
    });
    const source = { kind: "link", name: "to-work" };
    dying.dieAfter(commits);
    await second.find("work").queues.deadLetters.replayAll(source)
      .catch(() => {});
    await effects.advance(1);
    await second.engine.stop();
    await using third = await start(documents, {
      ...{ store, effects, more: [recorder(asked)] },
    });
    await third.find("work").queues.deadLetters.replayAll(source);
    await effects.advance(10_000);
    const keys = new Set(asked.map(([, , key]) => key));
    assert.equal(keys.size, 1, `after ${commits} commits`);
    assert.ok(asked.length <= 2, "again only where the end was not written");
    const { letters } = await third.find("work").queues.deadLetters.list();
    assert.deepEqual(letters, []);
  }
});
