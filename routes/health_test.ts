import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import { Engine } from "../engine/engine.ts";
import { systemEffects } from "../engine/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { Documents } from "../platform/documents.ts";
import { managementApp } from "./management.ts";

const TOKEN = "the-token-of-this-test";

const COUNTED = `modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - { name: hello, type: http.handler }
  - { name: stock, type: persistence.store }
  - { name: metrics, type: metrics.collector }
  - name: own
    type: dynamic.component
    config: { code: "export const execute = () => ({});" }
workflows:
  http:
    routes:
      - { method: GET, path: /hello, handler: hello }
`;

const PLAIN = `modules:
  - { name: events, type: messaging.broker }
`;

/** Asks a surface over an engine that ends with the test. */
async function surface(texts: Readonly<Record<string, string>>) {
  const effects = systemEffects();
  const store = memoryStore({ now: effects.clock.now });
  const engine = await Engine.boot({
    ...{ catalog, effects, store, keepsHistory: true },
    documents: Object.entries(texts).map(([file, text]) => ({ file, text })),
    log: () => {},
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const app = managementApp({
    ...{ engine, store, effects, token: TOKEN },
    documents: new Documents(engine, store, undefined),
    signal: new AbortController().signal,
    onError: () => {},
  });
  return {
    engine,
    // deno-lint-ignore no-explicit-any -- whatever comes
    async ask(path: string, status = 200): Promise<any> {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const answer = await app.request(path, { headers });
      assert.equal(answer.status, status, path);
      return await answer.json();
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

Deno.test("GET /api/health has the checks of modules and the hosts of components", async () => {
  await using it = await surface({ "a.yaml": COUNTED, "b.yaml": PLAIN });
  const { applications, hosts, process } = await it.ask("/api/health");
  assert.deepEqual(applications, [
    {
      id: "a",
      phase: "running",
      checks: [{
        ...{ module: "stock", name: "persistence.stock", status: "healthy" },
      }],
    },
    { id: "b", phase: "running", checks: [] },
  ]);
  assert.ok(hosts.length > 0);
  assert.equal(process.pid, Deno.pid);
});

Deno.test("GET /api/metrics has the counts of documents with a collector", async () => {
  await using it = await surface({ "a.yaml": COUNTED, "b.yaml": PLAIN });
  const answer = await fetch(`${it.engine.addresses()[0]}/hello`);
  await answer.body?.cancel();
  const { applications } = await it.ask("/api/metrics");
  assert.deepEqual(applications.map(({ id }: { id: string }) => id), ["a"]);
  const requests = applications[0].families.find(
    ({ name }: { name: string }) => name === "http_requests_total",
  );
  assert.equal(requests.kind, "counter");
  assert.equal(requests.samples[0].value, 1);
});

Deno.test("GET /api/metrics is empty where nothing is counted", async () => {
  await using it = await surface({ "b.yaml": PLAIN });
  assert.deepEqual((await it.ask("/api/metrics")).applications, []);
});

Deno.test("GET /api/metrics/history has what was measured without a collector", async () => {
  const text = COUNTED.replace(/.*metrics\.collector.*\n/, "");
  await using it = await surface({ "a.yaml": text, "b.yaml": PLAIN });
  const answer = await fetch(`${it.engine.addresses()[0]}/hello`);
  await answer.body?.cancel();
  const history = async (query: string) => {
    const { metrics } = await it.ask(`/api/metrics/history${query}`);
    return metrics.find(({ name }: { name: string }) =>
      name === "http_requests_total"
    );
  };
  const endMs = Date.now() + 15_000;
  while (await history("") === undefined) {
    assert.ok(Date.now() < endMs, "nothing is measured");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { help, unit, lines } = await history("?application=a&minutes=5");
  assert.equal(help, "HTTP requests that were answered");
  assert.equal(unit, "per second");
  assert.ok(lines[0].values.at(-1) > 0);
  assert.equal(await history("?application=b"), undefined);
});

Deno.test("GET /api/metrics/history refuses other times and unknown documents", async () => {
  await using it = await surface({ "b.yaml": PLAIN });
  await it.ask("/api/metrics/history?minutes=0", 400);
  await it.ask("/api/metrics/history?minutes=61", 400);
  await it.ask("/api/metrics/history?minutes=five", 400);
  await it.ask("/api/metrics/history?application=c", 404);
});
