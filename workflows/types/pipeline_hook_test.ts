import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { startApplication } from "@engine/testing.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { workSteps } from "../../engine/simulation/work_steps.ts";
import engine from "../../modules/statemachine/engine.ts";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import transition from "../steps/statemachine/transition.ts";
import set from "../steps/set.ts";
import statemachine from "./statemachine.ts";

const ORDER = {
  name: "order",
  initialState: "new",
  states: { new: {}, paying: {}, paid: { isFinal: true } },
  transitions: {
    pay: { fromState: "new", toState: "paying" },
    paid: { fromState: "paying", toState: "paid" },
  },
};

const TAKE_PAYMENT = {
  input: { workflowId: "string", total: "number", transitionId: "string" },
  steps: [
    { id: "charge", use: "sim.work" },
    {
      id: "move",
      use: "statemachine.transition",
      with: {
        definition: "order",
        id: "${{ input.workflowId }}",
        transition: "paid",
        data: { charged: "${{ input.total }}" },
      },
    },
  ],
};

function documentOf(hook: unknown, pipelines: unknown) {
  return {
    modules: [{ name: "orders", type: "statemachine.engine" }],
    workflows: { statemachine: { definitions: [ORDER], hooks: [hook] } },
    pipelines,
  };
}

const HOOK = { transitions: ["pay"], pipeline: "take-payment" };
const DOCUMENT = documentOf(HOOK, { "take-payment": TAKE_PAYMENT });

/** Each run that has come to its first step. */
function definitionsWith(charged: Set<string>) {
  return [
    ...[engine, statemachine, transition, set],
    ...workSteps(({ runId }) => charged.add(runId).size),
  ];
}

Deno.test("a hook begins a pipeline with the data of the instance, which moves it on", async () => {
  const charged = new Set<string>();
  await using app = await startApplication({
    document: DOCUMENT,
    definitions: definitionsWith(charged),
  });
  await app.dispatch("order", "pay", { id: "o1", total: 12 });
  await app.effects.advance(1_000);
  const order = await app.service(StateMachines).get("o1");
  assert.deepEqual([order?.state, order?.data.charged], ["paid", 12]);
  const [id = ""] = charged;
  const view = await app.application.runs.get(id);
  assert.equal(view?.summary.source, "transition order.pay");
  assert.equal(view?.summary.idempotencyKey, "test/orders/o1/1/0");
  const [accepted] = view?.entries ?? [];
  assert.deepEqual(accepted?.kind === "accepted" && accepted.input, {
    ...{ workflowId: "o1", total: 12, transitionId: "pay" },
  });
});

Deno.test("a pipeline that refuses what a hook gives it is given up, and told", async () => {
  const charged = new Set<string>();
  await using app = await startApplication({
    document: DOCUMENT,
    definitions: definitionsWith(charged),
  });
  await app.dispatch("order", "pay", { id: "o1", total: "twelve" });
  await app.effects.advance(600_000);
  assert.equal(charged.size, 0);
  const errors = app.logs.filter(({ level }) => level === "error");
  assert.deepEqual(errors.map(({ message }) => message), [
    'order "o1", after "pay": pipeline:take-payment is given up: Cannot start ' +
    '"take-payment": "total" is not a number',
  ]);
});

Deno.test("a hook names a handler or a pipeline, and a pipeline that there is", async () => {
  const refused = async (hook: unknown, strict = false) => {
    const document = documentOf(hook, { "take-payment": TAKE_PAYMENT });
    const definitions = definitionsWith(new Set());
    try {
      await (await startApplication({ document, definitions, strict })).stop();
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
    return assert.fail("It was not refused");
  };
  assert.match(
    await refused({ transitions: ["pay"] }),
    /The hook needs "handler", or "pipeline" in its place/,
  );
  assert.match(
    await refused({ ...HOOK, handler: "orders" }),
    /"pipeline" is not valid beside "handler"/,
  );
  assert.match(
    await refused({ ...HOOK, pipeline: "take-payments" }, true),
    /No pipeline is called "take-payments"/,
  );
});

/** Pays one order, with a process anew for each that dies; counts the commits. */
async function pay(
  faultAt: (commit: number) => (typeof FAULTS)[string] | undefined,
): Promise<{ readonly commits: number; readonly charged: Set<string> }> {
  const disk = memoryStore();
  const charged = new Set<string>();
  let commits = 0;
  for (let seed = 1;; seed++) {
    const faulty = faultyStore(disk, (n) => faultAt(commits + n));
    const outcome = await Promise.race([
      live(faulty.store, seed, charged),
      faulty.died.then(() => "died" as const),
    ]);
    commits += faulty.commits();
    if (outcome === "paid") return { commits, charged };
  }
}

async function live(
  store: ReturnType<typeof memoryStore>,
  seed: number,
  charged: Set<string>,
): Promise<"paid" | "again"> {
  let app;
  try {
    app = await startApplication({
      document: DOCUMENT,
      definitions: definitionsWith(charged),
      effects: simulatedEffects({ seed }),
      store,
    });
  } catch (error) {
    assert.match(String(error), /The line to the store broke/);
    return "again";
  }
  const machines = app.service(StateMachines);
  for (let tries = 0;; tries++) {
    assert.ok(tries < 50, "the order is never paid");
    const order = await machines.get("o1");
    if (order?.state === "paid") break;
    if (order === undefined) {
      await app.dispatch("order", "pay", { id: "o1", total: 12 })
        .catch((error) => assert.match(String(error), /store broke/));
    }
    await app.effects.advance(1_000);
  }
  await app.stop();
  return "paid";
}

for (const [name, fault] of Object.entries(FAULTS)) {
  Deno.test(`one transition begins one run if the process ${name} any commit`, async () => {
    for (let at = 1;; at++) {
      const { commits, charged } = await pay((n) =>
        n === at ? fault : undefined
      );
      assert.equal(charged.size, 1, `Fault at commit ${at}`);
      if (commits < at) break;
    }
  });
}
