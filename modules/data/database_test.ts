import assert from "node:assert/strict";
import { Actions } from "@engine/services/actions.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { startApplication } from "@engine/testing.ts";
import workflow from "../database/workflow.ts";
import database from "./database.ts";

async function outcome(connectionString: string) {
  await using app = await startApplication({
    document: {
      modules: [
        { name: "db", type: "data.database", config: { connectionString } },
      ],
    },
    definitions: [database, workflow],
  });
  const { status } = await app.service(HealthReporter).health();
  if (status !== "healthy") return status;
  return await app.service(Actions).act(
    "query",
    { sql: "select $1 as n", args: [1] },
    { signal: new AbortController().signal, idempotencyKey: "a" },
  );
}

Deno.test("data.database finds its driver in the connection string", async () => {
  const one = { columns: ["n"], rows: [{ n: 1 }], count: 1 };
  assert.deepEqual(await outcome("sqlite::memory:"), one);
  assert.deepEqual(await outcome(":memory:"), one);
  assert.equal(await outcome("postgres://localhost:1/appdb"), "degraded");
});

Deno.test("data.database refuses what is neither", async () => {
  await assert.rejects(
    outcome("Server=here;Password=hidden"),
    (error) => !String(error).includes("hidden"),
  );
});
