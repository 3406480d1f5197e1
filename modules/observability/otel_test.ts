import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../workflows/types/http.ts";
import handler from "../http/handler.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import collector from "../metrics/collector.ts";
import otel from "./otel.ts";

type Answer = (request: Request) => Response | Promise<Response>;
type Config = Readonly<Record<string, unknown>>;

const taken: Answer = () => new Response(null, { status: 200 });

/** An application that traces, and what its collector was sent. */
async function start(answer: Answer, config: Config = {}) {
  const asked: { readonly request: Request; readonly bytes: number }[] = [];
  let says = answer;
  const effects = simulatedEffects({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const body = await request.clone().arrayBuffer();
      asked.push({ request, bytes: body.byteLength });
      return await says(request);
    },
  });
  const app = await startApplication({
    document: {
      modules: [
        { name: "web", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
        { name: "hello", type: "http.handler" },
        { name: "metrics", type: "metrics.collector" },
        { name: "traces", type: "observability.otel", config },
      ],
      workflows: {
        http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
      },
    },
    definitions: [server, router, handler, http, collector, otel],
    effects,
  });
  return {
    ...{ app, asked, effects },
    /** Requests that held spans, and did not only ask whether it is there. */
    sent: () => asked.filter(({ bytes }) => bytes > 0),
    answers: (next: Answer) => says = next,
    /** Two spans each: the request, and its handler. */
    async ask(times = 1) {
      for (let n = 0; n < times; n++) {
        await (await app.request("GET", "/hello")).text();
      }
    },
    health: () => app.service(HealthReporter, "traces").health(),
    async counts() {
      const answer = await app.service(HttpHandler, "metrics")
        .handle(undefined as never);
      const lines = (await answer.text()).split("\n")
        .filter((line) => line.startsWith("otel_spans"));
      return Object.fromEntries(lines.map((line) => {
        const [, name, reason = "", count] =
          /^otel_spans_(\w+)_total\{module="traces"(?:,reason="(.*)")?\} (\d+)$/
            .exec(line) ?? [];
        return [reason === "" ? name : `${name} ${reason}`, Number(count)];
      }));
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

Deno.test("observability.otel sends what has waited for a while, with its headers", async () => {
  const headers = { "x-key": "hunter2hunter2" };
  await using world = await start(taken, { headers });
  await world.effects.advance(0);
  assert.deepEqual(world.asked.map(({ bytes }) => bytes), [0]);
  await world.ask();
  await world.effects.advance(4_999);
  assert.equal(world.sent().length, 0);
  await world.effects.advance(1);
  const request = world.sent()[0]?.request;
  assert.ok(request);
  assert.equal(request.url, "http://localhost:4318/v1/traces");
  assert.equal(request.method, "POST");
  assert.equal(request.headers.get("content-type"), "application/x-protobuf");
  assert.equal(request.headers.get("x-key"), "hunter2hunter2");
  // What sends spans is no part of what it tells of.
  assert.equal(request.headers.get("traceparent"), null);
  assert.deepEqual(await world.counts(), { exported: 2 });
  await world.effects.advance(60_000);
  assert.equal(world.sent().length, 1);
});

Deno.test("observability.otel sends at once what is enough for a batch", async () => {
  await using world = await start(taken, { batchSize: 4 });
  await world.ask(5);
  await world.effects.advance(0);
  assert.equal(world.sent().length, 2);
  assert.deepEqual(await world.counts(), { exported: 8 });
  await world.effects.advance(5_000);
  assert.deepEqual(await world.counts(), { exported: 10 });
});

Deno.test("observability.otel knows several spellings of where the collector is", async () => {
  for (
    const [endpoint, url] of [
      ["http://c:4318", "http://c:4318/v1/traces"],
      ["c:4318", "http://c:4318/v1/traces"],
      ["https://c/otlp/", "https://c/otlp/v1/traces"],
      ["https://c/v1/traces", "https://c/v1/traces"],
    ]
  ) {
    await using world = await start(taken, { endpoint });
    await world.effects.advance(0);
    assert.equal(world.asked[0]?.request.url, url);
  }
  for (const endpoint of ["http://", "ftp://c", "http://u:p@c:4318"]) {
    await assert.rejects(start(taken, { endpoint }), ConfigError, endpoint);
  }
});

Deno.test("observability.otel tries again, later and later, and drops what is too much", async () => {
  const refused: Answer = () =>
    Promise.reject(
      new TypeError("fetch failed", { cause: new Error("Connection refused") }),
    );
  await using world = await start(refused, { queueSize: 6 });
  await world.effects.advance(0);
  assert.deepEqual(await world.health(), {
    status: "degraded",
    message: "Cannot reach http://localhost:4318/v1/traces: Connection refused",
  });
  await world.ask(5);
  assert.deepEqual(await world.counts(), { "dropped queue-full": 4 });
  const before = world.asked.length;
  // After 1, 2, 4, 8, 16, and then 30 seconds.
  await world.effects.advance(61_000);
  assert.equal(world.asked.length - before, 6);
  world.answers(taken);
  await world.effects.advance(30_000);
  assert.deepEqual(await world.health(), { status: "healthy" });
  assert.deepEqual(await world.counts(), {
    "dropped queue-full": 4,
    exported: 6,
  });
  const warnings = world.app.logs.filter(({ level }) => level === "warn");
  assert.equal(warnings.length, 1);
});

Deno.test("observability.otel finds out that a collector is there again, with nothing to tell", async () => {
  await using world = await start(() => new Response(null, { status: 503 }));
  await world.effects.advance(0);
  assert.equal((await world.health()).status, "degraded");
  world.answers(taken);
  await world.effects.advance(1_000);
  assert.equal((await world.health()).status, "healthy");
});

Deno.test("observability.otel waits as long as a collector asks", async () => {
  const busy: Answer = () =>
    new Response(null, { status: 429, headers: { "retry-after": "7" } });
  await using world = await start(busy);
  await world.effects.advance(6_999);
  assert.equal(world.asked.length, 1);
  await world.effects.advance(1);
  assert.equal(world.asked.length, 2);
});

Deno.test("observability.otel waits so long for an answer", async () => {
  const never: Answer = () => new Promise<Response>(() => {});
  await using world = await start(never, { timeout: "2s" });
  await world.effects.advance(2_000);
  assert.match(
    (await world.health()).message ?? "",
    /There was no answer within 2000 ms$/,
  );
  await world.ask(3);
  assert.equal((await world.app.request("GET", "/hello")).status, 200);
  world.answers(taken);
});

Deno.test("observability.otel drops what a collector refuses, and says why without the key", async () => {
  const headers = { authorization: "Bearer hunter2hunter2" };
  await using world = await start(
    ({ headers }) =>
      new Response(headers.get("authorization"), { status: 401 }),
    { headers },
  );
  await world.ask();
  await world.effects.advance(5_000);
  assert.deepEqual(await world.health(), {
    status: "degraded",
    message: "http://localhost:4318/v1/traces answered 401: " +
      "the headers do not let us in",
  });
  assert.deepEqual(await world.counts(), { "dropped refused": 2 });
  assert.doesNotMatch(JSON.stringify(world.app.logs), /hunter2/);
  world.answers(taken);
  await world.ask();
  await world.effects.advance(30_000);
  assert.equal((await world.health()).status, "healthy");
  assert.deepEqual(await world.counts(), {
    ...{ "dropped refused": 2, exported: 2 },
  });
});

Deno.test("observability.otel counts what a collector takes only in part", async () => {
  // partial_success { rejected_spans: 1, error_message: "odd" }
  const answer = new Uint8Array([10, 7, 8, 1, 18, 3, 111, 100, 100]);
  await using world = await start(() => new Response(answer));
  await world.ask();
  await world.effects.advance(5_000);
  assert.deepEqual(await world.counts(), { "dropped refused": 1, exported: 1 });
  assert.deepEqual(await world.health(), {
    status: "degraded",
    message: "The collector rejects 1 spans: odd",
  });
});

Deno.test("observability.otel does not take a web page for a collector", async () => {
  await using world = await start(() => new Response("<html>hello</html>"));
  await world.ask();
  await world.effects.advance(5_000);
  assert.match((await world.health()).message ?? "", /is it one\?$/);
  assert.deepEqual(await world.counts(), { "dropped refused": 2 });
});

Deno.test("observability.otel records the part of traces that it is told to", async () => {
  await using none = await start(taken, { samplingRatio: 0 });
  await none.ask(20);
  await none.effects.advance(5_000);
  assert.deepEqual(await none.counts(), {});
  // Whoever has begun a trace decides about it.
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  await none.app.request("GET", "/hello", { headers: { traceparent } });
  await none.effects.advance(5_000);
  assert.deepEqual(await none.counts(), { exported: 2 });
  await using half = await start(taken, { samplingRatio: 0.5 });
  await half.ask(200);
  await half.effects.advance(5_000);
  const { exported = 0 } = await half.counts();
  assert.ok(exported > 140 && exported < 260, `${exported} of 400`);
});

Deno.test("observability.otel sends what waits when it stops, and counts what it cannot", async () => {
  const world = await start(taken, { batchInterval: "1h" });
  await world.ask(3);
  await world.app.stop();
  assert.equal(world.sent().length, 1);
  assert.equal(world.effects.timers, 0);
  const never: Answer = () => new Promise<Response>(() => {});
  const stuck = await start(never, { shutdownTimeout: "3s" });
  await stuck.ask(3);
  const stopped = stuck.app.stop();
  await stuck.effects.advance(3_000);
  await stopped;
  assert.equal(stuck.effects.timers, 0);
});

Deno.test("observability.otel goes on telling through a reload of its config", async () => {
  await using world = await start(taken);
  await world.ask();
  await world.app.reload({
    modules: [
      { name: "web", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      { name: "hello", type: "http.handler" },
      { name: "metrics", type: "metrics.collector" },
      {
        name: "traces",
        type: "observability.otel",
        config: { endpoint: "http://other:4318" },
      },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
    },
  });
  await world.ask();
  await world.effects.advance(5_000);
  const hosts = world.sent().map(({ request }) => new URL(request.url).host);
  assert.deepEqual(hosts, ["localhost:4318", "other:4318"]);
});
