import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType, type JsonObject } from "@engine/define.ts";
import { ConfigError } from "@engine/errors.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import schedule from "./schedule.ts";

const MINUTE_MS = 60_000;

function work(asked: [string, JsonObject, string | undefined][]) {
  return defineWorkflowType({
    type: "work",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, data, _workflow, options) {
        asked.push([action, data, options?.source]);
        return Promise.resolve({});
      },
    }),
  });
}

function documentOf(jobs: readonly unknown[], more = {}) {
  return {
    workflows: { work: {} },
    triggers: { schedule: { jobs, ...more } },
  };
}

async function start(jobs: readonly unknown[], more = {}, strict = false) {
  const asked: [string, JsonObject, string | undefined][] = [];
  const app = await startApplication({
    document: documentOf(jobs, more),
    definitions: [schedule, work(asked)],
    effects: simulatedEffects({ startMs: Date.UTC(2026, 0, 1) }),
    strict,
  });
  const ids = async () =>
    (await app.application.schedules.list()).map(({ id }) => id);
  return { app, asked, ids, [Symbol.asyncDispose]: () => app.stop() };
}

const JOB = { cron: "* * * * *", workflow: "work", action: "do" };

Deno.test("schedule runs a workflow with the due time and its params", async () => {
  await using it = await start([{ ...JOB, params: { size: 2 } }]);
  await it.app.effects.advance(MINUTE_MS);
  assert.deepEqual(it.asked, [[
    "do",
    { trigger_time: "2026-01-01T00:01:00.000Z", size: 2 },
    "schedule trigger:work.do",
  ]]);
});

Deno.test("schedule knows intervals, moments and time zones", async () => {
  await using it = await start([
    { ...JOB, cron: undefined, action: "often", every: "20m" },
    { ...JOB, cron: undefined, action: "once", at: "2026-01-01T00:30:00Z" },
    { ...JOB, cron: "0 6 * * *", action: "far", timeZone: "Asia/Kathmandu" },
  ]);
  await it.app.effects.advance(50 * MINUTE_MS);
  assert.deepEqual(
    it.asked.map(([action, data]) => [action, data.trigger_time]),
    [
      // 06:00 in Kathmandu is 00:15 here.
      ["far", "2026-01-01T00:15:00.000Z"],
      ["often", "2026-01-01T00:20:00.000Z"],
      ["once", "2026-01-01T00:30:00.000Z"],
      ["often", "2026-01-01T00:40:00.000Z"],
    ],
  );
});

Deno.test("schedule names jobs so that their order does not matter", async () => {
  const jobs = [
    { ...JOB, id: "nightly" },
    JOB,
    { ...JOB, action: "other" },
    { ...JOB, action: "other", cron: "@daily", timeZone: "Europe/Berlin" },
    { ...JOB, action: "other", params: { n: 2 } },
  ];
  await using it = await start(jobs);
  const ids = await it.ids();
  assert.deepEqual(ids, [
    "trigger:nightly",
    "trigger:work.do",
    "trigger:work.other @ * * * * *",
    "trigger:work.other @ * * * * * #2",
    "trigger:work.other @ @daily Europe/Berlin",
  ]);
  const before = await it.app.application.schedules.list();
  await it.app.effects.advance(30_000);
  await it.app.reload(
    documentOf([jobs[3], jobs[2], jobs[1], jobs[4], jobs[0]]),
  );
  assert.deepEqual(await it.app.application.schedules.list(), before);
});

Deno.test("schedule forgets the jobs that a document drops, also at a restart", async () => {
  const first = await start([JOB, { ...JOB, id: "gone" }]);
  await first.app.stop();
  const asked: [string, JsonObject, string | undefined][] = [];
  await using app = await startApplication({
    document: documentOf([JOB]),
    definitions: [schedule, work(asked)],
    effects: first.app.effects,
    store: first.app.store,
  });
  const ids = (await app.application.schedules.list()).map(({ id }) => id);
  assert.deepEqual(ids, ["trigger:work.do"]);
});

Deno.test("schedule accepts the scheduler that older documents name, and says it is not needed", async () => {
  await using it = await start([JOB], { scheduler: "cron-scheduler" });
  const line = it.app.logs.find(({ fields }) => fields.code === "inert-key");
  assert.match(line?.message ?? "", /scheduler/);
});

Deno.test("schedule refuses a job at the place that is wrong", async () => {
  for (
    const [job, code, path] of [
      [{ ...JOB, cron: "61 * * * *" }, "invalid-value", "cron"],
      [{ ...JOB, timeZone: "Mars/X" }, "invalid-value", "timeZone"],
      [{ ...JOB, every: "1m" }, "invalid-value", "every"],
      [{ ...JOB, cron: undefined, every: "1ms" }, "invalid-value", "every"],
      [{ ...JOB, cron: undefined, at: "noon" }, "invalid-value", "at"],
      [
        { ...JOB, cron: undefined, every: "1m", timeZone: "UTC" },
        "invalid-value",
        "timeZone",
      ],
      [
        { ...JOB, params: { x: "x".repeat(20_000) } },
        "invalid-value",
        "params",
      ],
      [{ ...JOB, missed: "never" }, "invalid-value", "missed"],
      [{ workflow: "work", action: "do" }, "missing-key", ""],
      [{ cron: "@daily", action: "do" }, "missing-key", "workflow"],
      [{ cron: "@daily", workflow: "work" }, "missing-key", "action"],
    ] as const
  ) {
    await assert.rejects(start([job]), (error) => {
      assert.ok(error instanceof ConfigError);
      const dot = path === "" ? "" : `.${path}`;
      assert.deepEqual(
        error.problems.filter(({ severity }) => severity === "error")
          .map((problem) => [problem.code, problem.path]),
        [[code, `triggers.schedule.jobs[0]${dot}`]],
      );
      return true;
    });
  }
});

Deno.test("schedule refuses two jobs with one id, and a workflow that nobody knows if strict", async () => {
  const twin = { ...JOB, id: "twin" };
  await assert.rejects(
    start([twin, twin]),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ code }) => code === "duplicate-name"),
  );
  await assert.rejects(
    start([{ ...JOB, workflow: "wrok" }], {}, true),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ nearest }) => nearest === "work"),
  );
});
