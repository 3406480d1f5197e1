import assert from "node:assert/strict";
import { ConfigError, RetryableError } from "@engine/errors.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import broker from "../messaging/broker.ts";
import { Workers } from "./_workers.ts";
import modular from "./modular.ts";

const MINUTE_MS = 60_000;
const EVENTS = { name: "events", type: "messaging.broker" };

async function start(
  config: Readonly<Record<string, unknown>>,
  more: readonly unknown[] = [EVENTS],
) {
  const app = await startApplication({
    document: {
      modules: [...more, { name: "clock", type: "scheduler.modular", config }],
    },
    definitions: [broker, modular],
    effects: simulatedEffects({ startMs: Date.UTC(2026, 0, 1) }),
  });
  const heard: Message[] = [];
  if (more.length > 0) {
    app.service(Broker).subscribe("job.*", (it) => void heard.push(it));
  }
  return { app, heard, [Symbol.asyncDispose]: () => app.stop() };
}

Deno.test("scheduler.modular emits an event for each run of a job that is on", async () => {
  await using it = await start({
    jobs: [
      {
        name: "often",
        schedule: "*/2 * * * *",
        command: "clean",
        params: { deep: true },
      },
      { name: "never", schedule: "* * * * *", enabled: false },
    ],
  });
  await it.app.effects.advance(5 * MINUTE_MS);
  assert.deepEqual(it.heard.map(({ topic, payload }) => [topic, payload]), [
    ["job.often", {
      job: "often",
      command: "clean",
      trigger_time: "2026-01-01T00:02:00.000Z",
      deep: true,
    }],
    ["job.often", {
      job: "often",
      command: "clean",
      trigger_time: "2026-01-01T00:04:00.000Z",
      deep: true,
    }],
  ]);
  const { firings, workflow, action } = await it.app.application.schedules.get(
    "module:clock.often",
  );
  assert.deepEqual(firings.map(({ status }) => status), ["success", "success"]);
  assert.deepEqual([workflow, action], ["module:clock", "often"]);
});

Deno.test("scheduler.modular makes up for what it missed, by its policy", async () => {
  const jobs = [
    { name: "once", schedule: "* * * * *" },
    { name: "all", schedule: "* * * * *", missed: "all" },
  ];
  const first = await start({ jobs });
  await first.app.stop();
  await first.app.effects.advance(3.5 * MINUTE_MS);
  const again = await startApplication({
    document: {
      modules: [EVENTS, {
        name: "clock",
        type: "scheduler.modular",
        config: { jobs },
      }],
    },
    definitions: [broker, modular],
    effects: first.app.effects,
    store: first.app.store,
  });
  await again.effects.advance(1_000);
  const count = async (name: string) =>
    (await again.application.schedules.get(`module:clock.${name}`)).firings
      .filter(({ status }) => status === "success").length;
  assert.equal(await count("once"), 1);
  assert.equal(await count("all"), 3);
  await again.stop();
});

Deno.test("scheduler.modular says that it has no broker, and goes on", async () => {
  await using it = await start(
    { jobs: [{ name: "lost", schedule: "* * * * *" }] },
    [],
  );
  await it.app.effects.advance(2 * MINUTE_MS);
  const { firings } = await it.app.application.schedules.get(
    "module:clock.lost",
  );
  assert.equal(firings.length, 2);
  assert.match(firings[0]?.error ?? "", /the document has no broker/);
});

Deno.test("scheduler.modular refuses jobs that share a name or never come", async () => {
  const job = { name: "a", schedule: "* * * * *" };
  for (
    const [jobs, path] of [
      [[job, job], "modules[1].config.jobs[1].name"],
      [
        [{ ...job, schedule: "61 * * * *" }],
        "modules[1].config.jobs[0].schedule",
      ],
      [[{ ...job, timeZone: "Mars/X" }], "modules[1].config.jobs[0].timeZone"],
      [[{ ...job, name: "a.b" }], "modules[1].config.jobs[0].name"],
    ] as const
  ) {
    await assert.rejects(start({ jobs }), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems.map((problem) => problem.path), [path]);
      return true;
    });
  }
});

Deno.test("Workers run so many at a time, queue so many, and refuse the rest", async () => {
  const workers = new Workers(2, 1);
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const run = (index: number) =>
    workers.run(async () => {
      begun.push(index);
      await gates[index]?.promise;
    });
  const runs = [run(0), run(1), run(2)];
  await assert.rejects(run(3), RetryableError);
  assert.deepEqual(begun, [0, 1]);
  gates[1]?.resolve();
  await runs[1];
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1, 2]);
  gates.forEach(({ resolve }) => resolve());
  await Promise.all(runs);
  await run(3);
  assert.deepEqual(begun, [0, 1, 2, 3]);
});
