import assert from "node:assert/strict";
import { JobRecords, type JobRun } from "@engine/services/job_records.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { startApplication } from "@engine/testing.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import http from "../../workflows/types/http.ts";
import jobStore, { PAYLOAD_CHARACTERS_KEPT } from "./store.ts";
import { RECORDS_OVER_MAX } from "./_run_records.ts";

function documentOf(config: Readonly<Record<string, unknown>>) {
  return {
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      { name: "jobs", type: "job.store", config },
    ],
    workflows: {
      http: {
        routes: ["GET", "POST"].map((method) => ({
          method,
          path: "/jobs",
          handler: "jobs",
        })),
      },
    },
  };
}

function start(
  config: Readonly<Record<string, unknown>>,
  more: Partial<Parameters<typeof startApplication>[0]> = {},
) {
  return startApplication({
    document: documentOf(config),
    definitions: [server, router, http, jobStore],
    ...more,
  });
}

function run(job: string, error?: string): JobRun {
  return {
    scheduler: "hourly",
    job,
    at: 5,
    durationMs: 1,
    status: error === undefined ? "success" : "failed",
    ...(error === undefined ? {} : { error }),
    idempotencyKey: `key/${job}`,
  };
}

async function shown(
  app: Awaited<ReturnType<typeof start>>,
  query = "",
): Promise<Record<string, unknown>[]> {
  return await (await app.request("GET", `/jobs${query}`)).json();
}

for (
  const [storeType, survives] of [["durable", true], ["memory", false]] as const
) {
  Deno.test(`job.store with storeType: ${storeType} ${survives ? "keeps" : "loses"} its records over a restart`, async () => {
    const first = await start({ storeType });
    await first.service(JobRecords).record(run("a"));
    await first.service(JobRecords).record(run("b", "broken"));
    assert.deepEqual(await shown(first), [run("b", "broken"), run("a")]);
    await first.stop();
    const { effects, store } = first;
    await using second = await start({ storeType }, { effects, store });
    assert.equal((await shown(second)).length, survives ? 2 : 0);
  });

  Deno.test(`job.store with storeType: ${storeType} keeps the newest, up to its bound`, async () => {
    await using app = await start({ storeType, recordsMax: 3 });
    for (let count = 0; count < RECORDS_OVER_MAX + 10; count++) {
      await app.service(JobRecords).record(run(`job-${count}`));
    }
    const jobs = (await shown(app)).map(({ job }) => job);
    const last = RECORDS_OVER_MAX + 9;
    assert.deepEqual(jobs, [last, last - 1, last - 2].map((n) => `job-${n}`));
    const stored = await Array.fromAsync(
      app.store.list({ prefix: ["app", "test", "job-record"] }),
    );
    assert.ok(stored.length <= 3 + RECORDS_OVER_MAX);
  });
}

Deno.test("job.store keeps what topics tell, the start of it where it is long", async () => {
  await using app = await start({});
  const handler = app.service(MessageHandler, "jobs");
  const message = { id: "m", topic: "job-events", publishedAt: 7, attempt: 1 };
  await handler.receive({ ...message, payload: { job: "a" } });
  await handler.receive({ ...message, payload: "x".repeat(5_000) });
  const [long, short] = await shown(app);
  assert.deepEqual(short, {
    topic: "job-events",
    message: "m",
    at: 7,
    payload: { job: "a" },
  });
  assert.equal(String(long?.payload).length, PAYLOAD_CHARACTERS_KEPT + 1);
});

Deno.test("job.store shows as many as it is asked for, and refuses the rest", async () => {
  await using app = await start({});
  for (const job of ["a", "b", "c"]) {
    await app.service(JobRecords).record(run(job));
  }
  assert.deepEqual((await shown(app, "?limit=2")).map(({ job }) => job), [
    "c",
    "b",
  ]);
  for (const limit of ["0", "-1", "x", "1000000", ""]) {
    const response = await app.request("GET", `/jobs?limit=${limit}`);
    assert.equal(response.status, 400, limit);
  }
  assert.equal((await app.request("POST", "/jobs")).status, 405);
});
