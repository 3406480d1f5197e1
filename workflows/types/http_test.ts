import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import { startApplication } from "@engine/testing.ts";
import handler from "../../modules/http/handler.ts";
import requestid from "../../modules/http/middleware/requestid.ts";
import router from "../../modules/http/router.ts";
import server from "../../modules/http/server.ts";
import http from "./http.ts";

const definitions = [server, router, handler, requestid, http];

const MODULES = [
  { name: "web", type: "http.server", config: { address: ":8080" } },
  { name: "table", type: "http.router" },
  { name: "orders", type: "http.handler" },
  { name: "id", type: "http.middleware.requestid" },
];

type Route = Readonly<Record<string, unknown>>;

function document(
  routes: readonly Route[],
  more: Readonly<Record<string, unknown>> = {},
) {
  return { modules: MODULES, workflows: { http: { routes, ...more } } };
}

const ORDERS = { method: "GET", path: "/orders", handler: "orders" };

Deno.test("workflows.http ties routes, middlewares and the server together", async () => {
  await using app = await startApplication({
    document: document([{ ...ORDERS, middlewares: ["id"] }]),
    definitions,
  });
  const response = await app.request("GET", "/orders", {
    headers: { "x-request-id": "r1" },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-request-id"), "r1");
  assert.deepEqual(
    app.application.plan.edges
      .filter(({ path }) => path.startsWith("workflows.http"))
      .map(({ source, target, kind, label }) => [source, target, kind, label]),
    [
      ["table", "orders", "route", "GET /orders"],
      ["table", "id", "middleware", "GET /orders"],
      ["web", "table", "route", ""],
    ],
  );
});

Deno.test("workflows.http writes methods in capitals", async () => {
  await using app = await startApplication({
    document: document([{ ...ORDERS, method: "get" }]),
    definitions,
  });
  assert.equal((await app.request("GET", "/orders")).status, 200);
});

async function problems(routes: readonly Route[], strict = false) {
  try {
    const app = await startApplication({
      document: document(routes),
      definitions,
      strict,
    });
    await app.stop();
    return app.logs.filter(({ level }) => level === "warn")
      .map(({ fields }) => fields.code).filter((code) => code !== undefined);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.filter(({ severity }) => severity === "error")
      .map(({ code, path, message }) =>
        `${code} ${path.replace("workflows.http.", "")}: ${message}`
      );
  }
}

Deno.test("workflows.http reports routes that cannot stand side by side", async () => {
  const at = (path: string) => ({ ...ORDERS, path });
  assert.deepEqual(
    await problems([
      at("/a/{x}"),
      at("/a/:y"),
      at("/{y}/b"),
      at("/spa{path...}"),
      at("/a/b"),
    ]),
    [
      'duplicate-route routes[1].path: "GET /a/:y" cannot stand here: it answers the same requests as "GET /a/{x}"',
      'duplicate-route routes[2].path: "GET /{y}/b" cannot stand here: it conflicts with "GET /a/{x}": both answer "/a/b" and neither is more specific',
      'invalid-route routes[3].path: Cannot use the route pattern "/spa{path...}": a parameter fills a whole segment, unlike "spa{path...}"',
    ],
  );
});

Deno.test("workflows.http reports methods that no route can have", async () => {
  const [problem] = await problems([{ ...ORDERS, method: "CONNECT" }]);
  assert.match(
    String(problem),
    /^invalid-route routes\[0\]\.method: "CONNECT"/,
  );
  const [other] = await problems([{ ...ORDERS, method: "G T" }]);
  assert.match(String(other), /^invalid-route routes\[0\]\.method/);
  assert.deepEqual(await problems([{ ...ORDERS, method: "GTE" }]), [
    "invalid-route",
  ]);
});

Deno.test("workflows.http says that the config of a route does nothing", async () => {
  assert.deepEqual(await problems([{ ...ORDERS, config: { a: 1 } }]), [
    "inert-key",
  ]);
});

Deno.test("workflows.http answers 503 where a module is missing, and never without its middleware", async () => {
  await using app = await startApplication({
    document: document([
      { ...ORDERS, middlewares: ["id", "auth"] },
      { method: "GET", path: "/x", handler: "nobody" },
      { method: "GET", path: "/fine", handler: "orders" },
    ]),
    definitions,
  });
  for (const [path, name] of [["/orders", "auth"], ["/x", "nobody"]] as const) {
    const response = await app.request("GET", path);
    assert.equal(response.status, 503);
    assert.equal(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    assert.match((await response.json()).detail, new RegExp(`"${name}"`));
  }
  assert.equal((await app.request("GET", "/fine")).status, 200);
  const message = 'GET /orders answers 503: no module "auth" is there for it';
  assert.ok(app.logs.some((line) => line.message === message));
  assert.ok(
    app.events.some((event) =>
      event.kind === "notice" && event.message === message
    ),
  );
  assert.deepEqual(
    await problems([{ ...ORDERS, middlewares: ["auth"] }], true),
    [
      'unresolved-reference routes[0].middlewares[0]: No module is called "auth"',
    ],
  );
});

Deno.test("workflows.http takes its routes back when they leave the document", async () => {
  await using app = await startApplication({
    document: document([ORDERS, { ...ORDERS, path: "/old" }]),
    definitions,
  });
  await app.reload(document([{ ...ORDERS, method: "POST" }]));
  assert.equal((await app.request("GET", "/old")).status, 404);
  assert.equal((await app.request("GET", "/orders")).status, 405);
  assert.equal((await app.request("POST", "/orders")).status, 200);
});

Deno.test("workflows.http gives the server back to the router that it names", async () => {
  const [web, ...others] = MODULES;
  const modules = [
    { ...web, config: { address: ":8080", router: "other" } },
    { name: "other", type: "http.router" },
    ...others,
  ];
  const routes = [ORDERS];
  await using app = await startApplication({
    document: { modules, workflows: { http: { router: "table", routes } } },
    definitions,
  });
  app.service(HttpRouter, "other").mount([{
    method: "GET",
    pattern: "/other",
    handler: { handle: () => new Response("other") },
    middlewares: [],
  }]);
  assert.equal((await app.request("GET", "/other")).status, 404);
  await app.reload({ modules });
  assert.equal(await (await app.request("GET", "/other")).text(), "other");
});

Deno.test("workflows.http needs a router and a server", async () => {
  for (const missing of ["table", "web"]) {
    await assert.rejects(
      startApplication({
        document: {
          modules: MODULES.filter(({ name }) => name !== missing),
          workflows: { http: { routes: [ORDERS] } },
        },
        definitions,
      }),
      (error) =>
        error instanceof ConfigError &&
        error.problems.some(({ code }) => code === "missing-module"),
    );
  }
});

Deno.test("workflows.http tells about itself", async () => {
  await using app = await startApplication({
    document: document([{ ...ORDERS, middlewares: ["id"] }]),
    definitions,
  });
  const facts = { server: "web", router: "table", status: "running" };
  const addresses = app.service(HttpServer).addresses();
  assert.deepEqual(await app.dispatch("http", "status"), {
    ...facts,
    addresses,
  });
  assert.deepEqual(await app.dispatch("http", ""), { ...facts, addresses });
  assert.deepEqual(await app.dispatch("http", "check"), {
    ...facts,
    healthStatus: "healthy",
  });
  assert.deepEqual(await app.dispatch("http", "routes"), {
    ...facts,
    routes: [{
      method: "GET",
      path: "/orders",
      handler: "orders",
      middlewares: ["id"],
      implied: false,
    }],
  });
  assert.equal(
    (await app.dispatch("http", "start", { server: "web" })).action,
    "The server is running already",
  );
  await assert.rejects(app.dispatch("http", "explode"), {
    code: "unknown-action",
  });
  await assert.rejects(app.dispatch("http", "status", { router: "web" }), {
    code: "not-found",
  });
});
