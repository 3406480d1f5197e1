import assert from "node:assert/strict";
import { z } from "zod";
import eventbusModule from "../modules/eventbus/modular.ts";
import eventbusTrigger from "../workflows/triggers/eventbus.ts";
import { defineModule, defineWorkflowType, type JsonObject } from "./define.ts";
import { withLifecycleEvents } from "./lifecycle_events.ts";
import { Logger } from "./log.ts";
import type { Message } from "./services/broker.ts";
import { EventBus } from "./services/event_bus.ts";
import { simulatedEffects } from "./simulation/effects.ts";
import { startApplication } from "./testing.ts";

/** A workflow that takes 250 ms, fails on `fail`, and counts what it is asked. */
async function start(
  { modules = [{ name: "bus", type: "eventbus.modular" }], triggers = {} }: {
    readonly modules?: readonly { name: string; type: string }[];
    readonly triggers?: Readonly<Record<string, unknown>>;
  } = {},
) {
  const effects = simulatedEffects();
  const asked: string[] = [];
  const definition = defineWorkflowType({
    type: "test",
    summary: "Takes a while",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      async execute(action) {
        asked.push(action);
        await effects.clock.sleep(250);
        if (action === "fail") throw new Error("broken");
        return { done: action };
      },
    }),
  });
  const broken = defineModule({
    type: "test.bus",
    summary: "A bus that fails",
    stability: "stable",
    config: z.strictObject({}),
    provides: [EventBus],
    examples: [],
    create: () => ({
      isHeard: () => true,
      publish: () => Promise.reject(new Error("no bus")),
      subscribe: () => () => {},
    }),
  });
  const app = await startApplication({
    document: { modules, workflows: { test: {} }, triggers },
    definitions: [eventbusModule, eventbusTrigger, definition, broken],
    effects,
  });
  return {
    app,
    asked,
    async run(action: string, data: JsonObject = {}) {
      const result = app.dispatch("test", action, data);
      result.catch(() => {});
      await effects.advance(1_000);
      return await result;
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

function collect(bus: EventBus, pattern = "workflow.**"): Message[] {
  const got: Message[] = [];
  bus.subscribe(pattern, (message) => void got.push(message));
  return got;
}

Deno.test("a dispatched action is told of on the event bus", async () => {
  await using test = await start();
  const got = collect(test.app.service(EventBus));
  assert.deepEqual(await test.run("go", { id: 7 }), { done: "go" });
  const timestamp = "2023-11-14T22:13:20.000Z";
  const common = { workflowType: "test", action: "go" };
  assert.deepEqual(got.map(({ topic, payload }) => [topic, payload]), [
    ["workflow.test.started", {
      ...common,
      status: "started",
      timestamp,
      data: { id: 7 },
    }],
    ["workflow.test.completed", {
      ...common,
      status: "completed",
      timestamp: "2023-11-14T22:13:20.250Z",
      duration: 250_000_000,
      results: { done: "go" },
    }],
  ]);
});

Deno.test("an action that fails is told of, and fails as before", async () => {
  await using test = await start();
  const got = collect(test.app.service(EventBus), "workflow.test.failed");
  await assert.rejects(test.run("fail"), { message: "broken" });
  assert.deepEqual(got.map(({ payload }) => payload), [{
    workflowType: "test",
    action: "fail",
    status: "failed",
    timestamp: "2023-11-14T22:13:20.250Z",
    duration: 250_000_000,
    error: "broken",
  }]);
  await assert.rejects(test.app.dispatch("nothing", "go"), {
    code: "unknown-workflow",
  });
  assert.equal(got.length, 1, "what is no workflow has no events");
});

Deno.test("nothing is told without a bus, or where nobody listens", async () => {
  await using silent = await start();
  await silent.run("go");
  const published = silent.app.events.filter(({ kind }) => kind === "message");
  assert.deepEqual(published, []);
  await using none = await start({ modules: [] });
  assert.deepEqual(await none.run("go"), { done: "go" });
});

Deno.test("a bus that fails does not fail the work", async () => {
  await using test = await start({
    modules: [{ name: "bus", type: "test.bus" }],
  });
  assert.deepEqual(await test.run("go"), { done: "go" });
  assert.deepEqual(
    test.app.logs.filter(({ level }) => level === "warn")
      .map(({ message }) => message),
    [
      'Cannot tell of "workflow.test.started": no bus',
      'Cannot tell of "workflow.test.completed": no bus',
    ],
  );
});

Deno.test("an action that an event about an action leads to is not told of", async () => {
  await using test = await start({
    triggers: {
      eventbus: {
        subscriptions: [{
          topic: "workflow.*",
          workflow: "test",
          action: "again",
        }],
      },
    },
  });
  const got = collect(test.app.service(EventBus));
  await test.run("go");
  await test.app.effects.advance(60_000);
  assert.deepEqual(got.map(({ topic }) => topic), [
    "workflow.test.started",
    "workflow.test.completed",
  ]);
  assert.deepEqual(test.asked, ["go", "again", "again"]);
});

Deno.test("a slow subscriber does not hold up the work", async () => {
  await using test = await start();
  const { promise, resolve } = Promise.withResolvers<void>();
  test.app.service(EventBus).subscribe("workflow.**", () => promise);
  for (let n = 0; n < 30; n++) await test.run("go");
  assert.equal(test.asked.length, 30);
  resolve();
  await test.app.effects.advance(1);
});

Deno.test("withLifecycleEvents() tells of a step under the name of its workflow", async () => {
  await using test = await start();
  const bus = test.app.service(EventBus);
  const got = collect(bus);
  await withLifecycleEvents(
    {
      workflowType: "sync",
      action: "fetch",
      data: {},
      step: { name: "customers", connector: "crm" },
    },
    {
      application: "test",
      bus,
      effects: test.app.effects,
      log: new Logger(() => {}),
    },
    () => ({ count: 2 }),
  );
  await test.app.effects.advance(1);
  assert.deepEqual(got.map(({ topic }) => topic), [
    "workflow.sync.step.customers.started",
    "workflow.sync.step.customers.completed",
  ]);
  const { payload } = got[1]!;
  assert.equal((payload as JsonObject).stepName, "customers");
  assert.equal((payload as JsonObject).connector, "crm");
});
