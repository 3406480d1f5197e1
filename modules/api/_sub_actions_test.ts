import assert from "node:assert/strict";
import { Broker } from "@engine/services/broker.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { BODY_BYTES_MAX } from "./_body.ts";
import { type DocumentOptions, seen, startOrders } from "./_document_test.ts";

async function startWithOrder(options: DocumentOptions = {}) {
  const app = await startOrders({ isMachine: true, ...options });
  await app.request("POST", "/api/orders", { body: { id: "o1", x: 1 } });
  return app;
}

Deno.test("runSubAction() fires the transition of the same name and merges the body", async () => {
  await using app = await startWithOrder();
  await app.effects.advance(1_000);
  const acted = await seen(
    app.request("POST", "/api/orders/o1/check", { body: { by: "ann" } }),
  );
  assert.equal(acted.status, 200);
  assert.deepEqual(acted.body, {
    success: true,
    action: "check",
    transition: "check",
    id: "o1",
    state: "checked",
    lastUpdate: new Date(app.effects.clock.now()).toISOString(),
  });
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.equal(read.body.state, "checked");
  assert.deepEqual(read.body.data, { id: "o1", x: 1, by: "ann" });
  const instance = await app.service(StateMachines).get("order-o1");
  assert.deepEqual(instance?.data, read.body.data);
});

Deno.test("runSubAction() needs no body", async () => {
  await using app = await startWithOrder();
  const acted = await app.request("POST", "/api/orders/o1/check");
  assert.equal(acted.status, 200);
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.deepEqual(read.body.data, { id: "o1", x: 1 });
});

for (
  const [what, path, body, status] of [
    ["from the wrong state", "o1/ship", {}, 400],
    ["that stands for nothing", "o1/fly", {}, 400],
    ["with an inherited name", "o1/constructor", {}, 400],
    ["with a body that is no object", "o1/check", [1], 400],
    ["with broken JSON", "o1/check", "{", 400],
    ["on what is not there", "o2/check", {}, 404],
    ["whose guard refuses", "o1/audit", { note: "x" }, 400],
  ] as const
) {
  Deno.test(`runSubAction() refuses an action ${what} and changes nothing`, async () => {
    await using app = await startWithOrder();
    const before = await seen(app.request("GET", "/api/orders/o1"));
    const acted = await seen(
      app.request("POST", `/api/orders/${path}`, { body }),
    );
    assert.equal(acted.status, status);
    assert.equal(typeof acted.body.error, "string");
    const after = await seen(app.request("GET", "/api/orders/o1"));
    assert.deepEqual(after.body, before.body);
    assert.equal(after.headers.get("etag"), before.headers.get("etag"));
  });
}

Deno.test("runSubAction() finds no action where there is no workflow", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const acted = await app.request("POST", "/api/orders/o1/check", { body: {} });
  assert.equal(acted.status, 404);
});

Deno.test("runSubAction() goes by transitionMap", async () => {
  const transitionMap = { approve: "check", stop: ["cancel_late", "cancel"] };
  await using app = await startWithOrder({ config: { transitionMap } });
  await app.request("POST", "/api/orders", { body: { id: "o2" } });
  const approved = await seen(app.request("POST", "/api/orders/o1/approve"));
  assert.equal(approved.body.transition, "check");
  const late = await seen(app.request("POST", "/api/orders/o1/stop"));
  assert.equal(late.body.transition, "cancel_late");
  const early = await seen(app.request("POST", "/api/orders/o2/stop"));
  assert.equal(early.body.transition, "cancel");
});

Deno.test("runSubAction() fires nothing but what transitionMap names", async () => {
  const transitionMap = { check: "unheard_of" };
  await using app = await startWithOrder({ config: { transitionMap } });
  const acted = await app.request("POST", "/api/orders/o1/check");
  assert.equal(acted.status, 400);
});

Deno.test("runSubAction() knows the original's actions where the definition has them", async () => {
  const names = [
    ["assign", "assign_responder"],
    ["wrap-up", "begin_wrap_up"],
    ["close", "close_from_wrap_up"],
  ] as const;
  const definition = {
    states: { new: {}, active: {}, wrap_up: {}, closed: {} },
    transitions: {
      assign_responder: { fromState: "new", toState: "active" },
      begin_wrap_up: { fromState: "active", toState: "wrap_up" },
      close_from_active: { fromState: "active", toState: "closed" },
      close_from_wrap_up: { fromState: "wrap_up", toState: "closed" },
    },
  };
  await using app = await startWithOrder({ definition });
  for (const [action, transition] of names) {
    const acted = await seen(app.request("POST", `/api/orders/o1/${action}`));
    assert.equal(acted.status, 200);
    assert.equal(acted.body.transition, transition);
  }
});

Deno.test("runSubAction() lets the type of the body choose among candidates", async () => {
  const definition = {
    states: { new: {}, escalated: {} },
    transitions: {
      escalate_to_medical: { fromState: "new", toState: "escalated" },
      escalate_to_police: { fromState: "new", toState: "escalated" },
    },
  };
  await using app = await startWithOrder({ definition });
  await app.request("POST", "/api/orders", { body: { id: "o2" } });
  const plain = await seen(app.request("POST", "/api/orders/o2/escalate"));
  assert.equal(plain.body.transition, "escalate_to_medical");
  const typed = await seen(
    app.request("POST", "/api/orders/o1/escalate", {
      body: { type: "police" },
    }),
  );
  assert.equal(typed.body.transition, "escalate_to_police");
});

Deno.test("runSubAction() publishes what was done", async () => {
  const modules = [{ name: "events", type: "messaging.broker" }];
  await using app = await startWithOrder({ modules });
  const heard: unknown[] = [];
  app.service(Broker).subscribe(
    "orders-events",
    (message) => void heard.push(message.payload),
  );
  await app.request("POST", "/api/orders/o1/check");
  await app.request("POST", "/api/orders/o1/check");
  await app.effects.advance(0);
  assert.deepEqual(heard, [{
    eventType: "orders.check",
    instanceId: "order-o1",
    resourceId: "o1",
    action: "check",
    state: "checked",
  }]);
});

Deno.test("runSubAction() publishes nothing where publishEvents is off", async () => {
  const modules = [{ name: "events", type: "messaging.broker" }];
  const config = { publishEvents: false };
  await using app = await startOrders({ isMachine: true, modules, config });
  const heard: unknown[] = [];
  app.service(Broker).subscribe("orders-events", () => void heard.push(1));
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  await app.request("POST", "/api/orders/o1/check");
  await app.effects.advance(0);
  assert.deepEqual(heard, []);
});

Deno.test("runSubAction() appends to a list", async () => {
  const appendActions = { comment: "comments" };
  await using app = await startWithOrder({ config: { appendActions } });
  const first = await seen(
    app.request("POST", "/api/orders/o1/comment", { body: { text: "a" } }),
  );
  assert.equal(first.status, 201);
  assert.deepEqual(first.body, {
    success: true,
    action: "comment",
    id: "o1",
    index: 0,
    item: { text: "a" },
  });
  await app.request("POST", "/api/orders/o1/comment", { body: { text: "b" } });
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.deepEqual(read.body.data, {
    id: "o1",
    x: 1,
    comments: [{ text: "a" }, { text: "b" }],
  });
  assert.equal(read.body.state, "new");
});

Deno.test("runSubAction() loses none of what is appended at the same time", async () => {
  const config = { appendActions: { comment: "comments" } };
  await using app = await startWithOrder({ config });
  const responses = await Promise.all(
    Array.from(
      { length: 10 },
      (_, n) => app.request("POST", "/api/orders/o1/comment", { body: { n } }),
    ),
  );
  assert.ok(responses.every(({ status }) => status === 201));
  const read = await seen(app.request("GET", "/api/orders/o1"));
  const numbers = read.body.data.comments.map(({ n }: { n: number }) => n);
  assert.deepEqual(numbers.sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("runSubAction() appends only to lists", async () => {
  const config = { appendActions: { comment: "x" } };
  await using app = await startWithOrder({ config });
  const acted = await seen(
    app.request("POST", "/api/orders/o1/comment", { body: {} }),
  );
  assert.equal(acted.status, 400);
  assert.match(acted.body.error, /"x" is not a list/);
});

Deno.test("runSubAction() bounds what a resource may grow to", async () => {
  const config = { appendActions: { comment: "comments" } };
  await using app = await startOrders({ config });
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const body = { text: "x".repeat(BODY_BYTES_MAX / 2) };
  const first = await app.request("POST", "/api/orders/o1/comment", { body });
  assert.equal(first.status, 201);
  const second = await app.request("POST", "/api/orders/o1/comment", { body });
  assert.equal(second.status, 413);
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.equal(read.body.data.comments.length, 1);
});
