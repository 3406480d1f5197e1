import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { startApplication } from "@engine/testing.ts";
import httpTrigger from "../../workflows/triggers/http.ts";
import http from "../../workflows/types/http.ts";
import handler from "../http/handler.ts";
import cors from "../http/middleware/cors.ts";
import requestid from "../http/middleware/requestid.ts";
import plain from "../http/router.ts";
import server from "../http/server.ts";
import chimux from "./router.ts";

async function start(
  config: Readonly<Record<string, unknown>> = {},
  section: Readonly<Record<string, unknown>> = {},
) {
  return await startApplication({
    document: {
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "chimux.router", config },
        { name: "hello", type: "http.handler" },
      ],
      workflows: {
        http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
      },
      chimux: section,
    },
    definitions: [
      chimux,
      plain,
      server,
      handler,
      cors,
      requestid,
      http,
      httpTrigger,
    ],
  });
}

const SHOP = { origin: "https://shop.example" };
const PREFLIGHT = { ...SHOP, "access-control-request-method": "PUT" };

Deno.test("chimux.router serves the routes of workflows.http", async () => {
  await using app = await start();
  assert.equal((await app.request("GET", "/hello")).status, 200);
  assert.equal((await app.request("GET", "/other")).status, 404);
  assert.equal((await app.request("DELETE", "/hello")).status, 405);
});

Deno.test("chimux.router lets pages of every site call by default, without cookies", async () => {
  await using app = await start();
  const answer = await app.request("GET", "/hello", { headers: SHOP });
  assert.equal(
    answer.headers.get("access-control-allow-origin"),
    "https://shop.example",
  );
  assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  const preflight = await app.request("OPTIONS", "/hello", {
    headers: PREFLIGHT,
  });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers.get("access-control-max-age"), "300");
  assert.match(
    preflight.headers.get("access-control-allow-headers") ?? "",
    /X-Requested-With/,
  );
  const plain = await app.request("OPTIONS", "/hello");
  assert.equal(plain.status, 405, "an OPTIONS that is no preflight");
});

Deno.test("chimux.router takes the spelling of the section cors", async () => {
  await using app = await start({}, {
    logRoutes: true,
    allowed_origins: ["https://ignored.example"],
    cors: {
      enabled: true,
      allowedOrigins: ["https://shop.example"],
      allowedMethods: ["GET"],
      allowCredentials: true,
      maxAge: 5,
    },
  });
  const answer = await app.request("GET", "/hello", { headers: SHOP });
  assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
  const foreign = await app.request("GET", "/hello", {
    headers: { origin: "https://ignored.example" },
  });
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  assert.equal(foreign.headers.get("access-control-allow-credentials"), null);
  const preflight = await app.request("OPTIONS", "/hello", {
    headers: PREFLIGHT,
  });
  assert.equal(preflight.headers.get("access-control-allow-methods"), "GET");
  assert.equal(preflight.headers.get("access-control-max-age"), "5");
  assert.ok(app.logs.some(({ message }) => message === "GET /hello"));
});

Deno.test("chimux.router says nothing of other sites with cors.enabled: false", async () => {
  await using app = await start({ cors: { enabled: false } });
  const answer = await app.request("GET", "/hello", { headers: SHOP });
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
});

Deno.test("chimux.router refuses cookies from every site", async () => {
  for (
    const config of [
      { allow_credentials: true },
      { cors: { allowCredentials: true, allowedOrigins: ["*"] } },
    ]
  ) await assert.rejects(start(config), ConfigError);
});

Deno.test("chimux.router puts its basepath before every route", async () => {
  await using app = await start({ basepath: "/v1/" });
  assert.equal((await app.request("GET", "/v1/hello")).status, 200);
  assert.equal((await app.request("GET", "/hello")).status, 404);
  const end = app.service(HttpRouter).follow(
    "GET",
    "/more",
    () => new Response("more"),
  );
  assert.equal((await app.request("GET", "/v1/more")).status, 200);
  end();
  assert.equal((await app.request("GET", "/v1/more")).status, 404);
  await assert.rejects(start({ basepath: "v1" }), ConfigError);
});

Deno.test("chimux.router answers 504 to what takes longer than its timeout", async () => {
  for (const timeout of [2, "2s"]) {
    await using app = await start({ timeout });
    const { promise, resolve } = Promise.withResolvers<Response>();
    app.service(HttpRouter).mount([{
      method: "GET",
      pattern: "/slow",
      middlewares: [],
      handler: { handle: () => promise },
    }]);
    const answer = app.request("GET", "/slow");
    await app.effects.advance(1_999);
    await app.effects.advance(1);
    assert.equal((await answer).status, 504);
    resolve(new Response("late"));
    await app.effects.advance(1);
    assert.equal(await (await app.request("GET", "/slow")).status, 200);
  }
});

Deno.test("chimux.router gives requests an id where it is asked to", async () => {
  await using app = await start({ middleware: { requestId: true } });
  for (const path of ["/hello", "/nothing"]) {
    const answer = await app.request("GET", path);
    assert.notEqual(answer.headers.get("x-request-id"), null, path);
  }
  await using other = await start();
  const answer = await other.request("GET", "/hello");
  assert.equal(answer.headers.get("x-request-id"), null);
});
