import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import { startApplication } from "@engine/testing.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import modular from "./modular.ts";

async function start(
  config: Readonly<Record<string, unknown>>,
  section: Readonly<Record<string, unknown>> = {},
) {
  return await startApplication({
    document: {
      modules: [
        { name: "server", type: "httpserver.modular", config },
        { name: "router", type: "http.router" },
      ],
      httpserver: section,
    },
    definitions: [modular, server, router],
  });
}

Deno.test("httpserver.modular listens where host, port and address say", async () => {
  for (
    const [config, expected] of [
      [{}, "http://127.0.0.1:8080"],
      [{ port: 9_000 }, "http://127.0.0.1:9000"],
      [{ host: "10.0.0.1", port: 81 }, "http://10.0.0.1:81"],
      [{ address: ":8090" }, "http://127.0.0.1:8090"],
      [{ address: "10.0.0.2" }, "http://10.0.0.2:8080"],
      [{ address: "10.0.0.2:82", port: 83 }, "http://10.0.0.2:83"],
      [{ address: "[::1]:84" }, "http://[::1]:84"],
      [{ host: "::1" }, "http://[::1]:8080"],
    ] as const
  ) {
    await using app = await start(config);
    assert.deepEqual(app.service(HttpServer).addresses(), [expected]);
  }
});

Deno.test("httpserver.modular takes its config from the section, and its own first", async () => {
  await using app = await start({ port: 9_001 }, {
    address: ":8090",
    host: "10.0.0.1",
  });
  assert.deepEqual(app.service(HttpServer).addresses(), [
    "http://10.0.0.1:9001",
  ]);
});

Deno.test("httpserver.modular refuses TLS rather than to answer in the open", async () => {
  await assert.rejects(
    start({ tls: { enabled: true, cert_file: "a.pem" } }),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ path }) => path.endsWith("config.tls.enabled")),
  );
  await using app = await start({ tls: { enabled: false } });
  assert.equal(app.service(HttpServer).addresses().length, 1);
});

Deno.test("httpserver.modular refuses an address that is none", async () => {
  await assert.rejects(
    start({ address: "what is this" }),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ path }) => path.endsWith("config.address")),
  );
});

Deno.test("httpserver.modular answers 503 to what takes longer than its write timeout", async () => {
  const { default: handler } = await import("../http/handler.ts");
  await using app = await startApplication({
    document: {
      modules: [
        {
          name: "server",
          type: "httpserver.modular",
          config: { write_timeout: "3s", writeTimeoutSeconds: 2 },
        },
        { name: "router", type: "http.router" },
        { name: "slow", type: "http.handler" },
      ],
    },
    definitions: [modular, server, router, handler],
  });
  const { HttpRouter } = await import("@engine/services/http_router.ts");
  app.service(HttpRouter).mount([{
    method: "GET",
    pattern: "/slow",
    middlewares: [],
    handler: { handle: () => new Promise(() => {}) },
  }]);
  const answer = app.request("GET", "/slow");
  await app.effects.advance(2_000);
  assert.equal((await answer).status, 503);
});
