import assert from "node:assert/strict";
import { seen, startOrders } from "./_document_test.ts";
import { JSON_DEPTH_MAX } from "../_json_fault.ts";
import { BODY_BYTES_MAX } from "./_body.ts";
import { LIST_ITEMS_MAX } from "./_config.ts";
import { ID_CHARACTERS_MAX } from "./_id.ts";
import handler from "./handler.ts";
import { Broker } from "@engine/services/broker.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import { memoryStore } from "@engine/store/memory.ts";

Deno.test("api.handler creates a resource with exactly the data that was sent", async () => {
  await using app = await startOrders();
  const body = { id: "o1", x: 1, nested: { list: [null, true, "ä"] } };
  const created = await seen(app.request("POST", "/api/orders", { body }));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get("content-type"), "application/json");
  assert.deepEqual(created.body, {
    id: "o1",
    data: body,
    state: "new",
    lastUpdate: new Date(app.effects.clock.now()).toISOString(),
  });
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, created.body);
});

Deno.test("api.handler makes an id and leaves the data as it was sent", async () => {
  await using app = await startOrders();
  const first = await seen(
    app.request("POST", "/api/orders", { body: { x: 1 } }),
  );
  const second = await seen(app.request("POST", "/api/orders", { body: {} }));
  assert.deepEqual(first.body.data, { x: 1 });
  assert.deepEqual(second.body.data, {});
  assert.notEqual(first.body.id, second.body.id);
  const read = await seen(app.request("GET", `/api/orders/${first.body.id}`));
  assert.deepEqual(read.body.data, { x: 1 });
});

Deno.test("api.handler prefers the id of the path", async () => {
  await using app = await startOrders();
  const body = { id: "inner", x: 1 };
  const created = await seen(
    app.request("POST", "/api/orders/outer", { body }),
  );
  assert.equal(created.status, 201);
  assert.equal(created.body.id, "outer");
  assert.deepEqual(created.body.data, body);
});

Deno.test("api.handler refuses an id that exists and leaves it as it is", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1", x: 1 } });
  const again = await seen(
    app.request("POST", "/api/orders", { body: { id: "o1", x: 2 } }),
  );
  assert.equal(again.status, 409);
  assert.deepEqual(again.body, {
    error: 'Cannot create "o1": it exists already',
  });
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.deepEqual(read.body.data, { id: "o1", x: 1 });
});

Deno.test("api.handler makes one of those that compete for an id", async () => {
  await using app = await startOrders({ isMachine: true });
  const responses = await Promise.all(
    Array.from(
      { length: 10 },
      (_, x) => app.request("POST", "/api/orders", { body: { id: "o1", x } }),
    ),
  );
  const statuses = responses.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...Array(9).fill(409)]);
});

for (
  const [what, body, status] of [
    ["null", "null", 400],
    ["a list", "[1]", 400],
    ["a text", '"x"', 400],
    ["a number", "7", 400],
    ["nothing", "", 400],
    ["broken JSON", '{"a":', 400],
    ["a number beyond all bounds", '{"a":1e999}', 400],
    ["too deep a value", `{"a":${nest(JSON_DEPTH_MAX)}}`, 400],
    ["a hostile depth", `{"a":${nest(200_000)}}`, 400],
    [
      "too large a body",
      JSON.stringify({ a: "x".repeat(BODY_BYTES_MAX) }),
      413,
    ],
    [
      "too long an id",
      JSON.stringify({ id: "x".repeat(ID_CHARACTERS_MAX + 1) }),
      400,
    ],
    ["half a character as id", '{"id":"\\ud800"}', 400],
    ["an id that no path can carry", '{"id":".."}', 400],
  ] as const
) {
  Deno.test(`api.handler refuses ${what} and keeps nothing`, async () => {
    await using app = await startOrders();
    const response = await seen(app.request("POST", "/api/orders", { body }));
    assert.equal(response.status, status);
    assert.equal(typeof response.body.error, "string");
    const list = await seen(app.request("GET", "/api/orders"));
    assert.deepEqual(list.body, []);
  });
}

function nest(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

Deno.test("api.handler refuses bytes that are no UTF-8", async () => {
  await using app = await startOrders();
  const response = await app.service(HttpServer).handle(
    new Request("http://localhost/api/orders", {
      method: "POST",
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    }),
  );
  assert.equal(response.status, 400);
});

Deno.test("api.handler keeps the largest body and gives it back", async () => {
  await using app = await startOrders();
  const text = "x".repeat(BODY_BYTES_MAX - 100);
  const body = { id: "big", text };
  const created = await seen(app.request("POST", "/api/orders", { body }));
  assert.equal(created.status, 201);
  const read = await seen(app.request("GET", "/api/orders/big"));
  assert.equal(read.body.data.text, text);
});

Deno.test("api.handler does not mind what the content type says", async () => {
  await using app = await startOrders();
  const headers = { "content-type": "text/plain" };
  const response = await app.request("POST", "/api/orders", {
    headers,
    body: { id: "o1" },
  });
  assert.equal(response.status, 201);
});

Deno.test("api.handler treats fields with special names like any other", async () => {
  await using app = await startOrders();
  const text = '{"id":"o1","__proto__":{"state":"x"},"constructor":1,"":2}';
  const created = await app.request("POST", "/api/orders", { body: text });
  const [, data] = /"data":(.*),"state":"new"/.exec(await created.text()) ?? [];
  assert.equal(data, text);
  const replaced = await app.request("PUT", "/api/orders/o1", { body: text });
  assert.match(await replaced.text(), /"__proto__":\{"state":"x"\}/);
});

Deno.test("api.handler serves ids that need encoding", async () => {
  await using app = await startOrders();
  const id = "a b/ä?#%41";
  await app.request("POST", "/api/orders", { body: { id } });
  const path = `/api/orders/${encodeURIComponent(id)}`;
  const read = await seen(app.request("GET", path));
  assert.equal(read.status, 200);
  assert.equal(read.body.id, id);
  assert.equal((await app.request("DELETE", path)).status, 204);
});

Deno.test("api.handler lists in order of creation", async () => {
  await using app = await startOrders();
  for (const id of ["c", "a", "b"]) {
    await app.request("POST", "/api/orders", { body: { id } });
  }
  await app.request("PUT", "/api/orders/c", { body: { x: 1 } });
  const list = await seen(app.request("GET", "/api/orders"));
  assert.equal(list.status, 200);
  assert.deepEqual(idsOf(list.body), ["c", "a", "b"]);
});

Deno.test("api.handler pages with limit and after, and links to the next page", async () => {
  await using app = await startOrders();
  for (const id of ["a", "b", "c"]) {
    await app.request("POST", "/api/orders", { body: { id, color: "red" } });
  }
  const first = await seen(app.request("GET", "/api/orders?limit=2&color=red"));
  assert.deepEqual(idsOf(first.body), ["a", "b"]);
  const [, next] =
    /^<(.*)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
  assert.ok(next);
  const second = await seen(app.request("GET", next));
  assert.deepEqual(idsOf(second.body), ["c"]);
  assert.equal(second.headers.get("link"), null);
});

Deno.test("api.handler bounds a list that asks for no limit", async () => {
  await using app = await startOrders();
  for (let count = 0; count <= LIST_ITEMS_MAX; count++) {
    await app.request("POST", "/api/orders", { body: { count } });
  }
  const list = await seen(app.request("GET", "/api/orders"));
  assert.equal(list.body.length, LIST_ITEMS_MAX);
  assert.ok(list.headers.get("link"));
  const clamped = await seen(app.request("GET", "/api/orders?limit=999999"));
  assert.equal(clamped.body.length, LIST_ITEMS_MAX);
});

for (
  const query of ["limit=0", "limit=-1", "limit=x", "limit=1.5", "after=gone"]
) {
  Deno.test(`api.handler refuses to list with ${query}`, async () => {
    await using app = await startOrders();
    const response = await seen(app.request("GET", `/api/orders?${query}`));
    assert.equal(response.status, 400);
    assert.match(response.body.error, /^Cannot list/);
  });
}

Deno.test("api.handler narrows a list by fields and state", async () => {
  await using app = await startOrders();
  for (
    const body of [
      { id: "a", role: "x", state: "open", sum: 5, tags: ["p", "q"] },
      { id: "b", role: "y", sum: 7, done: true },
      { id: "c", role: "x", nested: { role: "x" } },
    ]
  ) await app.request("POST", "/api/orders", { body });
  for (
    const [query, ids] of [
      ["role=x", ["a", "c"]],
      ["role=x,y", ["a", "b", "c"]],
      ["role=x&role=y", ["a", "b", "c"]],
      ["role=", ["a", "b", "c"]],
      ["sum=5", ["a"]],
      ["done=true", ["b"]],
      ["tags=q", ["a"]],
      ["state=open", ["a"]],
      ["state=new", ["b", "c"]],
      ["role=x&state=new", ["c"]],
      ["nested=x", []],
      ["toString=x", []],
    ] as const
  ) {
    const list = await seen(app.request("GET", `/api/orders?${query}`));
    assert.deepEqual(idsOf(list.body), ids, query);
  }
});

Deno.test("api.handler lists only what is in the state of stateFilter", async () => {
  await using app = await startOrders({ config: { stateFilter: "open" } });
  for (const [id, state] of [["a", "open"], ["b", "shut"]]) {
    await app.request("POST", "/api/orders", { body: { id, state } });
  }
  const list = await seen(app.request("GET", "/api/orders"));
  assert.deepEqual(idsOf(list.body), ["a"]);
});

Deno.test("api.handler replaces the data and keeps the state", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", {
    body: { id: "o1", state: "open", x: 1 },
  });
  const replaced = await seen(
    app.request("PUT", "/api/orders/o1", { body: { y: 2 } }),
  );
  assert.equal(replaced.status, 200);
  assert.deepEqual(replaced.body.data, { y: 2 });
  assert.equal(replaced.body.state, "open");
  const moved = await seen(
    app.request("PUT", "/api/orders/o1", { body: { state: "shut" } }),
  );
  assert.equal(moved.body.state, "shut");
});

Deno.test("api.handler refuses to replace what is not there or not an object", async () => {
  await using app = await startOrders();
  const absent = await seen(app.request("PUT", "/api/orders/x", { body: {} }));
  assert.equal(absent.status, 404);
  await app.request("POST", "/api/orders", { body: { id: "o1", x: 1 } });
  const broken = await app.request("PUT", "/api/orders/o1", { body: "nope" });
  assert.equal(broken.status, 400);
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.deepEqual(read.body.data, { id: "o1", x: 1 });
});

Deno.test("api.handler deletes once", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const first = await app.request("DELETE", "/api/orders/o1");
  assert.equal(first.status, 204);
  assert.equal(await first.text(), "");
  assert.equal((await app.request("DELETE", "/api/orders/o1")).status, 404);
  assert.equal((await app.request("GET", "/api/orders/o1")).status, 404);
});

Deno.test("api.handler refuses a write to what has changed since it was read", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1", x: 1 } });
  const old = await seen(app.request("GET", "/api/orders/o1"));
  const etag = old.headers.get("etag") ?? "";
  const headers = { "if-match": etag };
  const put = await seen(
    app.request("PUT", "/api/orders/o1", { headers, body: { x: 2 } }),
  );
  assert.equal(put.status, 200);
  assert.notEqual(put.headers.get("etag"), etag);
  for (const method of ["PUT", "DELETE"]) {
    const late = await seen(
      app.request(method, "/api/orders/o1", { headers, body: { x: 3 } }),
    );
    assert.equal(late.status, 412);
    assert.equal(late.headers.get("etag"), put.headers.get("etag"));
  }
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.deepEqual(read.body.data, { x: 2 });
  const any = await app.request("DELETE", "/api/orders/o1", {
    headers: { "if-match": "*" },
  });
  assert.equal(any.status, 204);
});

Deno.test("api.handler lets one of those that saw the same state write", async () => {
  await using app = await startOrders();
  const created = await seen(
    app.request("POST", "/api/orders", { body: { id: "o1" } }),
  );
  const headers = { "if-match": created.headers.get("etag") ?? "" };
  const responses = await Promise.all(
    Array.from(
      { length: 5 },
      (_, x) => app.request("PUT", "/api/orders/o1", { headers, body: { x } }),
    ),
  );
  const statuses = responses.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 412, 412, 412, 412]);
});

Deno.test("api.handler answers 304 to a client that has the present state", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const read = await app.request("GET", "/api/orders/o1");
  const headers = { "if-none-match": `"x", W/${read.headers.get("etag")}` };
  const again = await app.request("GET", "/api/orders/o1", { headers });
  assert.equal(again.status, 304);
  await app.request("PUT", "/api/orders/o1", { body: {} });
  const changed = await app.request("GET", "/api/orders/o1", { headers });
  assert.equal(changed.status, 200);
});

Deno.test("api.handler answers HEAD without a body", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const head = await app.request("HEAD", "/api/orders/o1");
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
});

Deno.test("api.handler answers 405 with what a path serves", async () => {
  const routes = [
    { method: "PATCH", path: "/api/orders/{id}", handler: "orders" },
    { method: "PATCH", path: "/api/orders", handler: "orders" },
    { method: "GET", path: "/api/orders/{id}/transition", handler: "orders" },
  ];
  await using app = await startOrders({ routes });
  for (
    const [method, path, allow] of [
      ["PATCH", "/api/orders/o1", "GET, HEAD, POST, PUT, DELETE"],
      ["PATCH", "/api/orders", "GET, HEAD, POST"],
      ["GET", "/api/orders/o1/transition", "PUT, POST"],
      ["DELETE", "/api/orders/o1/other", "GET, HEAD, POST"],
    ]
  ) {
    const response = await seen(app.request(method!, path!));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), allow);
    assert.match(response.body.error, /^Cannot /);
  }
});

Deno.test("api.handler finds the id by its route, however deep it stands", async () => {
  const routes = [
    { method: "GET", path: "/a/b/c/poll/{id}", handler: "orders" },
    { method: "GET", path: "/a/b/c/poll/{id}/{rest...}", handler: "orders" },
    { method: "GET", path: "/o/:id", handler: "orders" },
  ];
  await using app = await startOrders({ routes });
  await app.request("POST", "/api/orders", { body: { id: "o1", x: 1 } });
  const deep = await seen(app.request("GET", "/a/b/c/poll/o1"));
  assert.equal(deep.body.id, "o1");
  const alias = await seen(app.request("GET", "/o/o1"));
  assert.equal(alias.body.id, "o1");
  const part = await seen(app.request("GET", "/a/b/c/poll/o1/summary"));
  assert.deepEqual(part.body.x, 1);
  const deeper = await app.request("GET", "/a/b/c/poll/o1/summary/more");
  assert.equal(deeper.status, 404);
});

Deno.test("api.handler shares resources between handlers of one name", async () => {
  const modules = [{
    name: "other",
    type: "api.handler",
    config: { resourceName: "orders" },
  }];
  const routes = [{ method: "GET", path: "/other/{id}", handler: "other" }];
  await using app = await startOrders({ modules, routes });
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  assert.equal((await app.request("GET", "/other/o1")).status, 200);
});

Deno.test("api.handler keeps resources across a restart", async () => {
  const store = memoryStore();
  {
    await using app = await startOrders({ isMachine: true }, { store });
    await app.request("POST", "/api/orders", { body: { id: "o1", x: 1 } });
    await app.request("PUT", "/api/orders/o1/transition", {
      body: { transition: "check" },
    });
  }
  await using app = await startOrders({ isMachine: true }, { store });
  const read = await seen(app.request("GET", "/api/orders/o1"));
  assert.deepEqual(read.body.data, { id: "o1", x: 1 });
  assert.equal(read.body.state, "checked");
});

Deno.test("api.handler reads under the names of fieldMapping", async () => {
  const fieldMapping = {
    id: ["number", "no"],
    state: "phase",
    color: ["colour", "color"],
  };
  await using app = await startOrders({ config: { fieldMapping } });
  const body = { no: "n7", id: "ignored", phase: "open", color: "red" };
  const created = await seen(app.request("POST", "/api/orders", { body }));
  assert.equal(created.body.id, "n7");
  assert.equal(created.body.state, "open");
  assert.deepEqual(created.body.data, body);
  const list = await seen(app.request("GET", "/api/orders?color=red"));
  assert.deepEqual(idsOf(list.body), ["n7"]);
});

Deno.test("api.handler summarises all but nested data", async () => {
  await using app = await startOrders();
  const body = { id: "o1", sum: 3, tags: ["a"], lines: [{ sku: 1 }], to: {} };
  await app.request("POST", "/api/orders", { body });
  const summary = await seen(app.request("GET", "/api/orders/o1/summary"));
  const { lastUpdate, ...rest } = summary.body;
  assert.equal(typeof lastUpdate, "string");
  assert.deepEqual(rest, { id: "o1", sum: 3, tags: ["a"], state: "new" });
});

Deno.test("api.handler summarises the fields that are named", async () => {
  const summaryFields = ["lines", "missing", "state"];
  await using app = await startOrders({ config: { summaryFields } });
  const body = { id: "o1", sum: 3, lines: [{ sku: 1 }], state: "open" };
  await app.request("POST", "/api/orders", { body });
  const summary = await seen(app.request("GET", "/api/orders/o1/summary"));
  const { lastUpdate: _, ...rest } = summary.body;
  assert.deepEqual(rest, { id: "o1", lines: [{ sku: 1 }], state: "open" });
});

Deno.test("api.handler summarises what work has found out, where it is named", async () => {
  const config = { summaryFields: ["tracking", "sum", "secret"] };
  await using app = await startOrders({ isMachine: true, config });
  const body = { id: "o1", sum: 3 };
  await app.request("POST", "/api/orders", { body });
  const transition = { transition: "check", data: { tracking: "T-1", sum: 9 } };
  await app.request("PUT", "/api/orders/o1/transition", { body: transition });
  const summary = await seen(app.request("GET", "/api/orders/o1/summary"));
  const { lastUpdate: _, ...rest } = summary.body;
  assert.deepEqual(rest, {
    id: "o1",
    tracking: "T-1",
    sum: 3,
    state: "checked",
  });
});

Deno.test("api.handler knows no other part of a resource", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  for (
    const [method, part] of [
      ["GET", "messages"],
      ["GET", "history"],
      ["POST", "messages"],
    ]
  ) {
    const response = await seen(
      app.request(
        method!,
        `/api/orders/o1/${part}`,
        method === "POST" ? { body: {} } : {},
      ),
    );
    assert.equal(response.status, 404);
    assert.match(response.body.error, /^Cannot /);
  }
  assert.equal((await app.request("GET", "/api/orders/x/summary")).status, 404);
});

Deno.test("api.handler publishes what happens to resources", async () => {
  const modules = [
    { name: "message-broker", type: "messaging.broker" },
    { name: "log", type: "messaging.handler" },
  ];
  const workflows = {
    messaging: {
      subscriptions: [{ topic: "orders-events", handler: "log" }],
    },
  };
  const heard: unknown[] = [];
  await using app = await startOrders({ modules, workflows });
  app.service(Broker).subscribe(
    "orders-events",
    (message) => void heard.push(message.payload),
  );
  const created = await seen(
    app.request("POST", "/api/orders", { body: { id: "o1" } }),
  );
  const replaced = await seen(
    app.request("PUT", "/api/orders/o1", { body: { x: 1 } }),
  );
  await app.request("DELETE", "/api/orders/o1");
  await app.request("POST", "/api/orders", { body: "nope" });
  await app.effects.advance(0);
  assert.deepEqual(heard, [
    { eventType: "orders.created", resource: created.body },
    { eventType: "orders.updated", resource: replaced.body },
    { eventType: "orders.deleted", resourceId: "o1" },
  ]);
});

Deno.test("api.handler warns of seeds in a view", () => {
  const config = handler.config.parse({
    sourceResourceName: "orders",
    seedFile: "seeds.json",
  });
  const issues = handler.check?.(config) ?? [];
  assert.deepEqual(issues.map(({ path }) => path), [["seedFile"]]);
  assert.deepEqual(handler.check?.(handler.config.parse({})), []);
});

Deno.test("api.handler needs no config", async () => {
  const config = { resourceName: undefined };
  await using app = await startOrders({ config });
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const key = ["app", "test", "resource-id", "resources", "o1"];
  assert.ok(await app.store.get(key));
});

function idsOf(list: readonly { readonly id: string }[]): string[] {
  return list.map(({ id }) => id);
}
