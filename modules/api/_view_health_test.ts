import assert from "node:assert/strict";
import { StateMachines } from "@engine/services/state_machines.ts";
import {
  as,
  type DocumentOptions,
  seen,
  startOrders,
} from "./_document_test.ts";

/** Orders with a view on those in one state at `/api/queue`. */
function startWithView(
  config: Readonly<Record<string, unknown>> = {},
  options: DocumentOptions = {},
) {
  const path = "/api/queue";
  return startOrders({
    ...options,
    modules: [{
      name: "queue",
      type: "api.handler",
      config: {
        resourceName: "queue",
        sourceResourceName: "orders",
        ...config,
      },
    }],
    routes: [
      { method: "GET", path, handler: "queue", middlewares: ["claims"] },
      {
        method: "GET",
        path: `${path}/health`,
        handler: "queue",
        middlewares: ["claims"],
      },
      { method: "GET", path: `${path}/{id}`, handler: "queue" },
      { method: "GET", path: `${path}/{id}/{part}`, handler: "queue" },
      { method: "POST", path, handler: "queue" },
      { method: "POST", path: `${path}/{id}/{part}`, handler: "queue" },
      { method: "PUT", path: `${path}/{id}`, handler: "queue" },
      { method: "DELETE", path: `${path}/{id}`, handler: "queue" },
    ],
  });
}

Deno.test("a view lists what its source keeps, counted and by live state", async () => {
  await using app = await startWithView({ stateFilter: "checked" }, {
    isMachine: true,
  });
  for (const id of ["a", "b", "c"]) {
    await app.request("POST", "/api/orders", { body: { id } });
  }
  for (const id of ["c", "a"]) {
    const body = { transition: "check" };
    await app.request("PUT", `/api/orders/${id}/transition`, { body });
  }
  const list = await seen(app.request("GET", "/api/queue"));
  assert.equal(list.status, 200);
  const { orders, ...counts } = list.body;
  assert.deepEqual(counts, { totalQueued: 2, count: 2 });
  assert.deepEqual(orders.map(({ id }: { id: string }) => id), ["a", "c"]);
  assert.equal(orders[0].state, "checked");
  await app.request("DELETE", "/api/orders/a");
  const later = await seen(app.request("GET", "/api/queue?limit=1"));
  assert.equal(later.body.totalQueued, 1);
});

Deno.test("a view counts beyond the page", async () => {
  await using app = await startWithView();
  for (const id of ["a", "b", "c"]) {
    await app.request("POST", "/api/orders", { body: { id } });
  }
  const list = await seen(app.request("GET", "/api/queue?limit=2"));
  assert.equal(list.body.totalQueued, 3);
  assert.equal(list.body.count, 2);
  assert.ok(list.headers.get("link"));
});

Deno.test("a view writes nothing", async () => {
  await using app = await startWithView({ workflowType: "order-workflow" }, {
    isMachine: true,
  });
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  for (
    const [method, path, body] of [
      ["POST", "/api/queue", { id: "x" }],
      ["PUT", "/api/queue/o1", { x: 1 }],
      ["DELETE", "/api/queue/o1", undefined],
      ["POST", "/api/queue/o1/check", {}],
      ["POST", "/api/queue/o1/transition", { transition: "check" }],
    ] as const
  ) {
    const response = await app.request(method, path, { body });
    assert.equal(
      response.status,
      path.endsWith("transition") ? 404 : 405,
      path,
    );
  }
  const read = await seen(app.request("GET", "/api/queue/o1"));
  assert.equal(read.body.state, "new");
  const summary = await seen(app.request("GET", "/api/queue/o1/summary"));
  assert.equal(summary.body.id, "o1");
});

Deno.test("a view makes no instance by being read", async () => {
  await using app = await startWithView({
    workflowType: "order-workflow",
    resourceName: "queue",
  }, { isMachine: true, config: { workflowType: undefined } });
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const read = await seen(app.request("GET", "/api/queue/o1"));
  assert.equal(read.status, 200);
  const history = await app.request("GET", "/api/queue/o1/history");
  assert.equal(history.status, 404);
  const { body: list } = await seen(app.request("GET", "/api/queue"));
  assert.equal(list.orders[0].state, "new");
  const instances = app.service(StateMachines).list();
  assert.deepEqual(await Array.fromAsync(instances), []);
});

Deno.test("readViewHealth() groups by a field and tells how long it waits", async () => {
  const config = { groupField: "programId", alertThreshold: 2 };
  await using app = await startWithView(config);
  await app.request("POST", "/api/orders", {
    body: { id: "a", programId: "p1", programName: "First" },
  });
  const oldestAt = new Date(app.effects.clock.now()).toISOString();
  await app.effects.advance(60_000);
  await app.request("POST", "/api/orders", {
    body: { id: "b", programId: "p1" },
  });
  const createdAt = new Date(app.effects.clock.now() - 90_000).toISOString();
  await app.request("POST", "/api/orders", { body: { id: "c", createdAt } });
  const health = await seen(app.request("GET", "/api/queue/health"));
  assert.equal(health.status, 200);
  assert.deepEqual(health.body, {
    programs: [
      {
        programId: "p1",
        programName: "First",
        depth: 2,
        queued: 2,
        avgWaitSeconds: 30,
        oldestAt,
        alertThreshold: 2,
      },
      {
        programId: "default",
        programName: "default",
        depth: 1,
        queued: 1,
        avgWaitSeconds: 90,
        oldestAt: createdAt,
        alertThreshold: 2,
      },
    ],
    alerts: 1,
  });
  const narrowed = await seen(
    app.request("GET", "/api/queue/health?programId=p2"),
  );
  assert.deepEqual(narrowed.body, { programs: [], alerts: 0 });
});

Deno.test("readViewHealth() makes one group where no field is named", async () => {
  await using app = await startWithView();
  const createdAt = "2999-01-01T00:00:00Z";
  await app.request("POST", "/api/orders", { body: { id: "a", createdAt } });
  const { body } = await seen(app.request("GET", "/api/queue/health"));
  assert.equal(body.groups[0].group, "default");
  assert.equal(body.groups[0].avgWaitSeconds, 0);
});

Deno.test("readViewHealth() counts only what the caller may see", async () => {
  await using app = await startWithView();
  const headers = as({ sub: "ann" });
  await app.request("POST", "/api/orders", { headers, body: { id: "a" } });
  const own = await seen(app.request("GET", "/api/queue/health", { headers }));
  assert.equal(own.body.groups.length, 1);
  const other = await seen(
    app.request("GET", "/api/queue/health", { headers: as({ sub: "bob" }) }),
  );
  assert.deepEqual(other.body.groups, []);
});

Deno.test("a handler that is no view has no health", async () => {
  await using app = await startOrders();
  assert.equal((await app.request("GET", "/api/orders/health")).status, 404);
});
