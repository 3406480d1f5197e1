/**
 * Instances of state machines as a client meets them, kept by the real engine in
 * a simulated world.
 */
import assert from "node:assert/strict";
import engine from "../modules/statemachine/engine.ts";
import { StateMachines } from "../engine/mod.ts";
import statemachine from "../workflows/types/statemachine.ts";
import { type RunSurface, runSurface } from "./_run_fixture_test.ts";

const SHOP = `modules:
  - { name: orders, type: statemachine.engine }
workflows:
  statemachine:
    engine: orders
    definitions:
      - name: order
        initialState: new
        states:
          new: {}
          paid: {}
          shipped: { isFinal: true }
          declined: { isFinal: true, isError: true }
        transitions:
          pay: { fromState: new, toState: paid, condition: "input.amount >= data.total" }
          decline: { fromState: new, toState: declined }
          ship: { fromState: paid, toState: shipped }
      - name: parcel
        initialState: packed
        states: { packed: {}, gone: { isFinal: true } }
        transitions: { send: { fromState: packed, toState: gone, autoTransform: true } }
    hooks:
      - { workflowType: order, transitions: [pay], pipeline: receipt }
      - { workflowType: order, transitions: [ship], pipeline: invoice }
pipelines:
  invoice:
    input: { address: string }
    steps:
      - { id: write, use: set, with: { values: { to: "\${{ input.address }}" } } }
  receipt:
    steps:
      - { id: write, use: set, with: { values: { order: "\${{ input.workflowId }}" } } }
`;

const STOCK = `modules:
  - { name: shelves, type: statemachine.engine }
workflows:
  statemachine:
    engine: shelves
    definitions:
      - name: shelf
        description: Where things lie
        initialState: empty
        states: { empty: { description: Nothing on it }, full: {} }
        transitions:
          fill: { description: Put things on it, fromState: empty, toState: full }
`;

async function surface(store?: RunSurface["store"]) {
  const it = await runSurface({
    documents: { shop: SHOP, stock: STOCK },
    definitions: [engine, statemachine],
    ...store === undefined ? {} : { store },
  });
  return Object.assign(it, {
    orders: machinesOf(it, "shop"),
    shelves: machinesOf(it, "stock"),
    fire: (
      path: string,
      data?: unknown,
      headers: Readonly<Record<string, string>> = {},
    ) =>
      it.ask(`/api/instances/${path}`, {
        method: "POST",
        headers,
        ...data === undefined ? {} : { body: JSON.stringify({ data }) },
      }),
  });
}

function machinesOf({ engine }: RunSurface, id: string): StateMachines {
  const [found] = engine.application(id)?.all(StateMachines) ?? [];
  assert.ok(found);
  return found.service;
}

const ids = (page: { instances: { id: string }[] }) =>
  page.instances.map(({ id }) => id);

Deno.test("GET /api/instances lists those of every document, the newest first", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 3 });
  await it.shelves.create("shelf", "s1", {});
  await it.orders.create("parcel", "p1", {});
  await it.orders.fire("o1", "decline");
  const page = await it.json("/api/instances");
  assert.deepEqual(ids(page), ["p1", "s1", "o1"]);
  assert.equal(page.next, undefined);
  const { createdAt: _, updatedAt: __, ...order } = page.instances[2];
  assert.deepEqual(order, {
    ...{ application: "shop", machine: "orders", id: "o1" },
    ...{ definition: "order", state: "declined", previousState: "new" },
    ...{ completed: true, sequence: 1, stateKind: "error" },
    error: 'It reached the error state "declined"',
  });
  const [parcel, shelf] = page.instances;
  assert.deepEqual([parcel.stateKind, shelf.stateKind], ["initial", "initial"]);
});

Deno.test("GET /api/instances narrows by document, machine, definition and state", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 1 });
  await it.orders.create("order", "o2", { total: 1 });
  await it.orders.create("parcel", "p1", {});
  await it.shelves.create("shelf", "s1", {});
  await it.orders.fire("o1", "decline");
  const found = async (query: string) =>
    ids(await it.json(`/api/instances?${query}`)).join();
  assert.equal(await found("application=stock"), "s1");
  assert.equal(await found("machine=orders"), "p1,o2,o1");
  assert.equal(await found("definition=order"), "o2,o1");
  assert.equal(await found("definition=order&state=new"), "o2");
  assert.equal(await found("state=declined"), "o1");
  assert.equal(await found("state=nowhere"), "");
});

Deno.test("GET /api/instances finds what an id or a field of the data says", async () => {
  await using it = await surface();
  await it.orders.create("order", "Order-17", { total: 1, number: "A-5" });
  await it.orders.create("order", "other", { total: 17, number: "A-55" });
  const found = async (text: string) =>
    ids(await it.json(`/api/instances?q=${text}`)).join();
  assert.equal(await found("order"), "Order-17");
  assert.equal(await found("a-5"), "Order-17");
  assert.equal(await found("17"), "other,Order-17");
  assert.equal(await found("nothing"), "");
});

Deno.test("pages of instances follow each other over all engines, without gaps", async () => {
  await using it = await surface();
  for (let index = 0; index < 23; index++) {
    if (index % 3 === 0) await it.shelves.create("shelf", `i${index}`, {});
    else await it.orders.create("parcel", `i${index}`, {});
  }
  const seen: string[] = [];
  for (let after = "", rounds = 0; rounds < 20; rounds++) {
    const cursor = after === "" ? "" : `&after=${after}`;
    const page = await it.json(`/api/instances?limit=4${cursor}`);
    assert.ok(page.instances.length <= 4);
    seen.push(...ids(page));
    if (page.next === undefined) break;
    after = page.next;
  }
  const all = Array.from({ length: 23 }, (_, index) => `i${22 - index}`);
  assert.deepEqual(seen, all);
});

Deno.test("GET /api/instances/counts counts by state, and machines says what there may be", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 1 });
  await it.orders.create("order", "o2", { total: 1 });
  await it.orders.fire("o1", "decline");
  await it.shelves.create("shelf", "s1", {});
  const { counts, isPartial } = await it.json("/api/instances/counts");
  assert.equal(isPartial, false);
  const order = { application: "shop", machine: "orders", definition: "order" };
  assert.deepEqual(counts, [
    { ...order, state: "declined", count: 1 },
    { ...order, state: "new", count: 1 },
    {
      ...{ application: "stock", machine: "shelves", definition: "shelf" },
      ...{ state: "empty", count: 1 },
    },
  ]);
  const of = await it.json("/api/instances/counts?definition=order&q=o2");
  assert.deepEqual(of.counts, [{ ...order, state: "new", count: 1 }]);
  const machines = await it.json("/api/instances/machines?application=shop");
  assert.deepEqual(
    machines.map(({ definition }: { definition: string }) => definition),
    ["order", "parcel"],
  );
});

Deno.test("GET /api/instances/machines tells each description of a machine", async () => {
  await using it = await surface();
  const [shelf] = await it.json("/api/instances/machines?application=stock");
  assert.equal(shelf.description, "Where things lie");
  assert.equal(shelf.states.empty.description, "Nothing on it");
  assert.equal(shelf.transitions.fill.description, "Put things on it");
});

Deno.test("GET of an instance tells its history, who asked, and the run that it began", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 3 });
  const fired = await it.fire(
    "shop/orders/o1/transitions/pay",
    { amount: 3 },
  );
  assert.equal(fired.status, 202);
  assert.equal(
    fired.headers.get("location"),
    "/api/instances/shop/orders/o1",
  );
  assert.equal((await fired.json()).state, "paid");
  await it.orders.idle();
  const order = await it.json("/api/instances/shop/orders/o1");
  assert.deepEqual(order.data, { total: 3, amount: 3 });
  assert.deepEqual(order.transitions, [
    { name: "ship", toState: "shipped", isAutomatic: false },
  ]);
  assert.deepEqual(Object.keys(order.definedAs.states), [
    ...["new", "paid", "shipped", "declined"],
  ]);
  const [made, paid] = order.history;
  assert.deepEqual([made.transition, made.toState, made.work], [
    ...[null, "new", undefined],
  ]);
  assert.deepEqual(
    [paid.transition, paid.fromState, paid.toState, paid.source, paid.data],
    ["pay", "new", "paid", "management API", { amount: 3 }],
  );
  const [work] = paid.work;
  assert.deepEqual([work.handler, work.status], ["pipeline:receipt", "done"]);
  const run = await it.json(`/api/runs/${work.run}`);
  assert.equal(run.input.workflowId, "o1");
});

Deno.test("GET of an instance tells of hooks that were given up", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 1 });
  await it.orders.fire("o1", "pay", { data: { amount: 1 } });
  await it.orders.fire("o1", "ship");
  await it.orders.idle();
  const { history } = await it.json("/api/instances/shop/orders/o1");
  const [work] = history[2].work;
  assert.deepEqual([work.handler, work.status, work.attempt], [
    ...["pipeline:invoice", "failed", 1],
  ]);
  assert.match(work.error, /address/);
  assert.equal(typeof work.at, "number");
});

Deno.test("an instance says which conditions hold back what it may do next", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 3 });
  const { transitions } = await it.json("/api/instances/shop/orders/o1");
  const [pay, decline] = transitions;
  assert.equal(pay.condition, "input.amount >= data.total");
  assert.match(pay.objection, /condition/);
  assert.deepEqual(decline, {
    ...{ name: "decline", toState: "declined", isAutomatic: false },
  });
});

Deno.test("a transition from the wrong state, unknown, or held back is refused, and nothing changes", async () => {
  await using it = await surface();
  await it.orders.create("order", "o1", { total: 3 });
  const refused = async (transition: string, data?: unknown) => {
    const answer = await it.fire(
      `shop/orders/o1/transitions/${transition}`,
      data,
    );
    assert.equal(
      answer.headers.get("content-type"),
      "application/problem+json",
    );
    return `${answer.status} ${(await answer.json()).code}`;
  };
  assert.equal(await refused("ship"), "409 wrong-state");
  assert.equal(await refused("fly"), "409 unknown-transition");
  assert.equal(await refused("pay", { amount: 1 }), "409 guard-refused");
  assert.equal(await refused("pay", [1]), "400 invalid-parameter");
  assert.equal((await it.orders.history("o1")).length, 1);
});

Deno.test("a transition is fired once for each idempotency key", async () => {
  await using it = await surface();
  await it.shelves.create("shelf", "s1", {});
  const path = "stock/shelves/s1/transitions/fill";
  const key = { "idempotency-key": "k1" };
  assert.equal((await it.fire(path, {}, key)).status, 202);
  assert.equal((await it.fire(path, {}, key)).status, 202);
  assert.equal((await it.fire(path, {})).status, 409);
  assert.equal((await it.shelves.history("s1")).length, 2);
});

Deno.test("a fired transition, also a refused one, is in the audit log", async () => {
  await using it = await surface();
  await it.shelves.create("shelf", "s1", {});
  const path = "stock/shelves/s1/transitions/fill";
  await it.fire(path);
  await it.fire(path);
  const entries = await it.json("/api/audit");
  assert.deepEqual(
    entries.map((
      { method, path, status }: Record<string, unknown>,
    ) => [method, path, status]),
    [
      ["POST", `/api/instances/${path}`, 409],
      ["POST", `/api/instances/${path}`, 202],
    ],
  );
});

Deno.test("an instance of any id can be read and moved", async () => {
  await using it = await surface();
  const id = "a/b?c#d %41 ü";
  await it.shelves.create("shelf", id, {});
  const path = `stock/shelves/${encodeURIComponent(id)}`;
  const shelf = await it.json(`/api/instances/${path}`);
  assert.equal(shelf.id, id);
  assert.equal((await it.fire(`${path}/transitions/fill`)).status, 202);
  assert.equal((await it.shelves.get(id))?.state, "full");
});

Deno.test("instances that are not there, and questions that make no sense, are refused", async () => {
  await using it = await surface();
  const status = async (path: string) =>
    (await it.ask(`/api/instances${path}`)).status;
  assert.equal(await status("?application=none"), 404);
  assert.equal(await status("?machine=none"), 404);
  assert.equal(await status("/none/orders/o1"), 404);
  assert.equal(await status("/shop/none/o1"), 404);
  assert.equal(await status("/shop/orders/o1"), 404);
  assert.equal(await status("?limit=0"), 400);
  assert.equal(await status("?limit=501"), 400);
  assert.equal(await status("?after=here"), 400);
  assert.equal(await status(`?q=${"x".repeat(201)}`), 400);
  const fired = await it.fire("shop/orders/o1/transitions/pay");
  assert.equal(fired.status, 404);
});

Deno.test("instances are for those who have the token", async () => {
  await using it = await surface();
  const headers = { authorization: "Bearer another" };
  for (const path of ["", "/counts", "/machines", "/shop/orders/o1"]) {
    const answer = await it.ask(`/api/instances${path}`, { headers });
    assert.equal(answer.status, 401);
  }
});
