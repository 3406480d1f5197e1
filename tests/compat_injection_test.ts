/**
 * What the author of the document about injected dependencies meant: each part starts
 * after those that it names, what is not built is said, and the rest serves.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { definitions } from "../catalog.gen.ts";
import { startApplication } from "../engine/testing.ts";

const FILE = fileURLToPath(
  new URL("./compat/dependency-injection-example.yaml", import.meta.url),
);

Deno.test("what depends on others starts after them, stops before them, and the routes answer", async () => {
  const app = await startApplication({
    document: Deno.readTextFileSync(FILE),
    definitions,
  });
  const { modules } = app.application.plan;
  const at = (name: string) => modules.findIndex((one) => one.name === name);
  for (
    const [first, second] of [
      ["config-provider", "cache-service"],
      ["logger-service", "database-service"],
      ["cache-service", "user-service"],
      ["database-service", "product-service"],
      ["product-service", "order-service"],
      ["metrics-service", "http-server"],
      ["order-service", "order-http-handler"],
    ] as const
  ) {
    assert.ok(at(first) < at(second), `${first} before ${second}`);
  }
  for (const path of ["users", "products", "orders"]) {
    const response = await app.request("GET", `/api/${path}`);
    assert.equal(response.status, 200);
    await response.body?.cancel();
  }
  const inert = app.logs.filter(({ fields }) => fields.code === "inert-type");
  assert.equal(inert.length, 7);
  const unresolved = app.logs.filter(({ fields }) =>
    fields.code === "unresolved-reference"
  );
  assert.equal(unresolved.length, 3);
  await app.stop();
});
