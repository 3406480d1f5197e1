import assert from "node:assert/strict";
import type { Host } from "@engine/define.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { Persistence } from "@engine/services/persistence.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { startApplication } from "@engine/testing.ts";
import persistence from "./store.ts";

const DOCUMENT = {
  modules: [
    { name: "persistence", type: "persistence.store" },
    { name: "second", type: "persistence.store", config: { database: "db" } },
  ],
};

Deno.test("persistence.store keeps resources across a restart", async () => {
  const store = memoryStore();
  const definitions = [persistence];
  {
    await using app = await startApplication({
      document: DOCUMENT,
      definitions,
      store,
    });
    await app.service(Persistence).collection("notes").create("n1", { x: 1 });
  }
  await using app = await startApplication({
    document: DOCUMENT,
    definitions,
    store,
  });
  const notes = app.service(Persistence, "second").collection("notes");
  assert.deepEqual((await notes.get("n1"))?.data, { x: 1 });
});

Deno.test("persistence.store accepts the database of older documents", async () => {
  await using app = await startApplication({
    document: DOCUMENT,
    definitions: [persistence],
  });
  const reporter = app.service(HealthReporter, "second");
  assert.equal(reporter.healthName, "persistence.second");
  await assert.rejects(
    startApplication({
      document: DOCUMENT,
      definitions: [persistence],
      strict: true,
    }),
    /database/,
  );
});

Deno.test("persistence.store is healthy while its store can be read", async () => {
  await using app = await startApplication({
    document: DOCUMENT,
    definitions: [persistence],
  });
  const reporter = app.service(HealthReporter);
  assert.equal(reporter.healthName, "persistence.persistence");
  assert.deepEqual(await reporter.health(), { status: "healthy" });
});

Deno.test("persistence.store is degraded when its store cannot be read", async () => {
  const store = memoryStore();
  const host = {
    store,
    effects: simulatedEffects(),
    name: "p",
  } as unknown as Host;
  const instance = persistence.create({}, host) as unknown as HealthReporter;
  await store.close();
  const { status, message } = await instance.health();
  assert.equal(status, "degraded");
  assert.equal(typeof message, "string");
});
