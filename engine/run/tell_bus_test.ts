import assert from "node:assert/strict";
import eventbusModule from "../../modules/eventbus/modular.ts";
import trigger from "../../workflows/triggers/eventbus.ts";
import type { JsonObject } from "../define.ts";
import { TerminalError } from "../errors.ts";
import type { Message } from "../services/broker.ts";
import { EventBus } from "../services/event_bus.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { workSteps } from "../simulation/work_steps.ts";
import { memoryStore } from "../store/memory.ts";
import { startApplication } from "../testing.ts";
import type { Doing } from "./_application_test.ts";

interface Options {
  readonly document?: JsonObject;
  readonly does?: Doing;
  readonly effects?: ReturnType<typeof simulatedEffects>;
  readonly store?: ReturnType<typeof memoryStore>;
}

/** An application with an event bus, and a pipeline `p` of the steps. */
async function start(steps: readonly unknown[], options: Options = {}) {
  const { does = () => null, document = {}, ...world } = options;
  const app = await startApplication({
    document: {
      modules: [{ name: "bus", type: "eventbus.modular" }],
      pipelines: { p: { steps } },
      ...document,
    },
    definitions: [eventbusModule, trigger, ...workSteps(does)],
    ...world,
  });
  const got: Message[] = [];
  return {
    app,
    got,
    /** What was told: the topic without its beginning, and the payload. */
    told: () =>
      got.map(({ topic, payload }) => {
        const { timestamp: _, run: __, ...rest } = payload as JsonObject;
        return [topic.slice("workflow.p.".length), rest] as const;
      }),
    topics: () => got.map(({ topic }) => topic.slice("workflow.p.".length)),
    listen(pattern = "workflow.**") {
      app.service(EventBus).subscribe(pattern, (m) => void got.push(m));
    },
    async run(input: JsonObject = {}) {
      const result = await app.dispatch("p", "start", input);
      await app.effects.advance(10_000);
      return result;
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const WORK = [{ id: "a", use: "sim.work" }];

Deno.test("a run and its steps are told of on the event bus, once each", async () => {
  await using test = await start(WORK, { does: () => ({ n: 1 }) });
  test.listen();
  const { run } = await test.run({ id: 7 });
  const common = { workflowType: "p" };
  const step = {
    ...common,
    stepName: "a",
    connector: "sim.work",
    action: "run",
  };
  assert.deepEqual(test.told(), [
    ["started", {
      ...{ ...common, action: "run", status: "started", data: { id: 7 } },
    }],
    ["step.a.started", { ...step, status: "started", path: "a" }],
    ["step.a.completed", {
      ...{ ...step, status: "completed", path: "a", duration: 0 },
      results: { n: 1 },
    }],
    ["completed", {
      ...{ ...common, action: "run", status: "completed", duration: 0 },
      results: { n: 1 },
    }],
  ]);
  assert.ok(
    test.got.every(({ payload }) => (payload as JsonObject).run === run),
  );
});

Deno.test("a step that is tried again is told to begin once, and to fail in the end", async () => {
  await using test = await start([{
    ...{ id: "a", use: "sim.work", retry: { attempts: 2, backoff: "1s" } },
  }], {
    does: ({ attempt }) => {
      if (attempt === 2) throw new TerminalError("no use");
      throw new Error("broken");
    },
  });
  test.listen();
  await test.run();
  assert.deepEqual(test.topics(), [
    ...["started", "step.a.started", "step.a.failed", "failed"],
  ]);
  const [, , failed, end] = test.told();
  assert.equal(failed?.[1].error, "no use");
  assert.equal(end?.[1].error, "no use");
});

Deno.test("a start that is repeated is told of once", async () => {
  await using test = await start(WORK);
  test.listen("workflow.p.started");
  for (let n = 0; n < 2; n++) {
    await test.app.dispatch("p", "start", {}, { idempotencyKey: "k" });
  }
  await test.app.effects.advance(1_000);
  assert.deepEqual(test.topics(), ["started"]);
});

Deno.test("nothing is published of a run where nobody listens", async () => {
  await using test = await start(WORK);
  test.listen("other.**");
  await test.run();
  const published = test.app.events.filter(({ kind }) => kind === "message");
  assert.deepEqual([published, test.got], [[], []]);
});

Deno.test("a run that an event about a run has led to is not told of", async () => {
  const done: string[] = [];
  await using test = await start(WORK, {
    does: ({ runId }) => done.push(runId),
    document: {
      triggers: {
        eventbus: {
          subscriptions: [{ topic: "workflow.p.completed", pipeline: "p" }],
        },
      },
    },
  });
  test.listen("workflow.p.*");
  await test.run();
  await test.app.effects.advance(60_000);
  assert.deepEqual(test.topics(), ["started", "completed"]);
  assert.equal(new Set(done).size, 2);
});

Deno.test("a step that a restart begins again is told to begin again", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const subscriptions = [{ topic: "workflow.p.step.a.*", pipeline: "seen" }];
  const document = {
    triggers: { eventbus: { subscriptions } },
    pipelines: {
      p: { steps: WORK },
      seen: {
        input: { status: "string" },
        steps: [{ id: "s", use: "sim.work" }],
      },
    },
  };
  const seen: string[] = [];
  /** The step of `p` ends only in the second process. */
  const life = (isFirst: boolean): Options => ({
    ...{ effects, store, document },
    does: ({ signal, pipeline, runId }) => {
      if (pipeline === "seen") return seen.push(runId);
      if (!isFirst) return null;
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    },
  });
  const first = await start(WORK, life(true));
  await first.app.dispatch("p", "start");
  await effects.advance(1_000);
  assert.equal(seen.length, 1);
  const stopping = first.app.stop();
  await effects.advance(60_000);
  await stopping;
  await using _ = await start(WORK, life(false));
  await effects.advance(1_000);
  assert.equal(seen.length, 3, "it began again, and ended");
});
