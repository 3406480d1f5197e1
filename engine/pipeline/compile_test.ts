import assert from "node:assert/strict";
import { loadPipelines } from "../run/_compiled_test.ts";

type Step = Record<string, unknown>;

const work = (id: string, more: Step = {}): Step => ({
  ...{ id, use: "sim.work" },
  ...more,
});
const set = (id: string, value: unknown): Step => ({
  ...{ id, use: "sim.set", with: { value } },
});

/** The problems of one pipeline, each with the text of the line where it is. */
function problemsOf(steps: unknown, head: Step = {}) {
  const pipelines = { refund: { steps: [work("a")] }, p: { ...head, steps } };
  const lines = JSON.stringify({ pipelines }, null, 2).split("\n");
  return loadPipelines(pipelines).problems.map((problem) => ({
    ...problem,
    at: (lines[(problem.line ?? 0) - 1] ?? "").slice((problem.column ?? 0) - 1),
  }));
}

interface Case {
  readonly what: string;
  readonly steps: unknown;
  readonly head?: Step;
  readonly message: RegExp;
  /** What stands at the line and column of the problem. */
  readonly at: RegExp;
  readonly nearest?: string;
}

const CASES: readonly Case[] = [
  {
    what: "a type of step that does not exist",
    steps: [{ id: "a", use: "sim.wrok" }],
    message: /No type of step is called "sim.wrok"/,
    at: /^"sim.wrok"/,
    nearest: "sim.work",
  },
  {
    what: "a kind of target that does not exist",
    steps: [{ id: "a", use: "modul:x.y" }],
    message: /"modul:x.y" says nothing that a step can do/,
    at: /^"modul:x.y"/,
  },
  {
    what: "a pipeline that does not exist",
    steps: [{ id: "a", use: "pipeline:refnud" }],
    message: /No pipeline is called "refnud"/,
    at: /^"pipeline:refnud"/,
    nearest: "refund",
  },
  {
    what: "a field of an output that does not exist",
    steps: [
      { id: "ask", wait: { approval: {} } },
      set("b", "${{ steps.ask.output.aproved }}"),
    ],
    message: /No field is called "aproved"/,
    at: /^aproved }}/,
    nearest: "approved",
  },
  {
    what: "a part of a step that does not exist",
    steps: [work("a"), set("b", "${{ steps.a.ouptut }}")],
    message: /No field is called "ouptut"/,
    at: /^ouptut }}/,
    nearest: "output",
  },
  {
    what: "a field of the input that does not exist",
    head: { input: { name: "string" } },
    steps: [set("a", "${{ input.nmae }}")],
    message: /No field is called "nmae"/,
    at: /^nmae }}/,
    nearest: "name",
  },
  {
    what: "a step that comes later",
    steps: [set("a", "${{ steps.later.output }}"), work("later")],
    message: /No field is called "later"/,
    at: /^later.output/,
  },
  {
    what: "a step of an inner block",
    steps: [
      { id: "e", forEach: [1], steps: [work("inner")] },
      set("b", "${{ steps.inner.output }}"),
    ],
    message: /No field is called "inner"/,
    at: /^inner.output/,
  },
  {
    what: "the error where nothing has failed",
    steps: [set("a", "${{ error.message }}")],
    message: /No variable is called "error"/,
    at: /^error.message/,
  },
  {
    what: "an id that is taken, in whichever block",
    steps: [work("a"), { id: "p", parallel: { b: [work("a")] } }],
    message: /The step id "a" is taken at line \d+/,
    at: /^"a"/,
  },
  {
    what: "a step of two kinds",
    steps: [work("a", { wait: { for: "5s" } })],
    message: /is of several kinds: use, wait/,
    at: /^{/,
  },
  {
    what: "a step of no kind",
    steps: [{ id: "a" }],
    message: /says nothing to do/,
    at: /^{/,
  },
  {
    what: "a key that belongs to another kind of step",
    steps: [{ id: "a", wait: { for: "5s" }, retry: { attempts: 2 } }],
    message: /"retry" has no effect in a step with "wait"/,
    at: /^{/,
  },
  {
    what: "a retry of a step that is a pipeline",
    steps: [{ id: "a", use: "pipeline:refund", retry: { attempts: 2 } }],
    message: /"retry" has no effect in a step that is a pipeline/,
    at: /^{/,
  },
  {
    what: "a retry of a compensation that is a pipeline",
    steps: [
      work("a", {
        compensate: { use: "pipeline:refund", retry: { attempts: 2 } },
      }),
    ],
    message: /"retry" has no effect in a step that is a pipeline/,
    at: /^{/,
  },
  {
    what: "a key that no step has",
    steps: [work("a", { retires: 3 })],
    message: /"retires" is not a key of a step/,
    at: /^"retires"/,
  },
  {
    what: "a duration that is none",
    steps: [work("a", { timeout: "5 parsecs" })],
    message: /expected a duration such as/,
    at: /^"5 parsecs"/,
  },
  {
    what: "a mistake in an expression inside of a longer text",
    steps: [set("a", "a longer text ${{ 1 + + }} here")],
    message: /Unexpected token: PLUS, in "1 \+ \+"/,
    at: /^\+ }} here/,
  },
  {
    what: "an expression that does not end",
    steps: [set("a", "text ${{ 1 + 2")],
    message: /"}}" is missing/,
    at: /^\${{ 1/,
  },
  {
    what: "a wait for two things",
    steps: [{ id: "w", wait: { for: "1s", signal: "go" } }],
    message: /needs exactly one of for, until, signal, approval/,
    at: /^{/,
  },
  {
    what: "a timeout of a wait that ends by itself",
    steps: [{ id: "w", wait: { for: "1s", timeout: "2s" } }],
    message: /"timeout" has no effect where a wait ends by itself/,
    at: /^"2s"/,
  },
  {
    what: "a loop without steps",
    steps: [{ id: "e", forEach: [1] }],
    message: /The loop "e" has no "steps"/,
    at: /^{/,
  },
  {
    what: "a branch that hides others",
    steps: [{
      id: "x",
      switch: [{ steps: [work("a")] }, { when: "true", steps: [work("b")] }],
    }],
    message: /hides those after it/,
    at: /^{/,
  },
  {
    what: "a key of a bound that is not over the input",
    head: { concurrency: { limit: 1, key: "steps.a.output" } },
    steps: [work("a")],
    message: /No field is called "a"/,
    at: /^a.output/,
  },
];

for (const { what, steps, head, message, at, nearest } of CASES) {
  Deno.test(`a pipeline is refused for ${what}, at its place`, () => {
    const problems = problemsOf(steps, head);
    const [problem] = problems;
    // One mistake is one problem: what refers to it is not blamed as well.
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.match(problem?.message ?? "", message);
    assert.match(problem?.at ?? "", at);
    assert.equal(problem?.nearest, nearest);
    assert.equal(problem?.severity, "error");
  });
}

Deno.test("a pipeline is told everything that is wrong with it at once", () => {
  const problems = problemsOf([
    { id: "a", use: "sim.wrok" },
    set("b", "${{ steps.a.output.anything }}"),
    set("c", "${{ steps.x.output }}"),
    work("d", { timeout: "soon" }),
  ]);
  assert.deepEqual(
    problems.map(({ path }) => path),
    [
      "pipelines.p.steps[0].use",
      "pipelines.p.steps[2].with.value",
      "pipelines.p.steps[3].timeout",
    ],
  );
});

Deno.test("a pipeline may have waits, loops, branches and choices, and refer to what is before them", () => {
  const steps = [
    work("a", { compensate: { use: "sim.work" } }),
    { id: "w", wait: { until: "${{ steps.a.output.at }}" } },
    {
      id: "e",
      forEach: "steps.a.output.items",
      as: "thing",
      concurrency: 3,
      steps: [set("t", "${{ [thing, index, steps.a.status] }}")],
    },
    { id: "p", parallel: { x: [work("x")], y: [work("y")] } },
    set("z", "${{ [steps.p.output.x, steps.e.output] }}"),
    work("h", { onError: [set("told", "${{ error.code }}")] }),
    {
      id: "s",
      switch: [{ when: "steps.h.error == null", steps: [work("n")] }],
    },
  ];
  assert.deepEqual(problemsOf(steps), []);
});

Deno.test("a pipeline is refused where it nests too deep or has too many steps", () => {
  let steps: Step[] = [work("last")];
  for (let i = 0; i < 16; i++) steps = [{ id: `e${i}`, forEach: [1], steps }];
  assert.match(problemsOf(steps)[0]?.message ?? "", /deeper than 16 levels/);
  const many = Array.from({ length: 1_001 }, (_, i) => work(`s${i}`));
  assert.match(problemsOf(many)[0]?.message ?? "", /more than 1000 steps/);
});
