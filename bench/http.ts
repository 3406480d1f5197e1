/**
 * What a request costs that goes through http.server, a router, three
 * middlewares and a handler, against a bare Hono app that does the same by
 * hand. Both run side by side in one process, over a socket and without one.
 *
 * @module
 */
import { Hono } from "hono";
import { createCatalog } from "../engine/catalog.ts";
import { type Effects, systemEffects } from "../engine/effects.ts";
import { boot } from "../engine/engine.ts";
import { HttpServer } from "../engine/services/http_server.ts";
import { memoryStore } from "../engine/store/memory.ts";
import handler from "../modules/http/handler.ts";
import cors from "../modules/http/middleware/cors.ts";
import requestid from "../modules/http/middleware/requestid.ts";
import securityheaders from "../modules/http/middleware/securityheaders.ts";
import router from "../modules/http/router.ts";
import server from "../modules/http/server.ts";
import http from "../workflows/types/http.ts";

/** One way to ask, measured on both sides. */
export interface HttpComparison {
  /** Microseconds a request in the fastest round: noise only ever adds. */
  readonly engineMicroseconds: number;
  readonly honoMicroseconds: number;
  /** The first divided by the second. */
  readonly ratio: number;
}

/** What `measureHttp` found. */
export interface HttpMeasurement {
  readonly socket: HttpComparison;
  readonly inProcess: HttpComparison;
}

/** How much is measured. */
export interface HttpMeasureOptions {
  /** @default {15} */
  readonly rounds?: number;
  /** Requests a round, on each side. @default {16_000} */
  readonly requests?: number;
}

type Ask = (requests: number) => Promise<number>;

/** Measures both. Takes a few seconds. */
export async function measureHttp(
  { rounds = 15, requests = 16_000 }: HttpMeasureOptions = {},
): Promise<HttpMeasurement> {
  const effects = systemEffects();
  const engine = await startEngine(effects);
  const hono = honoApp(effects);
  const honoServer = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    hono.fetch,
  );
  const client = new Worker(new URL("http_client.ts", import.meta.url), {
    type: "module",
  });
  try {
    await expectSameAnswer(engine.handle, hono.fetch);
    const options = { rounds, requests };
    return {
      inProcess: await compare(
        (count) => askInProcess(engine.handle, count),
        (count) => askInProcess(hono.fetch, count),
        options,
      ),
      socket: await compare(
        (count) => askSocket(client, engine.port, count),
        (count) => askSocket(client, honoServer.addr.port, count),
        options,
      ),
    };
  } finally {
    client.terminate();
    await honoServer.shutdown();
    await engine.stop();
  }
}

const DOCUMENT = `
modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - { name: request-id, type: http.middleware.requestid }
  - { name: security, type: http.middleware.securityheaders }
  - { name: cors, type: http.middleware.cors }
  - { name: orders, type: http.handler }
workflows:
  http:
    routes:
      - method: GET
        path: /api/orders/{id}
        handler: orders
        middlewares: [request-id, security, cors]
      - { method: POST, path: /api/orders, handler: orders }
      - { method: GET, path: /health, handler: orders }
`;

async function startEngine(effects: Effects) {
  const engine = await boot({
    catalog: createCatalog([
      server,
      router,
      handler,
      cors,
      requestid,
      securityheaders,
      http,
    ]),
    documents: [{ file: "bench.yaml", text: DOCUMENT }],
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: () => {},
    secrets: {
      env: () => undefined,
      file: () => Promise.resolve(undefined),
    },
  });
  const [found] = engine.application("bench")?.all(HttpServer) ?? [];
  const [address] = engine.addresses();
  if (found === undefined || address === undefined) {
    throw new TypeError("Cannot measure: the engine does not listen");
  }
  return {
    port: Number(new URL(address).port),
    handle: (request: Request) => found.service.handle(request, "127.0.0.1"),
    stop: () => engine.stop(),
  };
}

const ANSWER =
  '{"handler":"orders","message":"Default handler response","status":"success"}\n';

const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  [
    "content-security-policy",
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'",
  ],
  ["referrer-policy", "strict-origin-when-cross-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=()"],
  ["strict-transport-security", "max-age=31536000; includeSubDomains"],
];

function honoApp(effects: Effects): Hono {
  const app = new Hono();
  app.use("/api/*", async (c, next) => {
    const id = c.req.header("x-request-id") ?? effects.ids.next();
    await next();
    c.res.headers.set("x-request-id", id);
  });
  app.use("/api/*", async (c, next) => {
    await next();
    for (const [name, value] of SECURITY_HEADERS) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.use("/api/*", async (c, next) => {
    const origin = c.req.header("origin");
    await next();
    c.res.headers.set("vary", "Origin");
    if (origin !== undefined) {
      c.res.headers.set("access-control-allow-origin", origin);
    }
  });
  const answer = () =>
    new Response(ANSWER, { headers: { "content-type": "application/json" } });
  app.get("/api/orders/:id", answer);
  app.post("/api/orders", answer);
  app.get("/health", answer);
  return app;
}

/** A comparison of two things that differ would prove nothing. */
async function expectSameAnswer(
  ...handles: readonly ((
    request: Request,
  ) => Response | Promise<Response>)[]
): Promise<void> {
  const answers = await Promise.all(handles.map(async (handle) => {
    const response = await handle(
      new Request("http://localhost/api/orders/17", {
        headers: { "x-request-id": "same" },
      }),
    );
    const headers = [...response.headers].sort(([a], [b]) => a < b ? -1 : 1);
    return JSON.stringify([response.status, headers, await response.text()]);
  }));
  if (new Set(answers).size === 1) return;
  throw new TypeError(`Cannot compare: ${answers.join(" differs from ")}`);
}

async function compare(
  engine: Ask,
  hono: Ask,
  { rounds, requests }: Required<HttpMeasureOptions>,
): Promise<HttpComparison> {
  await engine(requests);
  await hono(requests);
  const engineTimes: number[] = [];
  const honoTimes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first takes turns, so that what drifts favours nobody.
    const sides = round % 2 === 0
      ? [[engine, engineTimes], [hono, honoTimes]] as const
      : [[hono, honoTimes], [engine, engineTimes]] as const;
    for (const [ask, times] of sides) {
      times.push(await ask(requests) * 1_000 / requests);
    }
  }
  const engineMicroseconds = Math.min(...engineTimes);
  const honoMicroseconds = Math.min(...honoTimes);
  const ratio = engineMicroseconds / honoMicroseconds;
  return { engineMicroseconds, honoMicroseconds, ratio };
}

/** The requests are made beforehand: making one costs as much as answering it. */
async function askInProcess(
  handle: (request: Request) => Response | Promise<Response>,
  count: number,
): Promise<number> {
  const requests = Array.from(
    { length: count },
    (_, i) => new Request(`http://localhost:8080/api/orders/${i}`),
  );
  const start = performance.now();
  for (const request of requests) await handle(request);
  return performance.now() - start;
}

function askSocket(
  client: Worker,
  port: number,
  count: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    client.onmessage = ({ data }) => resolve(data);
    client.onerror = (event) => reject(new Error(event.message));
    client.postMessage({ port, count, path: "/api/orders/17" });
  });
}

if (import.meta.main) {
  const found = await measureHttp();
  console.table(Object.fromEntries(
    Object.entries(found).map(([way, comparison]) => [way, {
      "engine µs": comparison.engineMicroseconds.toFixed(2),
      "Hono µs": comparison.honoMicroseconds.toFixed(2),
      ratio: comparison.ratio.toFixed(2),
    }]),
  ));
}
