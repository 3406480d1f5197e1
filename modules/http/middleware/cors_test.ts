import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../../workflows/types/http.ts";
import handler from "../handler.ts";
import router from "../router.ts";
import server from "../server.ts";
import cors from "./cors.ts";

const SHOP = "https://shop.example";

function start(config: Record<string, unknown> = {}) {
  return startApplication({
    document: {
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
        { name: "cors", type: "http.middleware.cors", config },
        { name: "orders", type: "http.handler" },
      ],
      workflows: {
        http: {
          routes: [
            route("GET", "/orders"),
            route("POST", "/orders"),
            { ...route("DELETE", "/orders"), middlewares: [] },
            { ...route("GET", "/private"), middlewares: [] },
          ],
        },
      },
    },
    definitions: [server, router, handler, cors, http],
  });
}

function route(method: string, path: string) {
  return { method, path, handler: "orders", middlewares: ["cors"] };
}

function corsHeaders({ headers }: Response): string[] {
  return [...headers.keys()].filter((name) =>
    name.startsWith("access-control-")
  );
}

Deno.test("http.middleware.cors echoes an origin where all are allowed", async () => {
  await using app = await start();
  const response = await app.request("GET", "/orders", {
    headers: { Origin: SHOP },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("access-control-allow-origin"), SHOP);
  assert.equal(
    response.headers.get("access-control-allow-methods"),
    "GET, POST, PUT, DELETE, OPTIONS",
  );
  assert.equal(
    response.headers.get("access-control-allow-headers"),
    "Content-Type, Authorization",
  );
  assert.equal(response.headers.get("vary"), "Origin");
});

Deno.test("http.middleware.cors sends no headers without an origin, but varies", async () => {
  await using app = await start();
  const response = await app.request("GET", "/orders");
  assert.deepEqual(corsHeaders(response), []);
  assert.equal(response.headers.get("vary"), "Origin");
});

Deno.test("http.middleware.cors answers other origins without headers", async () => {
  await using app = await start({ allowedOrigins: [SHOP] });
  const others = [
    "https://evil.example",
    "https://shop.example.evil.example",
    "http://shop.example",
    "null",
  ];
  for (const origin of others) {
    const response = await app.request("GET", "/orders", {
      headers: { Origin: origin },
    });
    assert.equal(response.status, 200);
    assert.deepEqual(corsHeaders(response), [], origin);
    assert.equal(response.headers.get("vary"), "Origin");
  }
});

Deno.test("http.middleware.cors takes away what a backend allows other origins", async () => {
  await using app = await start({ allowedOrigins: [SHOP] });
  const request = new Request("http://localhost/", {
    headers: { Origin: "https://evil.example" },
  });
  const response = await app.service(HttpMiddleware).process(
    new HttpContext(request),
    () =>
      Promise.resolve(
        new Response("", {
          headers: { "access-control-allow-origin": "*", vary: "Accept" },
        }),
      ),
  );
  assert.deepEqual(corsHeaders(response), []);
  assert.equal(response.headers.get("vary"), "Accept, Origin");
});

Deno.test("http.middleware.cors answers the preflight of a path without an OPTIONS route", async () => {
  await using app = await start({
    allowedHeaders: ["X-Tenant-ID"],
    maxAge: 600,
  });
  const response = await app.request("OPTIONS", "/orders", {
    headers: { Origin: SHOP, "Access-Control-Request-Method": "POST" },
  });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
  const { headers } = response;
  assert.equal(headers.get("access-control-allow-origin"), SHOP);
  // DELETE has a route as well, but not one that this middleware guards.
  assert.equal(headers.get("access-control-allow-methods"), "GET, POST");
  assert.equal(headers.get("access-control-allow-headers"), "X-Tenant-ID");
  assert.equal(headers.get("access-control-max-age"), "600");
  assert.equal(headers.get("vary"), "Origin");
});

Deno.test("http.middleware.cors allows in a preflight only what it is told to allow", async () => {
  await using app = await start({ allowedMethods: ["GET"] });
  const response = await app.request("OPTIONS", "/orders", {
    headers: { Origin: SHOP, "Access-Control-Request-Method": "POST" },
  });
  assert.equal(response.headers.get("access-control-allow-methods"), "GET");
  assert.equal(response.headers.has("access-control-max-age"), false);
});

Deno.test("http.middleware.cors refuses the preflight of other origins without headers", async () => {
  await using app = await start({ allowedOrigins: [SHOP] });
  const response = await app.request("OPTIONS", "/orders", {
    headers: {
      Origin: "https://evil.example",
      "Access-Control-Request-Method": "POST",
    },
  });
  assert.equal(response.status, 200);
  assert.deepEqual(corsHeaders(response), []);
});

Deno.test("http.middleware.cors leaves paths alone that it does not guard", async () => {
  await using app = await start();
  const response = await app.request("OPTIONS", "/private", {
    headers: { Origin: SHOP, "Access-Control-Request-Method": "GET" },
  });
  assert.equal(response.status, 405);
  assert.deepEqual(corsHeaders(response), []);
});

Deno.test("http.middleware.cors ends the chain of a stated OPTIONS route", async () => {
  await using app = await start();
  const request = new Request("http://localhost/", {
    method: "OPTIONS",
    headers: { Origin: SHOP },
  });
  const response = await app.service(HttpMiddleware).process(
    new HttpContext(request),
    () => assert.fail("the chain went on"),
  );
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("access-control-allow-origin"), SHOP);
});
