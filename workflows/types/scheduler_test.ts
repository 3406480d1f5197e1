import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule, type JsonObject } from "@engine/define.ts";
import { Executor } from "@engine/services/executor.ts";
import { JobRecords, type JobRun } from "@engine/services/job_records.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import type { Message } from "@engine/services/broker.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import cron from "../../modules/scheduler/cron.ts";
import scheduler from "./scheduler.ts";

const MINUTE_MS = 60_000;

/** Jobs of every kind, and what became of them. */
function jobs() {
  const messages: [string, Message][] = [];
  const calls: [string, JsonObject, string][] = [];
  const records: JobRun[] = [];
  const waits = new Map<string, Promise<void>>();
  const empty = z.strictObject({});
  const definitions = [
    defineModule({
      type: "test.taker",
      summary: "Takes messages",
      stability: "stable",
      config: empty,
      provides: [MessageHandler],
      examples: [],
      create: (_config, host) => ({
        async receive(message) {
          messages.push([host.name, message]);
          if (host.name === "broken") throw new Error("out of paper");
          await waits.get(host.name);
        },
      }),
    }),
    defineModule({
      type: "test.code",
      summary: "Runs code",
      stability: "stable",
      config: empty,
      provides: [Executor],
      examples: [],
      create: (_config, host) => ({
        isolation: "none" as const,
        execute(params, { idempotencyKey }) {
          calls.push([host.name, params, idempotencyKey]);
          if (params.fail === true) throw new Error("no");
          return Promise.resolve({});
        },
      }),
    }),
    defineModule({
      type: "test.records",
      summary: "Keeps how jobs went",
      stability: "stable",
      config: empty,
      provides: [JobRecords],
      examples: [],
      create: () => ({
        record(run) {
          records.push(run);
          return Promise.reject(new Error("full"));
        },
      }),
    }),
  ];
  return { messages, calls, records, waits, definitions };
}

const MODULES = [
  { name: "minutely", type: "scheduler.cron" },
  {
    name: "daily",
    type: "scheduler.cron",
    config: { cronExpression: "0 2 * * *", timeZone: "Europe/Berlin" },
  },
  { name: "taker", type: "test.taker" },
  { name: "broken", type: "test.taker" },
  { name: "code", type: "test.code" },
  { name: "records", type: "test.records" },
];

async function start(list: readonly unknown[]) {
  const made = jobs();
  const effects = simulatedEffects({ startMs: Date.UTC(2026, 0, 1) });
  const app = await startApplication({
    document: { modules: MODULES, workflows: { scheduler: { jobs: list } } },
    definitions: [cron, scheduler, ...made.definitions],
    effects,
  });
  return {
    ...made,
    app,
    effects,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

Deno.test("scheduler runs the jobs of a scheduler at its times, on its clock", async () => {
  await using it = await start([
    { scheduler: "minutely", job: "taker" },
    { scheduler: "daily", job: "code", config: { keep: 7 } },
  ]);
  await it.effects.advance(2 * MINUTE_MS);
  assert.deepEqual(
    it.messages.map(([name, { payload, topic }]) => [name, payload, topic]),
    Array(2).fill(["taker", {}, "scheduler.minutely"]),
  );
  assert.equal(it.calls.length, 0);
  await it.effects.advance(60 * MINUTE_MS);
  const due = Date.UTC(2026, 0, 1, 1);
  assert.deepEqual(it.calls, [[
    "code",
    { keep: 7, trigger_time: "2026-01-01T01:00:00.000Z" },
    `schedule/scheduler:daily/${due}/code`,
  ]]);
});

Deno.test("scheduler runs all jobs of a time side by side, whatever one comes to", async () => {
  await using it = await start([
    { scheduler: "minutely", job: "broken" },
    { scheduler: "minutely", job: "taker" },
    { scheduler: "minutely", job: "code" },
  ]);
  const release = Promise.withResolvers<void>();
  it.waits.set("taker", release.promise);
  await it.effects.advance(MINUTE_MS);
  assert.deepEqual(it.messages.map(([name]) => name), ["broken", "taker"]);
  assert.equal(it.calls.length, 1, "one that hangs keeps none of the others");
  release.resolve();
  await it.effects.advance(0);
  const message = 'Job "broken" of "minutely" failed: out of paper';
  const line = it.app.logs.find((line) => line.message === message);
  assert.equal(line?.level, "error");
  const { firings } = await it.app.application.schedules.get(
    "scheduler:minutely",
  );
  assert.deepEqual(firings.map(({ status, error }) => [status, error]), [
    ["failed", "1 of 3 jobs failed: broken: out of paper"],
  ]);
});

Deno.test("scheduler tells how each job went, even if nobody can write it down", async () => {
  await using it = await start([
    { scheduler: "minutely", job: "broken" },
    { scheduler: "minutely", job: "taker" },
  ]);
  await it.effects.advance(MINUTE_MS);
  assert.deepEqual(
    it.records.map(({ job, status, error }) => [job, status, error]),
    [
      ["broken", "failed", "out of paper"],
      ["taker", "success", undefined],
    ],
  );
  const notices = it.app.events
    .filter(({ kind, status }) => kind === "notice" && status !== undefined);
  assert.deepEqual(
    notices.map(({ module, severity }) => [module, severity]).slice(0, 2),
    [["broken", "error"], ["taker", "info"]],
  );
  assert.ok(
    it.app.logs.some(({ message }) =>
      message === '"records" cannot record job "taker": full'
    ),
  );
});

Deno.test("scheduler runs a single job by hand and says how it went", async () => {
  await using it = await start([
    { scheduler: "minutely", job: "taker" },
    { scheduler: "minutely", job: "broken" },
    { scheduler: "daily", job: "code", config: { keep: 7 } },
  ]);
  const run = (action: string, data?: JsonObject) =>
    it.app.dispatch("scheduler", action, data);
  assert.deepEqual(await run("minutely:taker", { a: 1 }), {
    success: true,
    job: "taker",
    handlerType: "messageHandler",
    payloadSize: 7,
  });
  assert.deepEqual(await run("broken"), {
    success: false,
    job: "broken",
    handlerType: "messageHandler",
    payloadSize: 2,
    error: "out of paper",
  });
  assert.deepEqual(await run("code", { params: { keep: 8 } }), {
    success: true,
    job: "code",
  });
  assert.deepEqual(await run("daily:code", { fail: true }), {
    success: false,
    job: "code",
    error: "no",
  });
  assert.deepEqual(it.calls.map(([, params]) => params), [
    { keep: 8 },
    { keep: 7, fail: true },
  ]);
  await assert.rejects(run("minutely"), /1 of 2 jobs failed/);
  for (const action of ["nobody", "daily:taker", "minutely:", ""]) {
    await assert.rejects(run(action), { code: "unknown-action" }, action);
  }
});

Deno.test("scheduler leaves out what nobody can run, and says so", async () => {
  await using it = await start([
    { scheduler: "yearly", job: "taker" },
    { scheduler: "minutely", job: "nobody" },
    { scheduler: "minutely", job: "taker", config: { deep: true } },
  ]);
  await it.effects.advance(MINUTE_MS);
  assert.equal(it.messages.length, 1);
  const said = it.app.logs.map(({ message }) => message).join("\n");
  assert.match(said, /no scheduler is "yearly"/);
  assert.match(said, /Nothing runs as job "nobody"/);
  assert.match(said, /"config" of job "taker" has no effect/);
});
