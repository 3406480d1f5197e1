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
    { name: "second", type: "persistence.store" },
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

Deno.test("persistence.store refuses a database that is none", async () => {
  const refused = async (config: Readonly<Record<string, unknown>>) => {
    await using _ = await startApplication({
      document: {
        modules: [{ name: "p", type: "persistence.store", config }],
      },
      definitions: [persistence],
    });
  };
  await assert.rejects(refused({ database: "db" }), /No module is called "db"/);
  await assert.rejects(refused({ connection: "a" }), /of a "database"/);
  const key = { id: "k1", key: "a text that nobody can guess" };
  await assert.rejects(
    refused({ encryption: { keys: [key, key] } }),
    /Two keys are called "k1"/,
  );
  await assert.rejects(refused({ encryption: { keys: [] } }));
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
