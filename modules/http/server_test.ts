import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { type Effects, systemEffects } from "@engine/effects.ts";
import { ConfigError, LifecycleError } from "@engine/errors.ts";
import {
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import type { Application } from "@engine/lifecycle.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../workflows/types/http.ts";
import handler from "./handler.ts";
import router from "./router.ts";
import server from "./server.ts";

type Answer = (context: HttpContext) => Response | Promise<Response>;

/** A module that answers with what the test wants. */
function scripted(answer: Answer) {
  return defineModule({
    type: "test.handler",
    summary: "Answers with what the test wants",
    stability: "stable",
    config: z.strictObject({}),
    provides: [HttpHandler],
    examples: [],
    create: () => ({ handle: answer }),
  });
}

interface Setup<E extends Effects> {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly effects?: E;
  readonly more?: readonly ReturnType<typeof defineModule>[];
}

/** A server of which every path is answered by `answer`. */
function start<E extends Effects = ReturnType<typeof simulatedEffects>>(
  answer: Answer,
  { config, effects, more = [] }: Setup<E> = {},
) {
  return startApplication({
    document: {
      modules: [
        {
          name: "web",
          type: "http.server",
          config: { address: "127.0.0.1:0", ...config },
        },
        { name: "router", type: "http.router" },
        { name: "test", type: "test.handler" },
        ...more.map(({ type }) => ({ name: type, type })),
      ],
      workflows: {
        http: {
          routes: ["GET", "POST", "PUT"].map((method) => ({
            method,
            path: "/{path...}",
            handler: "test",
          })),
        },
      },
    },
    definitions: [server, router, scripted(answer), http, ...more],
    effects: effects ?? (simulatedEffects() as unknown as E),
  });
}

/** The same over a real socket. */
async function listen(
  answer: Answer,
  config: Readonly<Record<string, unknown>> = {},
) {
  const app = await start(answer, { config, effects: systemEffects() });
  const [address = ""] = app.service(HttpServer).addresses();
  return {
    app,
    address,
    connect: () => connect(Number(new URL(address).port)),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** A connection that speaks bytes. */
async function connect(port: number) {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(65_536);
  let text = "";
  return {
    async send(bytes: string) {
      const encoded = new TextEncoder().encode(bytes);
      for (let sent = 0; sent < encoded.length;) {
        sent += await connection.write(encoded.subarray(sent));
      }
    },
    /** Reads until `expected` has come or the connection ends. */
    async read(expected: string): Promise<string> {
      while (!text.includes(expected)) {
        const count = await connection.read(buffer).catch(() => null);
        if (count === null) break;
        text += new TextDecoder().decode(buffer.subarray(0, count));
      }
      const end = text.indexOf(expected);
      const read = end < 0 ? text : text.slice(0, end + expected.length);
      text = text.slice(read.length);
      return read;
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

function onlyServer(app: { readonly application: Application }) {
  const [found] = app.application.all(HttpServer);
  assert.ok(found);
  return found;
}

const ok: Answer = ({ path }) => new Response(`ok ${path}`);

Deno.test("http.server answers over a socket as it does in the process", async () => {
  await using test = await listen(ok);
  for (const method of ["GET", "HEAD", "DELETE"]) {
    const socket = await fetch(`${test.address}/a`, { method });
    const inside = await test.app.request(method, "/a");
    assert.equal(socket.status, inside.status, method);
    assert.equal(
      socket.headers.get("content-type"),
      inside.headers.get("content-type"),
    );
    assert.equal(await socket.text(), await inside.text(), method);
  }
});

Deno.test("http.server tells handlers the address of the peer", async () => {
  await using test = await listen(({ remoteAddress }) =>
    new Response(remoteAddress)
  );
  assert.equal(await (await fetch(test.address)).text(), "127.0.0.1");
});

Deno.test("http.server keeps a connection whose request body nobody reads", async () => {
  await using test = await listen(ok);
  for (const length of [5, 300_000]) {
    using connection = await test.connect();
    await connection.send(
      `POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`,
    );
    const body = "x".repeat(length - 1);
    assert.match(await connection.read("ok /first"), /^HTTP\/1\.1 200/);
    await connection.send(`x${body}GET /second HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.match(await connection.read("ok /second"), /^HTTP\/1\.1 200/);
  }
});

Deno.test("http.server refuses a port that is in use, by name", async () => {
  await using test = await listen(ok);
  const { port } = new URL(test.address);
  await assert.rejects(
    start(ok, {
      config: { address: `127.0.0.1:${port}` },
      effects: systemEffects(),
    }),
    (error) =>
      error instanceof LifecycleError && error.module === "web" &&
      error.message.startsWith(
        `Cannot open http.server "web": port ${port} is in use`,
      ),
  );
});

Deno.test("http.server names an address that is not there", async () => {
  await assert.rejects(
    start(ok, {
      config: { address: "192.0.2.1:0" },
      effects: systemEffects(),
    }),
    /Cannot open http\.server "web": this machine has no address 192\.0\.2\.1/,
  );
});

Deno.test("http.server refuses to open without a router", async () => {
  await assert.rejects(
    startApplication({
      document: {
        modules: [{
          name: "web",
          type: "http.server",
          config: { address: ":0" },
        }],
      },
      definitions: [server],
    }),
    /Cannot open http\.server "web": the document has no http\.router for it/,
  );
});

Deno.test("http.server uses a router of the document where no section gives one", async () => {
  await using app = await startApplication({
    document: {
      modules: [
        { name: "web", type: "http.server", config: { port: 8080 } },
        { name: "router", type: "http.router" },
      ],
    },
    definitions: [server, router],
  });
  assert.equal((await app.request("GET", "/")).status, 404);
  const detached = app.service(HttpServer).attach({
    ...app.service(HttpRouter),
    handle: () => new Response("attached"),
  });
  assert.equal(await (await app.request("GET", "/")).text(), "attached");
  detached();
  detached();
  assert.equal((await app.request("GET", "/")).status, 404);
  assert.deepEqual(app.engine.addresses(), ["http://127.0.0.1:8080"]);
});

Deno.test("http.server serves on while a reload adds a route", async () => {
  const document = (paths: readonly string[]) => ({
    modules: [
      { name: "web", type: "http.server", config: { address: "127.0.0.1:0" } },
      { name: "router", type: "http.router" },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: paths.map((path) => ({
          method: "GET",
          path,
          handler: "hello",
        })),
      },
    },
  });
  await using app = await startApplication({
    document: document(["/a"]),
    definitions: [server, router, handler, http],
    effects: systemEffects(),
  });
  const [address = ""] = app.engine.addresses();
  const status = async (path: string) => {
    const response = await fetch(address + path);
    await response.body?.cancel();
    return response.status;
  };
  assert.deepEqual([await status("/a"), await status("/b")], [200, 404]);
  await app.reload(document(["/b"]));
  assert.deepEqual(app.engine.addresses(), [address]);
  assert.deepEqual([await status("/a"), await status("/b")], [404, 200]);
});

Deno.test("http.server lets a request under way end before it stops", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using test = await listen(async () => {
    started.resolve();
    await release.promise;
    return new Response("done");
  });
  const response = fetch(test.address);
  await started.promise;
  const { service } = onlyServer(test.app);
  const stopped = test.app.stop();
  while (service.addresses().length > 0) await Promise.resolve();
  await assert.rejects(test.connect());
  release.resolve();
  assert.equal(await (await response).text(), "done");
  await stopped;
  assert.deepEqual(test.app.logs.filter(({ level }) => level === "warn"), []);
});

Deno.test("http.server ends event streams at once when it stops", async () => {
  const cancelled = Promise.withResolvers<void>();
  await using test = await listen(() =>
    new Response(
      new ReadableStream({
        start: (controller) =>
          controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
        cancel: () => cancelled.resolve(),
      }),
      { headers: { "content-type": "text/event-stream" } },
    ), { drainTimeout: "1h" });
  const response = await fetch(test.address);
  const text = response.text();
  await test.app.stop();
  await cancelled.promise;
  assert.equal(await text, "data: 1\n\n");
});

Deno.test("http.server lets go of an event stream that ends or breaks", async () => {
  const sources: ReadableStreamDefaultController[] = [];
  await using app = await start(() =>
    new Response(
      new ReadableStream({
        start: (controller) => void sources.push(controller),
      }),
      { headers: { "content-type": "text/event-stream; charset=utf-8" } },
    )
  );
  const [first, second] = await Promise.all(
    [1, 2].map(() => app.request("GET", "/")),
  );
  sources[0]?.close();
  assert.equal(await first?.text(), "");
  sources[1]?.error(new Error("broken"));
  await assert.rejects(second?.text() ?? Promise.resolve(), /broken/);
});

Deno.test("http.server stops waiting after the drainTimeout and says so", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using test = await listen(async () => {
    started.resolve();
    await release.promise;
    return new Response("late");
  }, { drainTimeout: "20ms" });
  const response = fetch(test.address);
  await started.promise;
  await test.app.stop();
  const warning = test.app.logs.find(({ level }) => level === "warn");
  assert.match(warning?.message ?? "", /drainTimeout of 20 ms/);
  release.resolve();
  assert.equal(await (await response).text(), "late");
});

/** Reads the body and keeps quiet about errors, as a careless handler does. */
const careless: Answer = async ({ request }) => {
  const text = await request.text().catch(() => "broken");
  return new Response(`read ${text.length}`);
};

Deno.test("http.server answers 413 to a body that is announced too long", async () => {
  await using test = await listen(careless, { maxBodyBytes: 10 });
  using connection = await test.connect();
  await connection.send(
    `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n${
      "x".repeat(11)
    }GET /b HTTP/1.1\r\nHost: a\r\n\r\n`,
  );
  const answer = await connection.read("10 bytes");
  assert.match(answer, /^HTTP\/1\.1 413/);
  assert.match(await connection.read("read 0"), /HTTP\/1\.1 200/);
  const fits = await fetch(test.address, {
    method: "POST",
    body: "x".repeat(10),
  });
  assert.equal(await fits.text(), "read 10");
});

Deno.test("http.server answers 413 to a chunked body that becomes too long", async () => {
  await using test = await listen(careless, { maxBodyBytes: 10 });
  using connection = await test.connect();
  const chunked = (path: string, chunks: readonly string[]) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${
      chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
        .join("")
    }0\r\n\r\n`;
  await connection.send(chunked("/a", ["123456", "7890x"]));
  assert.match(await connection.read("10 bytes"), /^HTTP\/1\.1 413/);
  await connection.send(chunked("/b", ["123456", "7890"]));
  assert.match(await connection.read("read 10"), /HTTP\/1\.1 200/);
});

Deno.test("http.server reads no more of a body than its handler", async () => {
  let pulled = 0;
  await using app = await start(ok, { config: { maxBodyBytes: 10 } });
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(100));
    },
  }, { highWaterMark: 0 });
  const request = new Request("http://x/a", { method: "POST", body });
  const response = await app.service(HttpServer).handle(request);
  assert.equal(response.status, 200);
  assert.equal(pulled, 0);
});

Deno.test("http.server answers 408 to a body that does not arrive", async () => {
  await using app = await start(careless, { config: { readTimeout: "3s" } });
  let isCancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel: () => void (isCancelled = true),
  });
  const request = new Request("http://x/a", { method: "POST", body });
  const response = app.service(HttpServer).handle(request);
  await app.effects.advance(2_999);
  assert.equal(isCancelled, false);
  await app.effects.advance(1);
  assert.equal((await response).status, 408);
  assert.match((await (await response).json()).detail, /within 3000 ms/);
  assert.ok(isCancelled);
});

Deno.test("http.server forgets the readTimeout of a body that has arrived", async () => {
  await using app = await start(careless, { config: { readTimeout: "3s" } });
  const timers = app.effects.timers;
  const response = await app.request("POST", "/a", { body: "hello" });
  assert.equal(await response.text(), "read 5");
  assert.equal(app.effects.timers, timers);
});

Deno.test("http.server forgets the readTimeout of a body that nobody reads", async () => {
  await using app = await start(ok, { config: { readTimeout: "3s" } });
  const timers = app.effects.timers;
  assert.equal((await app.request("POST", "/a", { body: "x" })).status, 200);
  assert.equal(app.effects.timers, timers);
});

Deno.test("http.server does not hold a slow handler to the readTimeout", async () => {
  const release = Promise.withResolvers<void>();
  await using app = await start(async () => {
    await release.promise;
    return new Response("done");
  }, { config: { readTimeout: "3s" } });
  const response = app.request("POST", "/a", { body: "hello" });
  await app.effects.advance(5_000);
  release.resolve();
  assert.equal((await response).status, 200);
});

Deno.test("http.server answers 503 after the writeTimeout", async () => {
  const release = Promise.withResolvers<void>();
  let isCancelled = false;
  await using app = await start(async () => {
    await release.promise;
    return new Response(
      new ReadableStream({ cancel: () => void (isCancelled = true) }),
    );
  }, { config: { writeTimeout: "2s" } });
  const response = app.request("GET", "/a");
  await app.effects.advance(2_000);
  assert.equal((await response).status, 503);
  assert.match((await (await response).json()).detail, /within 2000 ms/);
  release.resolve();
  await app.effects.advance(0);
  assert.ok(isCancelled);
});

Deno.test("http.server takes timeouts in seconds, and 0 for none", async () => {
  const never = () => new Promise<Response>(() => {});
  await using app = await start(never, { config: { writeTimeout: 2 } });
  const response = app.request("GET", "/a");
  await app.effects.advance(2_000);
  assert.equal((await response).status, 503);
  for (const none of [0, "0", "0s"]) {
    const config = { readTimeout: none, writeTimeout: none };
    await using free = await start(async ({ request }) => {
      await free.effects.clock.sleep(1);
      return new Response(await request.text());
    }, { config });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("late"));
        free.effects.clock.after(60_000, () => controller.close());
      },
    });
    const request = new Request("http://x/a", { method: "POST", body });
    const answer = free.service(HttpServer).handle(request);
    await free.effects.advance(60_001);
    assert.equal(await (await answer).text(), "late");
  }
  await assert.rejects(
    start(never, { config: { readTimeout: -1 } }),
    ConfigError,
  );
});

Deno.test("http.server forgets the writeTimeout of an answer that was in time", async () => {
  await using app = await start(() => Promise.resolve(new Response("x")), {
    config: { writeTimeout: "2s" },
  });
  const timers = app.effects.timers;
  assert.equal((await app.request("GET", "/a")).status, 200);
  assert.equal(app.effects.timers, timers);
});

Deno.test("http.server keeps the session of the management surface to itself", async () => {
  await using app = await start(({ request }) =>
    new Response(JSON.stringify([
      request.headers.get("cookie"),
      request.headers.get("x-other"),
    ]))
  );
  const cases = [
    ["wf_session=secret", null],
    ["a=1; wf_session=secret; b=2", "a=1; b=2"],
    ["a=1;wf_session=secret", "a=1"],
    ["wf_session=one; wf_session=two", null],
    ["wf_session", null],
    ["a=wf_session; my_wf_session=1", "a=wf_session; my_wf_session=1"],
  ] as const;
  for (const [cookie, expected] of cases) {
    const response = await app.request("GET", "/a", {
      headers: { cookie, "x-other": "1" },
    });
    assert.deepEqual(await response.json(), [expected, "1"], cookie);
  }
});

Deno.test("http.server hands on the body of a request without its session", async () => {
  await using test = await listen(careless);
  const response = await fetch(test.address, {
    method: "POST",
    body: "hello",
    headers: { cookie: "wf_session=secret" },
  });
  assert.equal(await response.text(), "read 5");
});

Deno.test("http.server answers 414 to a URL that is too long", async () => {
  await using app = await start(ok, { config: { maxUrlCharacters: 100 } });
  const response = await app.request("GET", `/${"a".repeat(100)}`);
  assert.equal(response.status, 414);
  assert.match((await response.json()).detail, /longer than 100 characters/);
});

Deno.test("http.server refuses a host that would change the path", async () => {
  await using test = await listen(ok);
  for (const host of ["a/b?", "a#", "u:p@a", "a b", "a\\b", "é"]) {
    using connection = await test.connect();
    await connection.send(
      `GET /public HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(await connection.read("\r\n"), /^HTTP\/1\.1 400/, host);
  }
});

Deno.test("http.server answers hostile bytes with 4xx and goes on", async () => {
  const host = "Host: a\r\nConnection: close\r\n";
  await using test = await listen(careless);
  const requests = [
    `GET /%zz HTTP/1.1\r\n${host}\r\n`,
    `GET /%ff%00 HTTP/1.1\r\n${host}\r\n`,
    `G!T / HTTP/1.1\r\n${host}\r\n`,
    `get / HTTP/1.1\r\n${host}\r\n`,
    `TRACE / HTTP/1.1\r\n${host}\r\n`,
    `CONNECT a:80 HTTP/1.1\r\n${host}\r\n`,
    `OPTIONS * HTTP/1.1\r\n${host}\r\n`,
    `GET x HTTP/1.1\r\n${host}\r\n`,
    `GET / HTTP/1.1\r\n${host}: nameless\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}X: ${"x".repeat(200_000)}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}${"X: 1\r\n".repeat(2_000)}\r\n`,
    `GET /${"a".repeat(9_000)} HTTP/1.1\r\n${host}\r\n`,
    `GET /${"a".repeat(200_000)} HTTP/1.1\r\n${host}\r\n`,
    `POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
    `POST / HTTP/1.1\r\n${host}Content-Length: 9999999999\r\n\r\n`,
    `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "\0\0\0\r\n\r\n",
  ];
  for (const request of requests) {
    using connection = await test.connect();
    await connection.send(request).catch(() => {
      // The server has answered and hung up before all of it was sent.
    });
    const answer = await connection.read("\r\n");
    assert.match(answer, /^HTTP\/1\.[01] 4\d\d |^$/, request.slice(0, 60));
  }
  assert.equal((await test.app.request("GET", "/alive")).status, 200);
  assert.deepEqual(test.app.logs.filter(({ level }) => level === "error"), []);
});

Deno.test("http.server answers no path, method or header with 5xx", async () => {
  await using app = await start(({ params, query, request }) =>
    new Response(JSON.stringify([params, [...query], [...request.headers]]))
  );
  const instance = app.service(HttpServer);
  const anyText = fc.array(fc.integer({ min: 0x20, max: 0xff }))
    .map((codes) => String.fromCharCode(...codes));
  await fc.assert(fc.asyncProperty(
    fc.constantFrom("GET", "HEAD", "POST", "DELETE", "PURGE", "g"),
    anyText,
    fc.constantFrom("host", "cookie", "content-length", "x-a", "origin"),
    anyText,
    async (method, path, name, value) => {
      const request = new Request(new URL(`http://x/${path}`), {
        method,
        headers: { [name]: value },
      });
      const response = await instance.handle(request);
      assert.ok(response.status < 500, `${response.status}`);
    },
  ));
});

Deno.test("http.server measures only while somebody listens", async () => {
  const records: unknown[] = [];
  let detach = () => {};
  const sink = defineModule({
    type: "test.sink",
    summary: "Keeps what is measured",
    stability: "stable",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create: (_config, host) => ({
      start() {
        detach = host.meter.attach((name, labels, value) =>
          records.push([name, labels, value])
        );
      },
    }),
  });
  const effects = simulatedEffects();
  const answer = async ({ path }: HttpContext) => {
    await effects.clock.sleep(250);
    return new Response(null, { status: path === "/x" ? 204 : 200 });
  };
  await using app = await start(answer, { effects, more: [sink] });
  const responses = [
    app.request("GET", "/x"),
    app.request("DELETE", "/x"),
    app.request("PURGE", "/x"),
  ];
  await effects.advance(250);
  await Promise.all(responses);
  detach();
  const last = app.request("GET", "/unseen");
  await effects.advance(250);
  await last;
  const total = "http_requests_total";
  const seconds = "http_request_duration_seconds";
  const unmatched = { method: "DELETE", path: "unmatched" };
  const other = { method: "other", path: "unmatched" };
  const matched = { method: "GET", path: "/{path...}" };
  assert.deepEqual(records, [
    [total, { ...unmatched, status_code: "405" }, 1],
    [seconds, unmatched, 0],
    [total, { ...other, status_code: "405" }, 1],
    [seconds, other, 0],
    [total, { ...matched, status_code: "204" }, 1],
    [seconds, matched, 0.25],
  ]);
});

Deno.test("http.server turns the error of a foreign router into a 500", async () => {
  await using app = await start(ok);
  const instance = app.service(HttpServer);
  const base = app.service(HttpRouter);
  const handles = [
    () => {
      throw new Error("secret");
    },
    () => Promise.reject(new Error("secret")),
  ];
  for (const handle of handles) {
    const detach = instance.attach({
      mount: base.mount,
      follow: base.follow,
      routes: base.routes,
      handle,
    });
    const response = await app.request("GET", "/a");
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret/);
    detach();
  }
  assert.equal(app.logs.filter(({ level }) => level === "error").length, 2);
});

Deno.test("http.server checks its address", async () => {
  const problems = async (config: Readonly<Record<string, unknown>>) => {
    try {
      const app = await startApplication({
        document: {
          modules: [
            { name: "web", type: "http.server", config },
            { name: "router", type: "http.router" },
          ],
        },
        definitions: [server, router],
      });
      await app.stop();
      return app.logs.filter(({ level }) => level === "warn")
        .map(({ fields }) => fields.code);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.problems.map(({ code, path }) => `${code} ${path}`);
    }
  };
  const address = "modules[0].config.address";
  assert.deepEqual(await problems({}), [`missing-key ${address}`]);
  assert.deepEqual(await problems({ address: "a:b" }), [
    `invalid-value ${address}`,
  ]);
  assert.deepEqual(await problems({ address: "localhost" }), [
    `invalid-value ${address}`,
  ]);
  assert.deepEqual(await problems({ address: ":1", port: 2 }), [
    "ineffective-key",
  ]);
  assert.deepEqual(await problems({ address: "localhost", port: 2 }), []);
  assert.deepEqual(await problems({ port: 70_000 }), [
    "invalid-value modules[0].config.port",
  ]);
});
