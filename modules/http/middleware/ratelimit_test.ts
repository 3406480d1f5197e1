import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { startApplication } from "@engine/testing.ts";
import ratelimit from "./ratelimit.ts";

function start(config: Record<string, unknown> = {}) {
  return startApplication({
    document: {
      modules: [{ name: "limit", type: "http.middleware.ratelimit", config }],
    },
    definitions: [ratelimit],
  });
}

async function ask(
  middleware: HttpMiddleware,
  address: string,
  forwardedFor?: string,
): Promise<Response> {
  const headers = forwardedFor === undefined
    ? {}
    : { "X-Forwarded-For": forwardedFor };
  const request = new Request("http://localhost/", { headers });
  return await middleware.process(
    new HttpContext(request, address),
    () => Promise.resolve(new Response("ok")),
  );
}

async function statuses(
  middleware: HttpMiddleware,
  count: number,
  address = "192.0.2.1",
): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    found.push((await ask(middleware, address)).status);
  }
  return found;
}

Deno.test("http.middleware.ratelimit lets a burst pass, then tells how long to wait", async () => {
  await using app = await start({ requestsPerMinute: 4, burstSize: 2 });
  const middleware = app.service(HttpMiddleware);
  assert.deepEqual(await statuses(middleware, 2), [200, 200]);
  const refused = await ask(middleware, "192.0.2.1");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "15");
  assert.equal(
    refused.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  assert.equal(await refused.text(), "Too many requests\n");
});

Deno.test("http.middleware.ratelimit tells a wait that is long enough", async () => {
  await using app = await start({ requestsPerMinute: 7, burstSize: 1 });
  const middleware = app.service(HttpMiddleware);
  await ask(middleware, "192.0.2.1");
  const refused = await ask(middleware, "192.0.2.1");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.equal(seconds, 9);
  await app.effects.advance(seconds * 1_000);
  assert.deepEqual(await statuses(middleware, 1), [200]);
});

Deno.test("http.middleware.ratelimit allows ten at once and sixty a minute by default", async () => {
  await using app = await start();
  const middleware = app.service(HttpMiddleware);
  const found = await statuses(middleware, 12);
  assert.deepEqual(found, [...Array(10).fill(200), 429, 429]);
  await app.effects.advance(3_000);
  assert.deepEqual(await statuses(middleware, 4), [200, 200, 200, 429]);
});

Deno.test("http.middleware.ratelimit counts each client for itself", async () => {
  await using app = await start({ burstSize: 1 });
  const middleware = app.service(HttpMiddleware);
  assert.deepEqual(await statuses(middleware, 2, "192.0.2.1"), [200, 429]);
  assert.deepEqual(await statuses(middleware, 2, "192.0.2.2"), [200, 429]);
  assert.deepEqual(await statuses(middleware, 2, "2001:db8::1"), [200, 429]);
  // The same network of one customer.
  assert.deepEqual(await statuses(middleware, 1, "2001:db8::ffff:1"), [429]);
});

Deno.test("http.middleware.ratelimit is not fooled by X-Forwarded-For", async () => {
  await using app = await start({ burstSize: 1 });
  const middleware = app.service(HttpMiddleware);
  assert.equal((await ask(middleware, "192.0.2.1", "1.1.1.1")).status, 200);
  assert.equal((await ask(middleware, "192.0.2.1", "2.2.2.2")).status, 429);
});

Deno.test("http.middleware.ratelimit believes the proxies that it is told to trust", async () => {
  await using app = await start({
    burstSize: 1,
    trustedProxies: ["10.0.0.0/8"],
  });
  const middleware = app.service(HttpMiddleware);
  const statusOf = async (forwardedFor: string) =>
    (await ask(middleware, "10.0.0.1", forwardedFor)).status;
  assert.equal(await statusOf("192.0.2.1"), 200);
  assert.equal(await statusOf("192.0.2.2"), 200);
  assert.equal(await statusOf("9.9.9.9, 192.0.2.2"), 429);
});

Deno.test("http.middleware.ratelimit refuses a proxy that is no address", async () => {
  await assert.rejects(
    start({ trustedProxies: ["gateway"] }),
    /expected an address or a network/i,
  );
  await assert.rejects(start({ trustedProxies: ["999.0.0.1"] }), /999.0.0.1/);
});

Deno.test("http.middleware.ratelimit refuses limits that let nothing pass", async () => {
  await assert.rejects(start({ requestsPerMinute: 0 }));
  await assert.rejects(start({ burstSize: 0.5 }));
});
