import assert from "node:assert/strict";
import { checkMachine } from "./check.ts";
import type { MachineDefinition, TransitionDefinition } from "./definition.ts";

function machine(
  states: readonly string[],
  transitions: Record<string, Partial<TransitionDefinition> & { way: string }>,
  changes: Partial<MachineDefinition> = {},
): MachineDefinition {
  return {
    name: "order",
    initialState: states[0] ?? "",
    states: Object.fromEntries(
      states.map((state) => [state, { isFinal: false, isError: false }]),
    ),
    transitions: Object.fromEntries(
      Object.entries(transitions).map(([name, { way, ...rest }]) => {
        const [fromState = "", toState = ""] = way.split(">");
        return [name, { fromState, toState, autoTransform: false, ...rest }];
      }),
    ),
    ...changes,
  };
}

Deno.test("checkMachine() accepts a machine without contradictions", () => {
  const definition = machine(["new", "paid", "done"], {
    pay: { way: "new>paid", condition: "data.amount > 0 && input.by != ''" },
    finish: { way: "paid>done", autoTransform: true },
  });
  assert.deepEqual(checkMachine(definition), []);
});

Deno.test("checkMachine() names states that do not exist, with the nearest", () => {
  const definition = machine(["new", "paid"], {
    pay: { way: "nwe>paid" },
    refund: { way: "paid>refunded" },
    start: { way: "new>paid" },
  }, { initialState: "neww" });
  assert.deepEqual(checkMachine(definition), [
    {
      code: "invalid-machine",
      path: ["initialState"],
      message: 'No state is called "neww"',
      help: 'Did you mean "new"?',
    },
    {
      code: "invalid-machine",
      path: ["transitions", "pay", "fromState"],
      message: 'No state is called "nwe"',
      help: 'Did you mean "new"?',
    },
    {
      code: "invalid-machine",
      path: ["transitions", "refund", "toState"],
      message: 'No state is called "refunded"',
    },
  ]);
});

Deno.test("checkMachine() does not take inherited names for states", () => {
  const definition = machine(["new"], { go: { way: "new>constructor" } });
  assert.equal(
    checkMachine(definition)[0]?.message,
    'No state is called "constructor"',
  );
});

Deno.test("checkMachine() reports a machine without states once", () => {
  assert.deepEqual(
    checkMachine(machine([], {}, { initialState: "new" })).map(({ path }) =>
      path
    ),
    [["states"]],
  );
});

Deno.test("checkMachine() warns of states that cannot be reached", () => {
  const definition = machine(["new", "paid", "lost", "found"], {
    pay: { way: "new>paid" },
    find: { way: "lost>found" },
  });
  const issues = checkMachine(definition);
  assert.deepEqual(issues.map(({ path, severity }) => [path, severity]), [
    [["states", "lost"], "warning"],
    [["states", "found"], "warning"],
  ]);
});

Deno.test("checkMachine() places what is wrong with a condition", () => {
  const definition = machine(["new", "paid"], {
    pay: { way: "new>paid", condition: "data.amount > 1 &&\n  dat.paid" },
  });
  assert.deepEqual(checkMachine(definition), [{
    code: "invalid-expression",
    path: ["transitions", "pay", "condition"],
    message:
      'The condition of "pay" is not valid at 2:3: No variable is called "dat"',
    help: 'Did you mean "data"?',
  }]);
});

Deno.test("checkMachine() warns of automatic transitions that never rest", () => {
  const definition = machine(["new", "a", "b"], {
    start: { way: "new>a", autoTransform: true },
    there: { way: "a>b", autoTransform: true },
    back: { way: "b>a", autoTransform: true },
  });
  const issues = checkMachine(definition);
  assert.equal(issues.length, 1);
  assert.equal(issues[0]?.severity, "warning");
  assert.match(issues[0]?.message ?? "", /a → b → a$/);
});

Deno.test("checkMachine() warns of a state that leads to itself for ever", () => {
  const definition = machine(["new"], {
    again: { way: "new>new", autoTransform: true },
  });
  assert.match(checkMachine(definition)[0]?.message ?? "", /new → new$/);
});

Deno.test("checkMachine() accepts a circle that a condition may end", () => {
  const definition = machine(["a", "b", "c"], {
    leave: { way: "a>c", autoTransform: true, condition: "data.done == true" },
    there: { way: "a>b", autoTransform: true },
    back: { way: "b>a", autoTransform: true },
  });
  assert.deepEqual(checkMachine(definition), []);
});
