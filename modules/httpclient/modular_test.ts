import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { HttpClient } from "@engine/services/http_client.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import httpclient from "./modular.ts";

type Answer = (request: Request) => Response | Promise<Response>;

async function start(config: Record<string, unknown>, answer: Answer) {
  const asked: { request: Request; atMs: number }[] = [];
  const effects = simulatedEffects({
    async fetch(input, init) {
      const request = new Request(input, init);
      asked.push({ request: request.clone(), atMs: effects.clock.elapsed() });
      return await answer(request);
    },
  });
  const app = await startApplication({
    document: {
      modules: [{ name: "client", type: "httpclient.modular", config }],
    },
    definitions: [httpclient],
    effects,
    strict: true,
  });
  return {
    ...app,
    asked,
    client: app.service(HttpClient),
    act: (input: Parameters<Actions["act"]>[1]) =>
      app.service(Actions).act("request", input, {
        signal: new AbortController().signal,
        idempotencyKey: "run-1/ask",
      }),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const baseURL = "https://api.example.com/v1/";

Deno.test("httpclient.modular adds the base URL and headers, and those of the call win", async () => {
  await using app = await start(
    { base_url: baseURL, headers: { "X-Shop": "tea", "Accept": "a/b" } },
    () => Response.json({ id: 1 }, { status: 201 }),
  );
  const { status, body } = await app.client.request({
    method: "POST",
    url: "/orders",
    query: { page: 2 },
    headers: { accept: "application/json" },
    body: { total: 5 },
  });
  assert.deepEqual([status, body], [201, { id: 1 }]);
  const request = app.asked[0]?.request;
  assert.equal(request?.url, "https://api.example.com/v1/orders?page=2");
  assert.equal(request?.headers.get("x-shop"), "tea");
  assert.equal(request?.headers.get("accept"), "application/json");
  assert.deepEqual(await request?.json(), { total: 5 });
});

Deno.test("httpclient.modular keeps its headers from other origins, and paths below its own", async () => {
  await using app = await start(
    { baseURL, headers: { authorization: "Bearer t" } },
    () => new Response(),
  );
  const sent = async (url: string) => {
    await app.client.request({ method: "GET", url });
    return app.asked.at(-1)?.request.headers.get("authorization");
  };
  assert.equal(await sent("orders"), "Bearer t");
  assert.equal(await sent("https://api.example.com/v2"), "Bearer t");
  assert.equal(await sent("https://other.example.com/"), null);
  for (const url of ["../admin", "/%2e%2e/admin", "a/../../admin"]) {
    await assert.rejects(
      sent(url),
      /leads out of https:\/\/api\.example\.com\/v1/,
    );
  }
  await assert.rejects(sent("//other.example.com/"), TerminalError);
});

Deno.test("httpclient.modular takes its headers along to its own origin only", async () => {
  await using app = await start(
    { baseURL, headers: { "X-Shop-Key": "k", "X-Shop": "tea" } },
    ({ url }) =>
      url.endsWith("/a")
        ? Response.redirect("https://api.example.com/v1/b")
        : url.endsWith("/b")
        ? Response.redirect("https://other.example.com/c")
        : new Response(),
  );
  const call = { method: "GET", url: "a", headers: { "X-Call": "1" } };
  await app.client.request(call);
  assert.deepEqual(
    app.asked.map(({ request: { headers } }) => [
      headers.get("x-shop"),
      headers.get("x-call"),
    ]),
    [["tea", "1"], ["tea", "1"], [null, "1"]],
  );
});

Deno.test("httpclient.modular follows as many redirects as maxRedirects, and fails at one more", async () => {
  const asked = async (maxRedirects: number) => {
    await using app = await start(
      { baseURL, maxRedirects },
      ({ url }) =>
        url.endsWith("/3")
          ? new Response("there")
          : Response.redirect(`${baseURL}${Number(url.slice(-1)) + 1}`),
    );
    const answer = await app.client.request({ method: "GET", url: "0" })
      .then(({ body }) => body, (error: Error) => error.message);
    return [app.asked.length, answer];
  };
  assert.deepEqual(await asked(3), [4, "there"]);
  const [count, message] = await asked(2);
  assert.equal(count, 3);
  assert.match(String(message), /redirect/);
});

Deno.test("httpclient.modular tries again what may be repeated, longer apart each time", async () => {
  const statuses = [503, 500, 200];
  await using app = await start(
    { retries: 2, initialBackoff: 1 },
    () => new Response(null, { status: statuses.shift() ?? 200 }),
  );
  const done = app.client.request({ method: "GET", url: baseURL });
  await app.effects.advance(3_000);
  assert.equal((await done).status, 200);
  const [first, second, third] = app.asked.map(({ atMs }) => atMs);
  const waits = [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)];
  assert.ok(waits[0]! >= 500 && waits[0]! <= 1_000, String(waits));
  assert.ok(waits[1]! >= 1_000 && waits[1]! <= 2_000, String(waits));
});

Deno.test("httpclient.modular waits as long as a service asks for, up to maxBackoff", async () => {
  let count = 0;
  await using app = await start(
    { maxBackoff: "5s", retries: 1 },
    () =>
      count++ === 0
        ? new Response(null, {
          status: 429,
          headers: { "retry-after": "3600" },
        })
        : new Response(),
  );
  const done = app.client.request({ method: "GET", url: baseURL });
  await app.effects.advance(4_999);
  assert.equal(app.asked.length, 1);
  await app.effects.advance(1);
  assert.equal((await done).status, 200);
});

Deno.test("httpclient.modular does not repeat what could be done twice, and gives up in the end", async () => {
  await using app = await start(
    { retries: 2, initialBackoff: "1ms" },
    () => new Response("busy", { status: 500 }),
  );
  const call = { method: "POST", url: baseURL } as const;
  assert.equal((await app.client.request(call)).status, 500);
  assert.equal(app.asked.length, 1);
  const keyed = app.client.request({ ...call, idempotencyKey: "k" });
  await app.effects.advance(100);
  assert.equal((await keyed).status, 500);
  assert.equal(app.asked.length, 4);
  const missing = { method: "GET", url: `${baseURL}missing` };
  await using other = await start(
    {},
    () => new Response(null, { status: 404 }),
  );
  assert.equal((await other.client.request(missing)).status, 404);
  assert.equal(other.asked.length, 1);
});

Deno.test("httpclient.modular ends an attempt that takes too long, and a call that is aborted", async () => {
  await using app = await start(
    { request_timeout: 2, retries: 0 },
    () => new Promise(() => {}),
  );
  const late = assert.rejects(
    app.client.request({ method: "GET", url: baseURL }),
    (error) =>
      error instanceof RetryableError &&
      /the limit is 2000 ms/.test(error.message),
  );
  await app.effects.advance(2_000);
  await late;
  const controller = new AbortController();
  const ended = assert.rejects(
    app.client.request({ method: "GET", url: baseURL }, controller),
    /enough/,
  );
  controller.abort(new Error("enough"));
  await ended;
});

Deno.test("httpclient.modular calls one host only so often at a time", async () => {
  let running = 0;
  let most = 0;
  await using app = await start({ maxPerHost: 3 }, async () => {
    most = Math.max(most, ++running);
    await app.effects.clock.sleep(10);
    running--;
    return new Response();
  });
  const all = Promise.all(
    Array.from(
      { length: 20 },
      () => app.client.request({ method: "GET", url: baseURL }),
    ),
  );
  await app.effects.advance(100);
  await all;
  assert.equal(most, 3);
});

Deno.test("httpclient.modular does not reach private addresses unless it is told to", async () => {
  const url = "http://127.0.0.1:8099/";
  await using app = await start({}, () => new Response("in"));
  await assert.rejects(
    app.client.request({ method: "GET", url }),
    (error) =>
      error instanceof TerminalError && /is not public/.test(error.message),
  );
  assert.equal(app.asked.length, 0);
});

Deno.test("steps call a service, and fail by its status", async () => {
  let status = 200;
  await using app = await start(
    { baseURL, retries: 0 },
    () => Response.json({ a: 1 }, { status }),
  );
  const result = await app.act({ method: "POST", url: "orders", body: [1] });
  assert.deepEqual((result as { body: unknown }).body, { a: 1 });
  assert.equal(
    app.asked[0]?.request.headers.get("idempotency-key"),
    "run-1/ask",
  );
  status = 404;
  await assert.rejects(app.act({ url: "orders" }), TerminalError);
  await app.act({ url: "orders", expect: [404] });
  status = 500;
  await assert.rejects(app.act({ url: "orders" }), RetryableError);
});

Deno.test("httpclient.modular takes its keys from the section, and accepts those of older documents", async () => {
  await using app = await startApplication({
    document: {
      modules: [{ name: "c", type: "httpclient.modular" }],
      httpclient: { baseURL, max_idle_conns: 100, verbose: true },
    },
    definitions: [httpclient],
  });
  assert.ok(app.service(HttpClient));
  await assert.rejects(
    start({ requestTimeout: 0 }, () => new Response()),
    /requestTimeout must be longer than 0/,
  );
});
