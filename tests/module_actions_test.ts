/**
 * What steps of pipelines can ask modules to do: what they get, what is refused
 * when the document loads, and that a step which runs again does nothing twice.
 */
import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import type { JsonObject } from "../engine/define.ts";
import { ConfigError } from "../engine/errors.ts";
import { Actions } from "../engine/services/actions.ts";
import { Broker, type Message } from "../engine/services/broker.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import { startApplication } from "../engine/testing.ts";

const MODULES = [
  { name: "bus", type: "messaging.broker" },
  {
    name: "shape",
    type: "data.transformer",
    config: {
      operations: [{ type: "map", config: { mappings: { sum: "total" } } }],
      pipelines: {
        short: [{ type: "filter", config: { fields: ["id"] } }],
      },
    },
  },
  { name: "machines", type: "statemachine.engine" },
  { name: "store", type: "persistence.store" },
  { name: "patterns", type: "event.processor" },
];

const WORKFLOWS = {
  messaging: { broker: "bus" },
  statemachine: {
    engine: "machines",
    definitions: [{
      name: "order",
      initialState: "new",
      states: { new: {}, paid: { isFinal: true } },
      transitions: { pay: { fromState: "new", toState: "paid" } },
    }],
  },
  event: {
    processor: "patterns",
    patterns: [{
      patternId: "twice",
      eventTypes: ["order.paid"],
      windowTime: "5m",
      condition: "count",
      minOccurs: 2,
    }],
  },
};

const NEVER = new AbortController().signal;

type Step = Readonly<Record<string, unknown>>;

function start(steps: readonly Step[], strict = false) {
  return startApplication({
    document: {
      modules: MODULES,
      workflows: WORKFLOWS,
      pipelines: { p: { steps } },
    },
    definitions: [
      ...catalog.modules.values(),
      ...catalog.workflows.values(),
      ...catalog.steps.values(),
    ],
    strict,
  });
}

/** Runs the steps; the run's output, or why it failed. */
async function outcome(steps: readonly Step[], input: JsonObject = {}) {
  await using app = await start(steps);
  return await run(app, input);
}

async function run(
  app: Awaited<ReturnType<typeof start>>,
  input: JsonObject = {},
) {
  const running = app.dispatch("p", "start", input, { waitMs: 60_000 });
  await app.effects.advance(60_000);
  const { output, error } = await running;
  return error === undefined ? output : (error as JsonObject).message;
}

const step = (id: string, use: string, given: unknown): Step => ({
  ...{ id, use: `module:${use}`, with: given },
});

Deno.test("a step publishes with a broker, and says what led to it", async () => {
  await using app = await start([
    step("tell", "bus.publish", { topic: "order.paid", message: { n: 1 } }),
  ]);
  const got: Message[] = [];
  app.service(Broker).subscribe("**", (message) => void got.push(message));
  assert.deepEqual(await run(app), { topic: "order.paid" });
  assert.deepEqual(got.map(({ payload, via }) => [payload, via]), [
    [{ n: 1 }, ["pipeline:test/p"]],
  ]);
});

Deno.test("a step reshapes data with a transformer", async () => {
  const data = { id: 1, sum: 2 };
  assert.deepEqual(
    await outcome([step("a", "shape.transform", { data })]),
    { id: 1, total: 2 },
  );
  assert.deepEqual(
    await outcome([step("a", "shape.transform", { data, pipeline: "short" })]),
    { id: 1 },
  );
  assert.match(
    String(
      await outcome([step("a", "shape.transform", { data, pipeline: "x" })]),
    ),
    /"shape" has no pipeline "x"/,
  );
});

const FIRE = {
  ...{ id: "o1", transition: "pay", data: { n: 1 } },
  ...{ definition: "order", create: true },
};

Deno.test("a step fires a transition, once however often it runs", async () => {
  const paid = {
    ...{ id: "o1", definition: "order", state: "paid" },
    ...{ data: { n: 1 }, completed: true },
  };
  await using app = await start([
    step("fire", "machines.fire", FIRE),
    step("get", "machines.get", { id: "${{ steps.fire.output.id }}" }),
  ]);
  assert.deepEqual(await run(app), paid);
  const actions = app.service(Actions, "machines");
  const context = { signal: NEVER, idempotencyKey: "same" };
  for (let n = 0; n < 2; n++) {
    const again = await actions.act("fire", { ...FIRE, id: "o2" }, context);
    assert.deepEqual(again, { ...paid, id: "o2" });
  }
  const history = await app.service(StateMachines).history("o2");
  assert.equal(history.length, 2);
});

Deno.test("a step reads an instance that there is, and makes one it can name", async () => {
  assert.equal(
    await outcome([step("a", "machines.get", { id: "o1" })]),
    'No instance is called "o1"',
  );
  const { definition: _, ...unnamed } = FIRE;
  assert.match(
    String(await outcome([step("a", "machines.fire", unnamed)])),
    /does not say of which definition/,
  );
});

Deno.test("steps make, replace and read resources", async () => {
  const place = { type: "notes", id: "n1" };
  const write = (id: string, action: string, text: string) =>
    step(id, `store.${action}`, { ...place, data: { text } });
  const output = await outcome([
    write("make", "create", "a"),
    // A step that runs again after a crash finds what it has made.
    write("again", "create", "a"),
    write("change", "replace", "b"),
    step("read", "store.get", place),
  ]);
  assert.deepEqual((output as JsonObject).data, { text: "b" });
  assert.equal(
    await outcome([write("make", "create", "a"), write("b", "create", "b")]),
    'Cannot make "n1" of "notes": there is one with other data',
  );
  for (const action of ["replace", "get"]) {
    const given = action === "get" ? place : { ...place, data: {} };
    assert.equal(
      await outcome([step("a", `store.${action}`, given)]),
      '"notes" has no "n1"',
    );
  }
});

Deno.test("a step submits an event, which counts once however often it runs", async () => {
  const event = { eventType: "order.paid", correlationId: "c" };
  await using app = await start([
    step("one", "patterns.submit", event),
    step("two", "patterns.submit", event),
  ]);
  const actions = app.service(Actions, "patterns");
  const context = { signal: NEVER, idempotencyKey: "same" };
  for (let n = 0; n < 3; n++) {
    const result = await actions.act(
      "submit",
      { ...event, correlationId: "d" },
      {
        ...context,
      },
    );
    assert.deepEqual(result, { matches: [] });
  }
  const { matches } = await run(app) as { matches: JsonObject[] };
  const [{ id: _, ...match } = {}] = matches;
  assert.deepEqual(match, { patternId: "twice", key: "c", eventsCount: 2 });
});

Deno.test("what a step gives an action, and takes from it, is checked when the document loads", async () => {
  const refused = async (...steps: Step[]) => {
    try {
      await (await start(steps, true)).stop();
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.message;
    }
    return assert.fail(`It was not refused: ${JSON.stringify(steps)}`);
  };
  assert.match(
    await refused(step("a", "bus.publish", { message: 1 })),
    /needs "topic"/,
  );
  assert.match(
    await refused(step("a", "bus.publsh", { topic: "t" })),
    /which has no action "publsh"/,
  );
  assert.match(
    await refused(step("a", "machines.fire", { ...FIRE, transition: 7 })),
    /transition/,
  );
  assert.match(
    await refused(
      step("a", "store.get", { type: "notes", id: "n" }),
      step("b", "bus.publish", {
        ...{ topic: "${{ steps.a.output.txt }}", message: 1 },
      }),
    ),
    /txt/,
  );
});

Deno.test("what an expression gives an action is checked when the step runs, and is not tried again", async () => {
  await using app = await start([
    step("tell", "bus.publish", { topic: "${{ input.topic }}", message: 1 }),
  ]);
  const running = app.dispatch("p", "start", { topic: 7 }, { waitMs: 60_000 });
  await app.effects.advance(0);
  const { error } = await running;
  assert.match(
    String((error as JsonObject).message),
    /Cannot do bus\.publish: "with\.topic"/,
  );
});
