import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { startApplication } from "@engine/testing.ts";
import logging from "./logging.ts";

function start(config: Record<string, unknown> = {}) {
  return startApplication({
    document: {
      modules: [{ name: "log", type: "http.middleware.logging", config }],
    },
    definitions: [logging],
  });
}

Deno.test("http.middleware.logging writes one line after the answer", async () => {
  await using app = await start();
  const context = new HttpContext(
    new Request("http://localhost/api/orders?token=secret", { method: "POST" }),
  );
  context.requestId = "id-1";
  const response = await app.service(HttpMiddleware).process(
    context,
    async () => {
      assert.deepEqual(app.logs, []);
      await app.effects.advance(12.5);
      return new Response(null, { status: 204 });
    },
  );
  assert.equal(response.status, 204);
  assert.equal(app.logs.length, 1);
  const [line] = app.logs;
  assert.equal(line?.level, "info");
  assert.equal(line?.message, "POST /api/orders 204");
  assert.deepEqual(line?.fields, {
    application: "test",
    module: "log",
    method: "POST",
    path: "/api/orders",
    status: 204,
    durationMs: 12.5,
    requestId: "id-1",
  });
});

Deno.test("http.middleware.logging writes at the level it is told", async () => {
  for (const level of ["debug", "info", "warn", "error"]) {
    await using app = await start({ logLevel: level });
    await app.service(HttpMiddleware).process(
      new HttpContext(new Request("http://localhost/")),
      () => Promise.resolve(new Response("ok")),
    );
    assert.deepEqual(app.logs.map((line) => line.level), [level]);
  }
});
