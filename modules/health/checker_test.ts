import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { startApplication } from "@engine/testing.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import checker, { CHECK_TIMEOUT_MS } from "./checker.ts";

type Check = () => Health | Promise<Health>;

/** A part whose health the test decides, called `part.<name>` unless told. */
function part(checks: Record<string, Check>) {
  return defineModule({
    type: "test.part",
    summary: "Has the health that a test gives it",
    stability: "experimental",
    config: z.strictObject({ called: z.string().optional().describe("Name") }),
    provides: [HealthReporter],
    examples: [],
    create: ({ called }, { name }) => ({
      healthName: called ?? `part.${name}`,
      health: async () => await (checks[name]?.() ?? { status: "healthy" }),
    }),
  });
}

const HTTP = [
  { name: "server", type: "http.server", config: { address: ":0" } },
  { name: "router", type: "http.router" },
];

function start(
  checks: Record<string, Check>,
  called?: string,
) {
  return startApplication({
    document: {
      modules: [
        ...HTTP,
        { name: "health", type: "health.checker" },
        ...Object.keys(checks).map((name) => ({
          name,
          type: "test.part",
          config: called === undefined ? {} : { called },
        })),
      ],
    },
    definitions: [server, router, checker, part(checks)],
  });
}

type App = Awaited<ReturnType<typeof start>>;

async function ask(app: App, path: string) {
  const response = await app.request("GET", path);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.match(
    response.headers.get("content-type") ?? "",
    /^application\/json/,
  );
  return [response.status, await response.json()];
}

const healthy: Check = () => ({ status: "healthy" });
const degraded: Check = () => ({ status: "degraded", message: "slow" });
const unhealthy: Check = () => ({ status: "unhealthy", message: "gone" });

Deno.test("health.checker is healthy without any check", async () => {
  await using app = await start({});
  const report = [200, { checks: {}, status: "healthy" }];
  assert.deepEqual(await ask(app, "/healthz"), report);
  assert.deepEqual(await ask(app, "/readyz"), [200, { status: "ready" }]);
  assert.deepEqual(await ask(app, "/livez"), [200, { status: "alive" }]);
});

Deno.test("health.checker answers on short names as well", async () => {
  await using app = await start({ a: unhealthy });
  for (
    const [path, alias] of Object.entries({
      "/healthz": "/health",
      "/readyz": "/ready",
      "/livez": "/live",
    })
  ) {
    assert.deepEqual(await ask(app, alias), await ask(app, path));
  }
});

Deno.test("health.checker reports each check and the worst of them", async () => {
  const cases = [
    [{ a: healthy, b: healthy }, "healthy", 200, 200],
    [{ a: healthy, b: degraded }, "degraded", 200, 503],
    [{ a: unhealthy, b: degraded }, "unhealthy", 503, 503],
  ] as const;
  for (const [checks, status, code, readyCode] of cases) {
    await using app = await start(checks);
    const [got, report] = await ask(app, "/healthz");
    assert.equal(got, code);
    assert.equal(report.status, status);
    assert.deepEqual(report.checks, {
      "part.a": await checks.a(),
      "part.b": await checks.b(),
    });
    const [ready, body] = await ask(app, "/readyz");
    assert.equal(ready, readyCode);
    assert.equal(body.status, ready === 200 ? "ready" : "not_ready");
    assert.deepEqual(await ask(app, "/livez"), [200, { status: "alive" }]);
  }
});

Deno.test("health.checker counts a thrown error as unhealthy", async () => {
  await using app = await start({
    a: () => Promise.reject(new Error("no disk")),
  });
  assert.deepEqual(await ask(app, "/healthz"), [503, {
    checks: { "part.a": { status: "unhealthy", message: "no disk" } },
    status: "unhealthy",
  }]);
});

Deno.test("health.checker gives up on a check that hangs", async () => {
  await using app = await start({ a: () => new Promise(() => {}), b: healthy });
  const asked = ask(app, "/healthz");
  await app.effects.advance(CHECK_TIMEOUT_MS);
  assert.deepEqual(await asked, [503, {
    checks: {
      "part.a": {
        status: "unhealthy",
        message: `The check takes longer than ${CHECK_TIMEOUT_MS} ms`,
      },
      "part.b": { status: "healthy" },
    },
    status: "unhealthy",
  }]);
  assert.equal(app.effects.timers, 0);
});

Deno.test("health.checker does not ask again while a check is under way", async () => {
  let asked = 0;
  let answer = (_health: Health) => {};
  await using app = await start({
    a() {
      asked++;
      return new Promise((resolve) => answer = resolve);
    },
  });
  const answers = [ask(app, "/healthz"), ask(app, "/readyz")];
  await app.effects.advance(1);
  assert.equal(asked, 1);
  answer({ status: "healthy" });
  assert.deepEqual((await Promise.all(answers)).map(([status]) => status), [
    200,
    200,
  ]);
  const again = ask(app, "/healthz");
  await app.effects.advance(1);
  assert.equal(asked, 2);
  answer({ status: "healthy" });
  await again;
});

Deno.test("health.checker keeps checks of the same name apart", async () => {
  await using app = await start({ a: healthy, b: unhealthy }, "store");
  const [, report] = await ask(app, "/healthz");
  assert.deepEqual(Object.keys(report.checks), ["store", "store.b"]);
  assert.equal(report.checks["store.b"].status, "unhealthy");
});

Deno.test("health.checker is not ready before it runs and while it stops", async () => {
  // Asks from the hooks of a module, since no socket is open at these times.
  const asked: [string, number, number][] = [];
  async function look(host: Host, when: string): Promise<void> {
    const status = async (path: string) => {
      const { service } = host.all(HttpRouter)[0]!;
      const request = new Request(`http://localhost${path}`);
      return (await service.handle(new HttpContext(request))).status;
    };
    asked.push([when, await status("/readyz"), await status("/livez")]);
  }
  const witness = defineModule({
    type: "test.witness",
    summary: "Asks at the edges of a life",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create: (_config, host) => ({
      open: () => look(host, "open"),
      close: () => look(host, "close"),
    }),
  });
  const app = await startApplication({
    document: {
      modules: [
        ...HTTP,
        { name: "health", type: "health.checker" },
        { name: "witness", type: "test.witness" },
      ],
    },
    definitions: [server, router, checker, witness],
  });
  assert.deepEqual(await ask(app, "/readyz"), [200, { status: "ready" }]);
  await app.stop();
  assert.deepEqual(asked, [["open", 503, 200], ["close", 503, 200]]);
});

Deno.test("health.checker gives way to routes of the document, one by one", async () => {
  await using app = await start({});
  const unmount = app.service(HttpRouter).mount([{
    method: "GET",
    pattern: "/health",
    handler: { handle: () => new Response("mine") },
    middlewares: [],
  }]);
  assert.equal(await (await app.request("GET", "/health")).text(), "mine");
  assert.equal((await app.request("GET", "/healthz")).status, 200);
  unmount();
});

Deno.test("health.checker can stand behind a route of the document", async () => {
  await using app = await start({ a: degraded });
  const handler = app.service(HttpHandler, "health");
  const context = new HttpContext(new Request("http://localhost/status"));
  const response = await handler.handle(context);
  assert.deepEqual([response.status, (await response.json()).status], [
    200,
    "degraded",
  ]);
});
