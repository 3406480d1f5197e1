import assert from "node:assert/strict";
import {
  type Asked,
  BROKER,
  machine,
  recorder,
  start,
  TAKES,
} from "./links/_fixture_test.ts";

Deno.test("a link leads a message of one document to a workflow of another", async () => {
  const asked: Asked = [];
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

Deno.test("a reload of the document of the links changes them", async () => {
  const asked: Asked = [];
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
