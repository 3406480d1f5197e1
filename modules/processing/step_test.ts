import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { type ExecuteOptions, Executor } from "@engine/services/executor.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { startApplication, type TestOptions } from "@engine/testing.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import engine from "../statemachine/engine.ts";
import { failureOf } from "./_success.ts";
import step from "./step.ts";

/** An arbitrary time. */
const START_MS = 1_700_000_000_000;

type Params = Parameters<Executor["execute"]>[0];
type Code = (
  params: Params,
  options: ExecuteOptions & { attempt: number },
) => unknown;

const ORDER = {
  name: "order",
  initialState: "new",
  states: {
    new: {},
    paying: {},
    paid: { isFinal: true },
    declined: { isFinal: true, isError: true },
  },
  transitions: {
    pay: { fromState: "new", toState: "paying" },
    approved: { fromState: "paying", toState: "paid" },
    refused: { fromState: "paying", toState: "declined" },
  },
};

const BOTH = { successTransition: "approved", compensateTransition: "refused" };

/** An order whose payment runs `code`. */
async function start(
  code: Code,
  config: Readonly<Record<string, unknown>> = BOTH,
  options: Partial<TestOptions<SimulatedEffects>> = {},
) {
  let attempt = 0;
  const measured: unknown[] = [];
  const component = defineModule({
    type: "test.component",
    summary: "Run what the test says",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [Executor],
    examples: [],
    create: (_, { meter }) => ({
      start: () =>
        void meter.attach((name, labels, value) =>
          measured.push([name, labels, value])
        ),
      isolation: "none" as const,
      execute: async (params, options) =>
        await code(params, { ...options, attempt: ++attempt }) as never,
    }),
  });
  const app = await startApplication<SimulatedEffects>({
    document: {
      modules: [
        { name: "orders", type: "statemachine.engine" },
        { name: "payment", type: "test.component" },
        {
          name: "pay-step",
          type: "processing.step",
          config: { componentId: "payment", ...config },
        },
      ],
      workflows: {
        statemachine: {
          engine: "orders",
          definitions: [ORDER],
          hooks: [{ transitions: ["pay"], handler: "pay-step" }],
        },
      },
    },
    definitions: [engine, statemachine, step, component],
    ...options,
  });
  const machines = app.service(StateMachines);
  return Object.assign(app, {
    machines,
    measured,
    async pay(data = {}) {
      await machines.create("order", "o1", data);
      await machines.fire("o1", "pay");
      await app.effects.advance(0);
      await machines.idle();
      return await machines.get("o1");
    },
    problems: () =>
      app.events.filter(({ severity }) => severity !== undefined)
        .map(({ severity, message }) => `${severity} ${message}`),
  });
}

Deno.test("processing.step fires the success transition with the result", async () => {
  let seen: Params = {};
  let key = "";
  await using app = await start((params, options) => {
    seen = params;
    key = options.idempotencyKey;
    return { transaction: "t1" };
  });
  const order = await app.pay({ total: 12 });
  assert.equal(order?.state, "paid");
  assert.deepEqual(order?.data, { total: 12, transaction: "t1" });
  assert.deepEqual(seen, {
    total: 12,
    workflowId: "o1",
    transitionId: "pay",
    fromState: "new",
    toState: "paying",
  });
  assert.equal(key, "test/orders/o1/1/0");
});

Deno.test("processing.step compensates a payment that is declined, at once", async () => {
  let calls = 0;
  await using app = await start(() => {
    calls++;
    return { status: "declined", reason: "insufficient_funds" };
  });
  const order = await app.pay({ total: 12 });
  assert.equal(order?.state, "declined");
  assert.deepEqual(order?.data, {
    total: 12,
    status: "declined",
    reason: "insufficient_funds",
    error: "insufficient_funds",
  });
  assert.equal(order?.error, "insufficient_funds");
  assert.equal(calls, 1);
});

for (
  const [result, reason] of [
    [{ available: false, reason: "out_of_stock" }, "out_of_stock"],
    [{ success: false }, '"success" is false'],
    [{ ok: false, error: "no" }, "no"],
    [{ status: "FAILED" }, '"status" is "FAILED"'],
    [{ status: "Rejected" }, '"status" is "Rejected"'],
    [{ status: "error", message: "later" }, "later"],
    [{ status: "approved", available: true }, undefined],
    [{ success: "false", status: 500 }, undefined],
    [{ available: null }, undefined],
    ["declined", undefined],
    [null, undefined],
    [[{ success: false }], undefined],
  ] as const
) {
  Deno.test(`processing.step takes ${JSON.stringify(result)} as ${reason ?? "a success"}`, () => {
    assert.equal(failureOf(result, {}, undefined), reason);
  });
}

Deno.test("processing.step judges by successWhen where it is given", async () => {
  const config = {
    ...BOTH,
    successWhen: "result.score >= params.least && !has(result.error)",
  };
  for (
    const [score, state] of [[7, "paid"], [6, "declined"]] as const
  ) {
    // What the default would take as a failure does not count then.
    await using app = await start(() => ({ score, success: false }), config);
    const order = await app.pay({ least: 7 });
    assert.equal(order?.state, state);
  }
});

Deno.test("processing.step compensates where successWhen cannot be evaluated", async () => {
  for (
    const [successWhen, reason] of [
      ["result.missing > 1", /Cannot judge the result: .*No such key: missing/],
      ["result.score", /"result.score" is 3, expected true or false/],
    ] as const
  ) {
    let calls = 0;
    await using app = await start(() => {
      calls++;
      return { score: 3 };
    }, { ...BOTH, successWhen });
    const order = await app.pay();
    assert.equal(order?.state, "declined");
    assert.match(String(order?.data.error), reason);
    assert.equal(calls, 1);
  }
});

Deno.test("processing.step refuses a successWhen that is no expression", async () => {
  await assert.rejects(
    start(() => null, { ...BOTH, successWhen: "reslt.ok" }),
    /"successWhen" is not valid at 1:1: No variable is called "reslt"/,
  );
});

Deno.test("processing.step tries again after an error, later and later, then compensates", async () => {
  const atMs: number[] = [];
  const keys = new Set<string>();
  await using app = await start((_, { idempotencyKey }) => {
    atMs.push(app.effects.clock.elapsed());
    keys.add(idempotencyKey);
    throw new Error("no connection");
  }, { ...BOTH, maxRetries: 3, retryBackoffMs: 500 });
  const order = await app.pay();
  assert.equal(order?.state, "paying");
  await app.effects.advance(60_000);
  await app.machines.idle();
  assert.deepEqual(atMs, [0, 500, 1_500, 3_500]);
  assert.equal(keys.size, 1);
  const failed = await app.machines.get("o1");
  assert.deepEqual([failed?.state, failed?.data], [
    "declined",
    { error: "no connection" },
  ]);
});

Deno.test("processing.step does nothing more for an instance that has moved on", async () => {
  let calls = 0;
  await using app = await start(() => {
    calls++;
    throw new Error("no connection");
  });
  await app.pay();
  await app.machines.fire("o1", "refused");
  await app.effects.advance(60_000);
  await app.machines.idle();
  assert.equal(calls, 1);
  assert.equal((await app.machines.get("o1"))?.state, "declined");
  assert.ok(
    app.problems().some((text) => /no longer in "paying"/.test(text)),
    app.problems().join("\n"),
  );
});

Deno.test("processing.step counts its attempts across a restart", async () => {
  const store = memoryStore();
  const config = { ...BOTH, maxRetries: 2, retryBackoffMs: 1_000 };
  let calls = 0;
  const fail = () => {
    calls++;
    throw new Error("down");
  };
  {
    const effects = simulatedEffects({ startMs: START_MS });
    await using app = await start(fail, config, { store, effects });
    await app.pay();
    await app.effects.advance(1_000);
    await app.machines.idle();
    assert.equal(calls, 2);
  }
  // Two of three attempts are made; the third is due two seconds after the second.
  const effects = simulatedEffects({ startMs: START_MS + 1_000 });
  await using app = await start(fail, config, { store, effects });
  await app.effects.advance(1_999);
  await app.machines.idle();
  assert.equal(calls, 2);
  await app.effects.advance(1);
  await app.machines.idle();
  assert.equal(calls, 3);
  assert.equal((await app.machines.get("o1"))?.state, "declined");
});

Deno.test("processing.step does not retry what failed for good", async () => {
  let calls = 0;
  await using app = await start(() => {
    calls++;
    throw new TerminalError("card is stolen");
  });
  const order = await app.pay();
  assert.equal(order?.state, "declined");
  assert.equal(order?.data.error, "card is stolen");
  assert.equal(calls, 1);
});

Deno.test("processing.step waits as long as the error asks for", async () => {
  await using app = await start((_, { attempt }) => {
    if (attempt === 1) {
      throw new RetryableError("slow down", { retryAfterMs: 9_000 });
    }
    return {};
  });
  await app.pay();
  await app.effects.advance(8_999);
  assert.equal((await app.machines.get("o1"))?.state, "paying");
  await app.effects.advance(1);
  await app.machines.idle();
  assert.equal((await app.machines.get("o1"))?.state, "paid");
});

Deno.test("processing.step gives an attempt a time, and tells the code", async () => {
  let aborted = 0;
  await using app = await start((_, { signal }) => {
    signal.addEventListener("abort", () => aborted++);
    return new Promise(() => {});
  }, { ...BOTH, maxRetries: 1, retryBackoffMs: 100, timeoutSeconds: 5 });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "pay");
  await app.effects.advance(5_000);
  assert.equal(aborted, 1);
  await app.effects.advance(5_100);
  await app.machines.idle();
  assert.equal(aborted, 2);
  const order = await app.machines.get("o1");
  assert.equal(order?.state, "declined");
  assert.match(String(order?.data.error), /Cannot wait for "payment".*5 s/);
});

Deno.test("processing.step leaves an attempt alone that a stop cut short", async () => {
  const store = memoryStore();
  const app = await start(
    (_, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      ),
    { ...BOTH, maxRetries: 0 },
    { store },
  );
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "pay");
  await app.stop();
  // With no retries, an attempt that counted would have compensated.
  await using next = await start(() => ({}), BOTH, { store });
  await next.machines.idle();
  assert.equal((await next.machines.get("o1"))?.state, "paid");
});

Deno.test("processing.step merges the result where no transition follows", async () => {
  await using app = await start(() => ({ tags: ["vip"] }), {});
  const order = await app.pay();
  assert.equal(order?.state, "paying");
  assert.deepEqual(order?.data, { tags: ["vip"] });
});

Deno.test("processing.step makes a failure visible that nothing compensates", async () => {
  for (
    const code of [
      () => ({ status: "declined" }),
      () => {
        throw new TerminalError('"status" is "declined"');
      },
    ]
  ) {
    await using app = await start(code, { successTransition: "approved" });
    const order = await app.pay();
    assert.equal(order?.state, "paying");
    assert.deepEqual(app.problems(), [
      'error order "o1", after "pay": pay-step is given up: "status" is "declined"',
    ]);
  }
});

Deno.test("processing.step reads numbers that make no sense as the original did", async () => {
  const config = {
    ...BOTH,
    maxRetries: -1,
    retryBackoffMs: 0,
    timeoutSeconds: -5,
  };
  let calls = 0;
  await using app = await start(() => {
    calls++;
    throw new Error("down");
  }, config);
  await app.pay();
  await app.effects.advance(999);
  assert.equal(calls, 1);
  await app.effects.advance(60_000);
  assert.equal(calls, 3);
});

Deno.test("processing.step counts its operations and their time", async () => {
  await using app = await start(async (_, { attempt }) => {
    await app.effects.clock.sleep(2_000);
    if (attempt === 1) throw new Error("down");
    return {};
  });
  await app.machines.create("order", "o1", {});
  await app.machines.fire("o1", "pay");
  await app.effects.advance(60_000);
  const labels = { module: "pay-step", operation: "execute" };
  const time = { workflow_type: "pay-step", action: "processing_step" };
  assert.deepEqual(
    app.measured.filter((one) => JSON.stringify(one).includes("pay-step")),
    [
      ["module_operations_total", { ...labels, status: "failure" }, 1],
      ["workflow_duration_seconds", time, 2],
      ["module_operations_total", { ...labels, status: "success" }, 1],
      ["workflow_duration_seconds", time, 2],
    ],
  );
});
