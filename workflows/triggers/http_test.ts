import assert from "node:assert/strict";
import { z } from "zod";
import {
  defineModule,
  defineWorkflowType,
  type JsonObject,
} from "@engine/define.ts";
import { ConfigError, RefusedError } from "@engine/errors.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { startApplication } from "@engine/testing.ts";
import requestid from "../../modules/http/middleware/requestid.ts";
import router from "../../modules/http/router.ts";
import server from "../../modules/http/server.ts";
import machines from "../../modules/statemachine/engine.ts";
import httpWorkflow from "../types/http.ts";
import statemachine from "../types/statemachine.ts";
import http from "./http.ts";

/** A workflow that keeps what it is asked, and says no when told to. */
function recorder(asked: [string, JsonObject][]) {
  return defineWorkflowType({
    type: "test",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, data) {
        asked.push([action, data]);
        if (action === "fail") throw new Error("broken");
        if (action !== "take") {
          throw new RefusedError(action as "wrong-state", "Not now");
        }
        return Promise.resolve({ id: "run-1", status: "done" });
      },
    }),
  });
}

/** Reads what is sent and answers with a status that the path names. */
const echo = defineModule({
  type: "test.echo",
  summary: "Answers with what is sent",
  stability: "stable",
  config: z.strictObject({}),
  provides: [HttpHandler],
  examples: [],
  create: () => ({
    handle: async ({ request, params }) =>
      new Response(await request.text(), { status: Number(params.status) }),
  }),
});

/** Answers like `echo`, and keeps a state for what it is asked. */
const keeper = defineModule({
  type: "test.keeper",
  summary: "Tells of an instance",
  stability: "stable",
  config: z.strictObject({}),
  provides: [HttpHandler],
  examples: [],
  create: () => ({
    handle(context) {
      const id = `kept-${context.params.status}`;
      context.instance = { id, definition: "parcel" };
      return new Response("", { status: Number(context.params.status) });
    },
  }),
});

const ORDER = {
  name: "order",
  initialState: "new",
  states: { new: {}, taken: { isFinal: true } },
  transitions: { take: { fromState: "new", toState: "taken" } },
};

type Entry = Readonly<Record<string, unknown>>;

async function start(
  routes: readonly Entry[],
  served: readonly Entry[] = [],
  trigger: Entry = {},
) {
  const asked: [string, JsonObject][] = [];
  const app = await startApplication({
    document: {
      modules: [
        { name: "web", type: "http.server", config: { address: ":0" } },
        { name: "api-router", type: "http.router" },
        { name: "id", type: "http.middleware.requestid" },
        { name: "echo", type: "test.echo" },
        { name: "keeper", type: "test.keeper" },
        { name: "machines", type: "statemachine.engine" },
      ],
      workflows: {
        test: {},
        http: { routes: served },
        statemachine: { definitions: [ORDER, { ...ORDER, name: "parcel" }] },
      },
      triggers: { http: { routes, ...trigger } },
    },
    definitions: [
      server,
      router,
      requestid,
      echo,
      keeper,
      httpWorkflow,
      machines,
      statemachine,
      http,
      recorder(asked),
    ],
  });
  return { app, asked, [Symbol.asyncDispose]: () => app.stop() };
}

const TAKE = {
  method: "POST",
  path: "/orders/:id",
  workflow: "test",
  action: "take",
};

const SERVED = {
  method: "POST",
  path: "/orders/{status}",
  handler: "echo",
  middlewares: ["id"],
};

Deno.test("http trigger runs a workflow and answers 202 with its result", async () => {
  await using test = await start([TAKE]);
  const response = await test.app.request("POST", "/orders/7");
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await response.json(), {
    status: "workflow triggered",
    id: "run-1",
  });
  assert.deepEqual(test.asked, [["take", { id: "7" }]]);
});

Deno.test("http trigger passes body, path, query and params, the later ones first", async () => {
  const params = { d: "params" };
  await using test = await start([{ ...TAKE, path: "/{b}/{c}/{d}", params }]);
  await test.app.request("POST", "/path/path/path?c=query&c=2&d=query&e=q", {
    body: { a: "body", b: "body", c: "body", d: "body", n: 1 },
  });
  assert.deepEqual(test.asked[0]?.[1], {
    a: "body",
    b: "path",
    c: "query",
    d: "params",
    e: "q",
    n: 1,
  });
});

Deno.test("http trigger passes a body without fields as one field", async () => {
  await using test = await start([TAKE]);
  for (const body of [[1, 2], "text", "7"]) {
    await test.app.request("POST", "/orders/1", {
      body,
      headers: { "content-type": "text/plain" },
    });
  }
  assert.deepEqual(test.asked.map(([, data]) => data.body), [
    [1, 2],
    "text",
    7,
  ]);
});

Deno.test("http trigger does not trust names from outside", async () => {
  await using test = await start([TAKE]);
  await test.app.request("POST", "/orders/1?__proto__=x&constructor=y", {
    body: '{"__proto__":{"admin":true}}',
  });
  const data = test.asked[0]?.[1] ?? {};
  assert.equal(data.constructor, "y" as unknown);
  assert.equal(Object.getPrototypeOf(data), Object.prototype);
  assert.equal(data.admin, undefined);
});

Deno.test("http trigger answers refusals as problems", async () => {
  const codes = {
    "wrong-state": 409,
    "not-found": 404,
    "unknown-transition": 400,
    "fail": 500,
  };
  await using test = await start(
    Object.keys(codes).map((action) => ({
      ...TAKE,
      path: `/${action}`,
      action,
    })),
  );
  for (const [action, status] of Object.entries(codes)) {
    const response = await test.app.request("POST", `/${action}`);
    assert.equal(response.status, status, action);
    assert.equal(
      response.headers.get("content-type"),
      "application/problem+json",
    );
  }
});

Deno.test("http trigger answers 404 for a workflow that is not there", async () => {
  await using test = await start([{ ...TAKE, workflow: "nothing" }]);
  const response = await test.app.request("POST", "/orders/1");
  assert.equal(response.status, 404);
  assert.equal((await response.json()).code, "unknown-workflow");
});

Deno.test("http trigger refuses a body that is no JSON though it says so", async () => {
  await using test = await start([TAKE]);
  const response = await test.app.request("POST", "/orders/1", {
    body: "{",
    headers: { "content-type": "application/json" },
  });
  assert.equal(response.status, 400);
  assert.deepEqual(test.asked, []);
});

Deno.test("http trigger follows a route of the document and leaves its answer", async () => {
  await using test = await start([TAKE], [SERVED]);
  const response = await test.app.request("POST", "/orders/201", {
    body: { total: 5 },
  });
  assert.equal(response.status, 201);
  assert.equal(await response.text(), '{"total":5}');
  assert.ok(response.headers.has("x-request-id"));
  assert.deepEqual(test.asked, [
    ["take", { total: 5, status: "201", id: "201" }],
  ]);
});

Deno.test("http trigger means the instance that the handler tells of, whatever is sent", async () => {
  await using test = await start([TAKE], [
    { ...SERVED, handler: "keeper" },
  ]);
  await test.app.request("POST", "/orders/201?instanceId=query", {
    body: { instanceId: "body", total: 5 },
  });
  assert.deepEqual(test.asked, [
    ["take", { instanceId: "kept-201", total: 5, status: "201", id: "201" }],
  ]);
});

Deno.test("http trigger means another instance than the handler's for another definition", async () => {
  await using test = await start([{ ...TAKE, workflow: "order" }], [
    { ...SERVED, handler: "keeper" },
  ]);
  await test.app.request("POST", "/orders/201", { body: { id: "o1" } });
  const instances = await Array.fromAsync(
    test.app.service(StateMachines).list(),
  );
  assert.deepEqual(instances.map(({ id }) => id), ["201"]);
});

Deno.test("http trigger is quiet where the handler has done the same already", async () => {
  const route = { ...TAKE, action: "wrong-state" };
  await using test = await start([route], [{ ...SERVED, handler: "keeper" }]);
  const warnings = () =>
    test.app.logs.filter(({ level }) => level === "warn" || level === "error");
  await test.app.request("POST", "/orders/201");
  assert.deepEqual(warnings(), []);
  await test.app.request("POST", "/orders/200");
  assert.equal(warnings().length, 1);
});

Deno.test("http trigger does not run after a route that fails", async () => {
  await using test = await start([TAKE], [SERVED]);
  const response = await test.app.request("POST", "/orders/422", { body: "x" });
  assert.equal(response.status, 422);
  assert.deepEqual(test.asked, []);
});

Deno.test("http trigger tells when the workflow of an answered request says no", async () => {
  for (const [action, level] of [["wrong-state", "warn"], ["fail", "error"]]) {
    await using test = await start([{ ...TAKE, action }], [SERVED]);
    const response = await test.app.request("POST", "/orders/200", {
      body: "x",
      headers: { "x-request-id": "r1" },
    });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "x");
    const line = test.app.logs.at(-1);
    assert.equal(line?.level, level);
    assert.equal(line?.fields.route, "POST /orders/{status}");
    assert.equal(line?.fields.requestId, "r1");
    const notice = test.app.events.findLast(({ kind }) => kind === "notice");
    assert.equal(notice?.message, line?.message);
  }
});

Deno.test("http trigger keeps its route apart from those of other methods", async () => {
  await using test = await start([{ ...TAKE, method: "put" }], [SERVED]);
  const put = await test.app.request("PUT", "/orders/200");
  assert.equal(put.status, 202);
  const post = await test.app.request("POST", "/orders/200", { body: "x" });
  assert.equal(post.status, 200);
  assert.equal(test.asked.length, 1);
});

Deno.test("http trigger reports a malformed path", async () => {
  const codes = async (routes: unknown) => {
    try {
      await start(routes as Entry[]);
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.problems.map(({ code, path }) => `${code} ${path}`);
    }
  };
  assert.deepEqual(await codes([{ ...TAKE, path: "orders" }]), [
    "invalid-route triggers.http.routes[0].path",
  ]);
  assert.deepEqual(await codes([{ ...TAKE, method: "GET /" }]), [
    "invalid-value triggers.http.routes[0].method",
  ]);
});

Deno.test("http trigger does nothing without routes, and says so", async () => {
  const start = (trigger: Entry, strict = false) =>
    startApplication({
      document: {
        modules: [{ name: "router", type: "http.router" }],
        triggers: { http: trigger },
      },
      definitions: [router, http],
      strict,
    });
  await using app = await start({ port: 8080 });
  assert.deepEqual(app.logs.map(({ fields }) => fields.code), [
    "missing-key",
    "ineffective-key",
  ]);
  await assert.rejects(start({ port: 8080 }, true), ConfigError);
  // A slip of the pen is no absence.
  await assert.rejects(start({ routse: [TAKE] }), /"routse" is not a key/);
});

Deno.test("http trigger takes everything back when its routes clash", async () => {
  await assert.rejects(
    start([
      { ...TAKE, path: "/a/{x}" },
      { ...TAKE, path: "/{y}/b" },
    ]),
    /Cannot mount "POST \/\{y\}\/b": it conflicts with "POST \/a\/\{x\}"/,
  );
});
