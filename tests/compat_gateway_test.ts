/**
 * The gateways that were written for the original's framework, which could not
 * route to them: run here as their author meant them.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { definitions } from "../catalog.gen.ts";
import { HttpServer } from "../engine/services/http_server.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { startApplication } from "../engine/testing.ts";

const FOLDER = fileURLToPath(new URL("./compat/", import.meta.url));

/** Runs a file; every backend answers with the URL that it was asked for. */
async function start(file: string) {
  const asked: Request[] = [];
  const effects = simulatedEffects({
    fetch(input, init) {
      const request = new Request(input, init);
      asked.push(request);
      return Promise.resolve(new Response(request.url));
    },
  });
  const app = await startApplication({
    document: Deno.readTextFileSync(FOLDER + file),
    definitions,
    effects,
  });
  return { app, asked, [Symbol.asyncDispose]: () => app.stop() };
}

for (
  const [file, fallback] of [
    ["api-gateway-config.yaml", "http://localhost:8091"],
    ["api-gateway-modular-config.yaml", "http://httpbin.org"],
  ] as const
) {
  Deno.test(`${file} sends each path to its backend`, async () => {
    await using gateway = await start(file);
    const { app, asked } = gateway;
    assert.deepEqual(app.service(HttpServer).addresses(), [
      "http://127.0.0.1:8090",
    ]);
    for (
      const [path, url] of [
        ["/api/users", "http://users-service:8080/api/users"],
        ["/api/products", "http://products-service:8080/api/products"],
        ["/api/orders", "http://orders-service:8080/api/orders"],
        ["/health", `${fallback}/health`],
      ] as const
    ) {
      const answer = await app.request("GET", path, {
        headers: { authorization: "Bearer x", "x-other": "y" },
      });
      assert.equal(answer.status, 200, path);
      assert.equal(await answer.text(), url);
      const request = asked.at(-1);
      assert.equal(request?.headers.get("authorization"), "Bearer x");
      assert.equal(request?.headers.get("x-other"), null, "is not forwarded");
    }
  });
}

Deno.test("api-gateway-config.yaml serves only the methods that it states", async () => {
  await using gateway = await start("api-gateway-config.yaml");
  const { app } = gateway;
  const posted = await app.request("POST", "/api/users", { body: {} });
  assert.equal(posted.status, 200);
  assert.equal((await app.request("DELETE", "/api/users")).status, 405);
  assert.equal((await app.request("GET", "/api/invoices")).status, 404);
});
