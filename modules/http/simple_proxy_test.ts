import assert from "node:assert/strict";
import { systemEffects } from "@engine/effects.ts";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import simpleProxy from "./simple_proxy.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** A proxy in a simulated world in which `fetch` stands for every backend. */
function start(config: Record<string, unknown>, fetch: Fetch) {
  const effects = simulatedEffects({
    fetch: (input, init) => Promise.resolve(fetch(new Request(input, init))),
  });
  return startApplication({ ...application(config), effects });
}

function application(config: Record<string, unknown>) {
  return {
    document: {
      modules: [{ name: "proxy", type: "http.simple_proxy", config }],
    },
    definitions: [simpleProxy],
  };
}

function ask(
  handler: HttpHandler,
  path: string,
  init: RequestInit = {},
): Response | Promise<Response> {
  const request = new Request(`http://gateway.example${path}`, init);
  return handler.handle(new HttpContext(request, "192.0.2.1"));
}

/** Tells which address was asked for. */
const echo: Fetch = ({ url }) => new Response(url);

Deno.test("http.simple_proxy takes the longest prefix, letter by letter", async () => {
  await using app = await start({
    targets: {
      "/api": "http://api:8080",
      "/api/order": "http://orders:8080/base",
      "/": "http://web",
    },
  }, echo);
  const proxy = app.service(HttpHandler);
  const cases = [
    ["/api/users?x=1", "http://api:8080/api/users?x=1"],
    ["/api/order/7", "http://orders:8080/base/api/order/7"],
    ["/api/orders", "http://orders:8080/base/api/orders"],
    ["/about", "http://web/about"],
  ] as const;
  for (const [path, expected] of cases) {
    assert.equal(await (await ask(proxy, path)).text(), expected);
  }
});

Deno.test("http.simple_proxy answers 502 where no prefix fits, in text", async () => {
  await using app = await start({ targets: { "/api": "http://api" } }, echo);
  const response = await ask(app.service(HttpHandler), "/other");
  assert.equal(response.status, 502);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
  await using empty = await start({}, echo);
  assert.equal((await ask(empty.service(HttpHandler), "/")).status, 502);
});

Deno.test("http.simple_proxy answers 502 as JSON where the backend is gone", async () => {
  await using app = await start(
    { targets: { "/api": "http://api:8080" } },
    () => {
      throw new TypeError("Cannot connect to 10.1.2.3: refused");
    },
  );
  const response = await ask(app.service(HttpHandler), "/api/orders?token=t");
  assert.equal(response.status, 502);
  assert.deepEqual(await response.json(), {
    backend: "api:8080",
    error: "The backend cannot be reached",
    path: "/api/orders",
  });
  const [line] = app.logs.filter(({ level }) => level === "warn");
  assert.match(line?.message ?? "", /Cannot reach api:8080: .*refused/);
});

Deno.test("http.simple_proxy answers 504 where the backend takes too long", async () => {
  let hasGivenUp = false;
  await using app = await start(
    { targets: { "/": "http://api" }, timeout: "5s" },
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          hasGivenUp = true;
          reject(signal.reason);
        });
      }),
  );
  const pending = ask(app.service(HttpHandler), "/slow");
  await app.effects.advance(4_999);
  assert.equal(hasGivenUp, false);
  await app.effects.advance(1);
  const response = await pending;
  assert.equal(response.status, 504);
  const { error } = await response.json();
  assert.equal(error, "The backend did not answer within 5000 ms");
  assert.equal(hasGivenUp, true);
});

Deno.test("http.simple_proxy does not limit how long a body takes", async () => {
  let end = () => {};
  await using app = await start(
    { targets: { "/": "http://api" }, timeout: "5s" },
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            end = () => controller.close();
          },
        }),
      ),
  );
  const response = await ask(app.service(HttpHandler), "/stream");
  await app.effects.advance(60_000);
  end();
  assert.equal(await response.text(), "");
  assert.equal(app.effects.timers, 0);
});

Deno.test("http.simple_proxy tells the backend where a request comes from", async () => {
  let seen = new Headers();
  await using app = await start(
    { targets: { "/": "http://api" } },
    (request) => {
      seen = request.headers;
      return new Response();
    },
  );
  await ask(app.service(HttpHandler), "/", {
    headers: {
      Host: "shop.example",
      Connection: "close, X-Hop",
      "X-Hop": "1",
      Cookie: "theme=dark; wf_session=secret",
      Authorization: "Bearer token",
      "X-Forwarded-For": "198.51.100.7",
      "X-Forwarded-Proto": "https",
    },
  });
  assert.equal(seen.get("x-forwarded-for"), "198.51.100.7, 192.0.2.1");
  assert.equal(seen.get("x-forwarded-proto"), "https, http");
  assert.equal(seen.get("x-forwarded-host"), "shop.example");
  assert.equal(seen.get("authorization"), "Bearer token");
  assert.equal(seen.get("cookie"), "theme=dark");
  for (const name of ["connection", "x-hop", "host"]) {
    assert.equal(seen.has(name), false, name);
  }
});

Deno.test("http.simple_proxy passes the request id on", async () => {
  let seen: string | null = null;
  await using app = await start(
    { targets: { "/": "http://api" } },
    (request) => {
      seen = request.headers.get("x-request-id");
      return new Response();
    },
  );
  const context = new HttpContext(new Request("http://gateway.example/"));
  context.requestId = "id-1";
  await app.service(HttpHandler).handle(context);
  assert.equal(seen, "id-1");
});

Deno.test("http.simple_proxy passes redirects on and drops foreign session cookies", async () => {
  await using app = await start(
    { targets: { "/": "http://api" } },
    () =>
      new Response(null, {
        status: 303,
        headers: [
          ["location", "http://elsewhere.example/"],
          ["connection", "close"],
          ["set-cookie", "theme=dark"],
          ["set-cookie", "wf_session=forged"],
        ],
      }),
  );
  const response = await ask(app.service(HttpHandler), "/");
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "http://elsewhere.example/");
  assert.equal(response.headers.has("connection"), false);
  assert.deepEqual(response.headers.getSetCookie(), ["theme=dark"]);
});

Deno.test("http.simple_proxy streams both ways over real sockets", async () => {
  // The backend answers the first chunk before it gets the second one.
  const backend = Deno.serve(
    { port: 0, onListen() {} },
    ({ body, headers }) => {
      assert.equal(headers.get("accept-encoding"), "identity");
      return new Response(body, {
        headers: { "content-type": "text/event-stream" },
      });
    },
  );
  await using app = await startApplication({
    ...application({
      targets: { "/": `http://127.0.0.1:${backend.addr.port}` },
    }),
    effects: systemEffects(),
  });
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = writable.getWriter();
  const pending = ask(app.service(HttpHandler), "/echo", {
    method: "POST",
    body: readable,
  });
  await writer.write(new TextEncoder().encode("one"));
  const response = await pending;
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  assert.equal((await reader.read()).value, "one");
  await writer.write(new TextEncoder().encode("two"));
  assert.equal((await reader.read()).value, "two");
  await writer.close();
  assert.equal((await reader.read()).done, true);
  await backend.shutdown();
});

Deno.test("http.simple_proxy passes a packed body on as it is", async () => {
  const packed = await new Response(
    new Blob(["hello ".repeat(100)]).stream()
      .pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  const backend = Deno.serve(
    { port: 0, onListen() {} },
    () => new Response(packed, { headers: { "content-encoding": "gzip" } }),
  );
  await using app = await startApplication({
    ...application({
      targets: { "/": `http://127.0.0.1:${backend.addr.port}` },
    }),
    effects: systemEffects(),
  });
  const response = await ask(app.service(HttpHandler), "/", {
    headers: { "accept-encoding": "gzip" },
  });
  // Unlike those of fetch, the headers may be changed by middlewares.
  response.headers.set("x-request-id", "1");
  assert.equal(response.headers.get("content-encoding"), "gzip");
  assert.deepEqual(await response.bytes(), packed);
  await backend.shutdown();
});

Deno.test("http.simple_proxy gives up when its client leaves, before and after the answer", async () => {
  const { promise: hasLeft, resolve: left } = Promise.withResolvers<void>();
  const backend = Deno.serve({ port: 0, onListen() {} }, () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: () => left(),
      }),
    ));
  await using app = await startApplication({
    ...application({
      targets: { "/": `http://127.0.0.1:${backend.addr.port}` },
    }),
    effects: systemEffects(),
  });
  const proxy = app.service(HttpHandler);
  const early = new AbortController();
  const pending = ask(proxy, "/", { signal: early.signal });
  early.abort();
  assert.equal((await pending).status, 499);
  const late = new AbortController();
  const response = await ask(proxy, "/", { signal: late.signal });
  const reader = response.body!.getReader();
  await reader.read();
  late.abort();
  await assert.rejects(reader.read());
  await hasLeft;
  await backend.shutdown();
});

Deno.test("http.simple_proxy does not let dots walk around a prefix", async () => {
  await using app = await start({
    targets: { "/public": "http://api" },
  }, echo);
  const request = new Request("http://gateway.example/");
  Object.defineProperty(request, "url", {
    value: "http://gateway.example/public/%2e%2e/private",
  });
  const response = await app.service(HttpHandler)
    .handle(new HttpContext(request));
  assert.equal(response.status, 502);
});

Deno.test("http.simple_proxy refuses targets that cannot work", async () => {
  const refused = (config: Record<string, unknown>, message: RegExp) =>
    assert.rejects(start(config, echo), message);
  await refused({ targets: { "/": "users:8080" } }, /address such as/);
  await refused({ targets: { "/": 8080 } }, /targets|string/i);
  await refused({ targets: { api: "http://users" } }, /must begin with "\/"/);
  await refused({ timeout: "0s" }, /must be longer than 0/);
});
