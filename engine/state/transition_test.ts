import assert from "node:assert/strict";
import fc from "fast-check";
import { RefusedError } from "../errors.ts";
import type { MachineInstance } from "../services/state_machines.ts";
import type { MachineDefinition } from "./definition.ts";
import {
  accepted,
  automaticTransition,
  createInstance,
  decide,
} from "./transition.ts";

const STATE = { isFinal: false, isError: false };

const ORDER: MachineDefinition = {
  name: "order",
  initialState: "new",
  states: {
    new: STATE,
    paid: STATE,
    held: STATE,
    done: { isFinal: true, isError: false },
    failed: { isFinal: true, isError: true },
    retrying: { isFinal: false, isError: true },
  },
  transitions: {
    pay: {
      fromState: "new",
      toState: "paid",
      autoTransform: false,
      condition: "input.amount >= data.total",
    },
    hold: {
      fromState: "paid",
      toState: "held",
      autoTransform: true,
      condition: "data.risk > 5",
    },
    finish: { fromState: "paid", toState: "done", autoTransform: true },
    finishLater: { fromState: "paid", toState: "done", autoTransform: true },
    reopen: { fromState: "failed", toState: "retrying", autoTransform: false },
    fail: { fromState: "new", toState: "failed", autoTransform: false },
  },
};

function order(data = {}): MachineInstance {
  return createInstance(ORDER, "o1", { total: 10, ...data }, 1_000).instance;
}

Deno.test("createInstance() starts in the initial state with a line of history", () => {
  const { instance, entry } = createInstance(ORDER, "o1", { total: 1 }, 1_000);
  assert.deepEqual(instance, {
    id: "o1",
    definition: "order",
    state: "new",
    data: { total: 1 },
    createdAt: 1_000,
    updatedAt: 1_000,
    completed: false,
    sequence: 0,
  });
  assert.deepEqual(entry, {
    sequence: 0,
    transition: null,
    fromState: null,
    toState: "new",
    at: 1_000,
    data: { total: 1 },
  });
});

Deno.test("decide() merges the input and moves on by one", () => {
  const before = order();
  const { instance, entry } = accepted(
    decide(before, "pay", { amount: 12 }, ORDER, 2_000),
  );
  assert.deepEqual(instance, {
    id: "o1",
    definition: "order",
    state: "paid",
    previousState: "new",
    data: { total: 10, amount: 12 },
    createdAt: 1_000,
    updatedAt: 2_000,
    completed: false,
    sequence: 1,
  });
  assert.deepEqual(entry, {
    sequence: 1,
    transition: "pay",
    fromState: "new",
    toState: "paid",
    at: 2_000,
    data: { amount: 12 },
  });
  assert.deepEqual(before, order());
});

for (
  const [transition, state, code, message] of [
    [
      "fail",
      "paid",
      "wrong-state",
      'Cannot fire "fail" on "o1": it is in state "paid", and "fail" leads from "new"',
    ],
    [
      "teleport",
      "new",
      "unknown-transition",
      'Cannot fire "teleport" on "o1": "order" has no such transition',
    ],
    [
      "toString",
      "new",
      "unknown-transition",
      'Cannot fire "toString" on "o1": "order" has no such transition',
    ],
    [
      "pay",
      "new",
      "guard-refused",
      'Cannot fire "pay" on "o1": its condition "input.amount >= data.total" does not hold',
    ],
  ] as const
) {
  Deno.test(`decide() refuses "${transition}" in "${state}" as ${code}`, () => {
    const instance = { ...order(), state };
    assert.deepEqual(
      decide(instance, transition, { amount: 9 }, ORDER, 2_000),
      { kind: "refused", code, message },
    );
  });
}

Deno.test("decide() refuses where the condition fails, and says why", () => {
  const decision = decide(order(), "pay", {}, ORDER, 2_000);
  assert.equal(decision.kind, "refused");
  assert.match(
    decision.kind === "refused" ? decision.message : "",
    /No such key: amount/,
  );
});

Deno.test("accepted() throws what was refused", () => {
  assert.throws(
    () => accepted(decide(order(), "finish", {}, ORDER, 0)),
    (error) => error instanceof RefusedError && error.code === "wrong-state",
  );
});

Deno.test("decide() completes in a final state and says what went wrong", () => {
  const plain = accepted(decide(order(), "fail", {}, ORDER, 0)).instance;
  assert.equal(plain.completed, true);
  assert.equal(plain.error, 'It reached the error state "failed"');
  const told =
    accepted(decide(order(), "fail", { error: "no stock" }, ORDER, 0)).instance;
  assert.equal(told.error, "no stock");
});

Deno.test("decide() may lead out of a final state, which clears the error", () => {
  const failed = accepted(decide(order(), "fail", {}, ORDER, 0)).instance;
  const { instance } = accepted(decide(failed, "reopen", {}, ORDER, 0));
  assert.equal(instance.completed, false);
  // A state that is an error and not final is a state like any other.
  assert.equal("error" in instance, false);
});

Deno.test("automaticTransition() takes the first in the file whose condition holds", () => {
  const paid = { ...order(), state: "paid" };
  assert.equal(
    automaticTransition({ ...paid, data: { risk: 9 } }, ORDER),
    "hold",
  );
  assert.equal(
    automaticTransition({ ...paid, data: { risk: 1 } }, ORDER),
    "finish",
  );
  assert.equal(automaticTransition(paid, ORDER), "finish");
  assert.equal(automaticTransition(order(), ORDER), undefined);
});

Deno.test("automaticTransition() leaves a completed instance alone", () => {
  const done = { ...order(), state: "paid", completed: true };
  assert.equal(automaticTransition(done, ORDER), undefined);
});

Deno.test("decide() never leaves the states of its definition", () => {
  const transition = fc.constantFrom(
    ...Object.keys(ORDER.transitions),
    "nonsense",
  );
  const input = fc.record({
    amount: fc.integer(),
    risk: fc.integer({ max: 10 }),
  }, {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(transition, input), { maxLength: 20 }),
      (wishes) => {
        let instance = order();
        for (const [name, data] of wishes) {
          const decision = decide(instance, name, data, ORDER, 0);
          if (decision.kind === "refused") continue;
          assert.equal(decision.instance.sequence, instance.sequence + 1);
          assert.equal(decision.entry.fromState, instance.state);
          assert.equal(decision.entry.toState, decision.instance.state);
          instance = decision.instance;
        }
        assert.ok(Object.hasOwn(ORDER.states, instance.state));
        assert.equal(instance.completed, ORDER.states[instance.state]?.isFinal);
      },
    ),
  );
});
