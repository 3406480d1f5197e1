import assert from "node:assert/strict";
import type { Effects } from "@engine/effects.ts";
import { recordsOver } from "@engine/records.ts";
import { Broker } from "@engine/services/broker.ts";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { scopedStore } from "@engine/store/scoped.ts";
import type { Batch, Store } from "@engine/store/store.ts";
import type { TestApplication } from "@engine/testing.ts";
import { seen, startOrders } from "./_document_test.ts";

type App<E extends Effects> = Pick<TestApplication<E>, "request">;

function create<E extends Effects>(app: App<E>, body: unknown) {
  return seen(app.request("POST", "/api/orders", { body }));
}

function read<E extends Effects>(app: App<E>, id: string) {
  return seen(app.request("GET", `/api/orders/${id}`));
}

function move<E extends Effects>(app: App<E>, id: string, body: unknown) {
  return seen(app.request("PUT", `/api/orders/${id}/transition`, { body }));
}

Deno.test("api.handler moves a resource through its workflow", async () => {
  await using app = await startOrders({ isMachine: true });
  const created = await create(app, { id: "o1", x: 1 });
  assert.equal(created.status, 201);
  assert.equal(created.body.state, "new");
  await app.effects.advance(1_000);
  const moved = await move(app, "o1", { transition: "check" });
  assert.equal(moved.status, 200);
  const lastUpdate = new Date(app.effects.clock.now()).toISOString();
  const resource = {
    id: "o1",
    data: { id: "o1", x: 1 },
    state: "checked",
    lastUpdate,
  };
  assert.deepEqual(moved.body, {
    success: true,
    id: "o1",
    instanceId: "order-o1",
    transition: "check",
    state: "checked",
    lastUpdate,
    resource,
  });
  assert.deepEqual((await read(app, "o1")).body, resource);
  const list = await seen(app.request("GET", "/api/orders?state=checked"));
  assert.deepEqual(list.body, [resource]);
});

Deno.test("api.handler refuses a transition from the wrong state", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1" });
  const moved = await move(app, "o1", { transition: "ship" });
  assert.equal(moved.status, 400);
  const { error, ...rest } = moved.body;
  assert.match(error, /"new"/);
  assert.deepEqual(rest, {
    success: false,
    id: "o1",
    instanceId: "order-o1",
    transition: "ship",
  });
  assert.equal((await read(app, "o1")).body.state, "new");
});

for (
  const [what, body, status] of [
    ["no body", "", 400],
    ["no transition", {}, 400],
    ["an empty transition", { transition: "" }, 400],
    ["a transition that is no text", { transition: 7 }, 400],
    ["an unknown transition", { transition: "fly" }, 400],
    ["an inherited name", { transition: "constructor" }, 400],
    ["data that is no object", { transition: "check", data: [1] }, 400],
    ["another workflow", { transition: "check", workflowType: "x" }, 400],
  ] as const
) {
  Deno.test(`api.handler refuses to transition with ${what}`, async () => {
    await using app = await startOrders({ isMachine: true });
    const before = await create(app, { id: "o1" });
    const moved = await move(app, "o1", body);
    assert.equal(moved.status, status);
    assert.equal(typeof moved.body.error, "string");
    assert.deepEqual((await read(app, "o1")).body, before.body);
  });
}

Deno.test("api.handler refuses to transition what is not there", async () => {
  await using app = await startOrders({ isMachine: true });
  const moved = await move(app, "o1", { transition: "check" });
  assert.equal(moved.status, 404);
  assert.equal(await app.service(StateMachines).get("order-o1"), undefined);
});

Deno.test("api.handler refuses to transition where nothing keeps a state", async () => {
  await using app = await startOrders();
  await create(app, { id: "o1" });
  const moved = await move(app, "o1", { transition: "check" });
  assert.equal(moved.status, 400);
  assert.equal(moved.body.success, false);
});

Deno.test("api.handler hands the data of a transition to the machine alone", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1", x: 1 });
  const body = { transition: "check", data: { by: "ann" } };
  const moved = await move(app, "o1", body);
  assert.deepEqual(moved.body.resource.data, { id: "o1", x: 1 });
  const instance = await app.service(StateMachines).get("order-o1");
  assert.deepEqual(instance?.data, { id: "o1", x: 1, by: "ann" });
});

Deno.test("api.handler hands a replacement to the machine with the next transition", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1", sum: 5 });
  const refused = await move(app, "o1", { transition: "audit" });
  assert.equal(refused.status, 400);
  await app.request("PUT", "/api/orders/o1", { body: { sum: 50 } });
  await move(app, "o1", { transition: "check" });
  const machines = app.service(StateMachines);
  assert.deepEqual((await machines.get("order-o1"))?.data, {
    id: "o1",
    sum: 50,
  });
  await move(app, "o1", { transition: "pay" });
  const last = (await machines.history("order-o1")).at(-1);
  assert.deepEqual(last?.data, {});
});

Deno.test("api.handler takes no state from the client where a machine keeps it", async () => {
  await using app = await startOrders({ isMachine: true });
  const created = await create(app, { id: "o1", state: "shipped" });
  assert.equal(created.body.state, "new");
  const replaced = await seen(
    app.request("PUT", "/api/orders/o1", { body: { state: "shipped" } }),
  );
  assert.equal(replaced.body.state, "new");
  assert.deepEqual(replaced.body.data, { state: "shipped" });
});

Deno.test("api.handler keeps the state when data is replaced", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1" });
  await move(app, "o1", { transition: "check" });
  const replaced = await seen(
    app.request("PUT", "/api/orders/o1", { body: { x: 2 } }),
  );
  assert.equal(replaced.body.state, "checked");
});

Deno.test("api.handler gives a new tag when only the state has changed", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1" });
  const before = await read(app, "o1");
  await move(app, "o1", { transition: "check" });
  const after = await read(app, "o1");
  assert.notEqual(before.headers.get("etag"), after.headers.get("etag"));
  const late = await app.request("DELETE", "/api/orders/o1", {
    headers: { "if-match": before.headers.get("etag") ?? "" },
  });
  assert.equal(late.status, 412);
});

Deno.test("api.handler fires the initial transition before it answers", async () => {
  const config = { initialTransition: "check" };
  await using app = await startOrders({ isMachine: true, config });
  const created = await create(app, { id: "o1", x: 1 });
  assert.equal(created.body.state, "checked");
  const history = await seen(app.request("GET", "/api/orders/o1/history"));
  const at = new Date(app.effects.clock.now()).toISOString();
  assert.deepEqual(history.body, [
    {
      sequence: 0,
      transition: null,
      fromState: null,
      toState: "new",
      at,
      data: { id: "o1", x: 1 },
    },
    {
      sequence: 1,
      transition: "check",
      fromState: "new",
      toState: "checked",
      at,
      data: {},
    },
  ]);
});

Deno.test("api.handler fires start_validation by default, where the definition has it", async () => {
  const definition = {
    transitions: { start_validation: { fromState: "new", toState: "checked" } },
  };
  await using app = await startOrders({ isMachine: true, definition });
  assert.equal((await create(app, { id: "o1" })).body.state, "checked");
});

Deno.test("api.handler waits in the initial state if a guard holds back the first transition", async () => {
  const config = { initialTransition: "audit" };
  await using app = await startOrders({ isMachine: true, config });
  assert.equal((await create(app, { id: "o1", sum: 5 })).body.state, "new");
  assert.equal(
    (await create(app, { id: "o2", sum: 50 })).body.state,
    "checked",
  );
});

Deno.test("api.handler passes over an initial transition from another state", async () => {
  const config = { initialTransition: "ship" };
  await using app = await startOrders({ isMachine: true, config });
  assert.equal((await create(app, { id: "o1" })).body.state, "new");
});

Deno.test("api.handler gives a new life to an id that was deleted", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1" });
  await move(app, "o1", { transition: "check" });
  await app.request("DELETE", "/api/orders/o1");
  const again = await create(app, { id: "o1" });
  assert.equal(again.status, 201);
  assert.equal(again.body.state, "new");
  const moved = await move(app, "o1", { transition: "cancel" });
  assert.equal(moved.body.state, "cancelled");
  assert.match(moved.body.instanceId, /^order-o1~/);
  const old = await app.service(StateMachines).get("order-o1");
  assert.equal(old?.state, "checked");
});

Deno.test("api.handler keeps resources of one id apart that share an engine", async () => {
  const config = {
    resourceName: "returns",
    workflowType: "order-workflow",
    workflowEngine: "machines",
    instanceIDPrefix: "order-",
  };
  const modules = [{ name: "returns", type: "api.handler", config }];
  const routes = [
    { method: "POST", path: "/returns", handler: "returns" },
    { method: "GET", path: "/returns/{id}", handler: "returns" },
  ];
  await using app = await startOrders({ isMachine: true, modules, routes });
  await create(app, { id: "1" });
  await app.request("POST", "/returns", { body: { id: "1" } });
  await move(app, "1", { transition: "check" });
  const other = await seen(app.request("GET", "/returns/1"));
  assert.equal(other.body.state, "new");
});

Deno.test("api.handler names the instance by the field of instanceIDField", async () => {
  const config = { instanceIDField: "number" };
  await using app = await startOrders({ isMachine: true, config });
  await create(app, { id: "o1", number: "n7" });
  const moved = await move(app, "o1", { transition: "check" });
  assert.equal(moved.body.instanceId, "order-n7");
  // Whoever names the number of another gets an instance apart.
  const same = await create(app, { id: "o3", number: "n7" });
  assert.equal(same.body.state, "new");
  const bare = await create(app, { id: "o2" });
  assert.equal(bare.status, 201);
  assert.ok(await app.service(StateMachines).get("order-o2"));
});

Deno.test("api.handler makes the instance that a crash has kept away", async () => {
  const config = { initialTransition: "check" };
  for (const touch of ["read", "move", "replace"] as const) {
    const store = await crashedStore();
    await using app = await startOrders({ isMachine: true, config }, { store });
    const machines = app.service(StateMachines);
    assert.equal(await machines.get("order-o1"), undefined);
    const list = await seen(app.request("GET", "/api/orders"));
    assert.equal(list.body[0].state, "new");
    const answer = touch === "read"
      ? await read(app, "o1")
      : touch === "move"
      ? await move(app, "o1", { transition: "pay" })
      : await seen(app.request("PUT", "/api/orders/o1", { body: {} }));
    assert.equal(answer.status, 200, touch);
    assert.equal(answer.body.state, touch === "move" ? "paid" : "checked");
    const again = await create(app, { id: "o1" });
    assert.equal(again.status, 409);
  }
});

/** A store as the death of the process leaves it right after the first commit. */
async function crashedStore(): Promise<Store> {
  const inner = memoryStore();
  const store = passingThrough(inner, (batch) => {
    const isInstance = batch.sets?.some(({ key }) => key.includes("machine"));
    const isUndo = batch.deletes !== undefined && batch.deletes.length > 0;
    if (isInstance || isUndo) throw new Error("The process is dead");
  });
  await using app = await startOrders({ isMachine: true }, { store });
  const created = await app.request("POST", "/api/orders", {
    body: { id: "o1" },
  });
  assert.equal(created.status, 500);
  return inner;
}

/** A store without room for instances that hold `text`. */
function storeThatRefuses(text: string): Store {
  return passingThrough(memoryStore(), (batch) => {
    const isRefused = batch.sets?.some(({ key, value }) =>
      key.includes("machine") && JSON.stringify(value).includes(text)
    );
    if (isRefused) throw new RangeError("The value is too large");
  });
}

Deno.test("api.handler takes a resource back whose instance cannot be made", async () => {
  const store = storeThatRefuses("LARGE");
  await using app = await startOrders({ isMachine: true }, { store });
  const created = await create(app, { id: "o1", text: "LARGE" });
  assert.equal(created.status, 413);
  assert.match(created.body.error, /^Cannot create the resource/);
  assert.equal((await read(app, "o1")).status, 404);
  assert.equal((await create(app, { id: "o1" })).status, 201);
});

Deno.test("api.handler refuses data that a machine cannot keep", async () => {
  const store = storeThatRefuses("LARGE");
  await using app = await startOrders({ isMachine: true }, { store });
  await create(app, { id: "o1" });
  const data = { text: "LARGE" };
  const moved = await move(app, "o1", { transition: "check", data });
  assert.equal(moved.status, 413);
  assert.equal(moved.body.success, false);
  assert.equal((await read(app, "o1")).body.state, "new");
  const acted = await seen(
    app.request("POST", "/api/orders/o1/check", { body: data }),
  );
  assert.equal(acted.status, 413);
  assert.deepEqual((await read(app, "o1")).body.data, { id: "o1" });
});

Deno.test("api.handler refuses data that the store has no room for", async () => {
  const store = memoryStore();
  await using app = await startOrders({}, { store });
  const text = "x".repeat(store.limits.valueBytes);
  const created = await create(app, { id: "o1", text });
  assert.equal(created.status, 413);
  await create(app, { id: "o1" });
  const replaced = await app.request("PUT", "/api/orders/o1", {
    body: { text },
  });
  assert.equal(replaced.status, 413);
  assert.deepEqual((await read(app, "o1")).body.data, { id: "o1" });
});

Deno.test("api.handler serves resources that are older than their workflow", async () => {
  const store = storeThatRefuses("LARGE");
  {
    await using app = await startOrders({}, { store });
    await create(app, { id: "o1", state: "unheard-of" });
    await create(app, { id: "big", text: "LARGE" });
  }
  await using app = await startOrders({ isMachine: true }, { store });
  assert.equal((await read(app, "o1")).body.state, "new");
  const big = await read(app, "big");
  assert.equal(big.status, 200);
  assert.equal(big.body.state, "new");
  const refused = await move(app, "big", { transition: "check" });
  assert.equal(refused.status, 400);
  await app.request("PUT", "/api/orders/big", { body: { text: "small" } });
  const moved = await move(app, "big", { transition: "check" });
  assert.equal(moved.body.state, "checked");
});

Deno.test("api.handler works on what another module has kept", async () => {
  await using app = await startOrders({ isMachine: true });
  const { effects } = app;
  const records = recordsOver(scopedStore(app.store, ["app", "test"]), effects);
  await records.collection("orders").create("o1", { x: 1 });
  assert.equal((await read(app, "o1")).body.state, "new");
  const moved = await move(app, "o1", { transition: "check" });
  assert.equal(moved.body.state, "checked");
  assert.deepEqual(moved.body.resource.data, { x: 1 });
});

Deno.test("api.handler creates where the definition is missing, without a machine", async () => {
  const config = { workflowType: "unheard-of" };
  await using app = await startOrders({ isMachine: true, config });
  const created = await create(app, { id: "o1" });
  assert.equal(created.status, 201);
  assert.equal(created.body.state, "new");
  const moved = await move(app, "o1", { transition: "check" });
  assert.equal(moved.status, 400);
  assert.match(moved.body.error, /unheard-of/);
});

Deno.test("api.handler takes the workflow from the request where the document names none", async () => {
  const config = { workflowType: undefined };
  await using app = await startOrders({ isMachine: true, config });
  await create(app, { id: "o1" });
  assert.equal(await app.service(StateMachines).get("order-o1"), undefined);
  const unnamed = await move(app, "o1", { transition: "check" });
  assert.equal(unnamed.status, 400);
  const workflowType = "order-workflow";
  const moved = await move(app, "o1", { transition: "check", workflowType });
  assert.equal(moved.status, 200);
  assert.equal((await read(app, "o1")).body.state, "checked");
});

Deno.test("api.handler does not move an instance of somebody else", async () => {
  const config = { workflowType: undefined };
  await using app = await startOrders({ isMachine: true, config });
  const machines = app.service(StateMachines);
  await machines.create("order-workflow", "order-o1", { of: "another" });
  await create(app, { id: "o1" });
  const workflowType = "order-workflow";
  const moved = await move(app, "o1", { transition: "check", workflowType });
  assert.equal(moved.status, 200);
  assert.equal((await machines.get("order-o1"))?.state, "new");
});

Deno.test("api.handler lets one of two competing transitions win", async () => {
  await using app = await startOrders({ isMachine: true });
  await create(app, { id: "o1" });
  const answers = await Promise.all([
    move(app, "o1", { transition: "check" }),
    move(app, "o1", { transition: "cancel" }),
  ]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 400]);
});

/** A store whose commits can be refused; closing it leaves the inner one open. */
function passingThrough(inner: Store, check: (batch: Batch) => void): Store {
  return {
    get: (key) => inner.get(key),
    getMany: (keys) => inner.getMany(keys),
    list: (range, options) => inner.list(range, options),
    // deno-lint-ignore require-await -- a refusal is a rejection
    async commit(batch) {
      check(batch);
      return inner.commit(batch);
    },
    watch: (keys, signal) => inner.watch(keys, signal),
    limits: inner.limits,
    close: () => Promise.resolve(),
  };
}

Deno.test("api.handler says which instance its answer is about", async () => {
  await using app = await startOrders({ isMachine: true });
  const handler = app.service(HttpHandler, "orders");
  const ask = async (method: string, path: string, body?: unknown) => {
    const context = new HttpContext(
      new Request(`http://localhost/api/orders${path}`, {
        method,
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      }),
    );
    if (path !== "") context.params = { id: "o1" };
    const { status } = await handler.handle(context);
    return [status, context.instance?.id];
  };
  assert.deepEqual(await ask("POST", "", { id: "o1" }), [201, "order-o1"]);
  assert.deepEqual(await ask("POST", "", { id: "o1" }), [409, undefined]);
  assert.deepEqual(await ask("GET", "/o1"), [200, "order-o1"]);
  assert.deepEqual(await ask("PUT", "/o1", { x: 1 }), [200, "order-o1"]);
  const transition = { transition: "check" };
  assert.deepEqual(
    await ask("PUT", "/o1/transition", transition),
    [200, "order-o1"],
  );
  assert.deepEqual(await ask("POST", "/o1/pay"), [200, "order-o1"]);
  assert.deepEqual(await ask("GET", ""), [200, undefined]);
  assert.deepEqual(await ask("DELETE", "/o1"), [204, "order-o1"]);
});

Deno.test("api.handler names the instance in what it publishes", async () => {
  const modules = [{ name: "events", type: "messaging.broker" }];
  await using app = await startOrders({ isMachine: true, modules });
  const heard: unknown[] = [];
  app.service(Broker).subscribe(
    "orders-events",
    ({ payload }) => void heard.push((payload as Named).instanceId),
  );
  await create(app, { id: "o1" });
  await app.request("PUT", "/api/orders/o1", { body: { x: 1 } });
  await app.request("POST", "/api/orders/o1/check");
  await app.request("DELETE", "/api/orders/o1");
  await app.effects.advance(0);
  assert.deepEqual(heard, Array(4).fill("order-o1"));
});

interface Named {
  readonly instanceId?: unknown;
}
