import assert from "node:assert/strict";
import project from "../deno.json" with { type: "json" };
import { runGate, type Step, STEPS, stepsFor } from "./gate.ts";

/** Runs steps and gives back the exit code and what was written. */
async function gate(
  steps: readonly Step[],
  stop: (stopped: AbortController) => void = () => {},
): Promise<{ readonly code: number; readonly text: string }> {
  const decoder = new TextDecoder();
  let text = "";
  const stopped = new AbortController();
  const code = await runGate(steps, {
    write(bytes) {
      text += decoder.decode(bytes, { stream: true });
      stop(stopped);
      return Promise.resolve();
    },
    signal: stopped.signal,
  });
  return { code, text };
}

function evaluate(name: string, source: string): Step {
  return { name, args: ["eval", "--no-config", source] };
}

Deno.test("runGate() writes one line a step and is silent about success", async () => {
  const { code, text } = await gate([
    evaluate("first", "console.log(6 * 7)"),
    evaluate("second", "console.error(6 * 7)"),
  ]);
  assert.equal(code, 0);
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, 3, text);
  assert.match(lines[0]!, /^first: deno eval .* … ok \(\d+\.\d s\)$/);
  assert.match(lines[1]!, /^second: deno eval .* … ok \(\d+\.\d s\)$/);
  assert.match(lines[2]!, /^The gate is passed in \d+\.\d s$/);
});

Deno.test("runGate() stops at the first failure and passes on its output", async () => {
  const { code, text } = await gate([
    evaluate("first", "console.log('a')"),
    evaluate(
      "second",
      "console.log(`on ${'stdout'}`); console.error(`on ${'stderr'}`); Deno.exit(3)",
    ),
    evaluate("third", "console.log('c')"),
  ]);
  assert.equal(code, 3);
  assert.match(text, /^first: .* ok /m);
  assert.match(text, /^second: .* FAILED \(\d+\.\d s\)$/m);
  assert.match(text, /^on stdout$/m);
  assert.match(text, /^on stderr$/m);
  assert.match(text, /^The gate stops at "second" after \d+\.\d s$/m);
  assert.doesNotMatch(text, /third/);
});

Deno.test("runGate() ends the running tool when it is stopped", async () => {
  const steps = [
    evaluate("endless", "setInterval(() => {}, 1_000)"),
    evaluate("next", "console.log('b')"),
  ];
  const moments: ((stopped: AbortController) => void)[] = [
    // Before the tool is started, and in the turn after.
    (stopped) => stopped.abort(),
    (stopped) => setTimeout(() => stopped.abort(), 0),
  ];
  for (const moment of moments) {
    const { code, text } = await gate(steps, moment);
    assert.notEqual(code, 0);
    assert.match(text, /^endless: .* FAILED/);
    assert.doesNotMatch(text, /next/);
  }
});

Deno.test("runGate() passes on long output whole", async () => {
  const { text } = await gate([
    evaluate(
      "long",
      "for (let i = 0; i < 20_000; i++) console.log(`line ${i}`); Deno.exit(1)",
    ),
  ]);
  assert.equal(text.match(/^line \d+$/gm)?.length, 20_000);
});

Deno.test("runGate() fails where a tool does not exist", async () => {
  const { code, text } = await gate([
    { name: "absent", args: ["run", "tools/no_such_tool.ts"] },
  ]);
  assert.notEqual(code, 0);
  assert.match(text, /no_such_tool\.ts/);
});

Deno.test("the gate runs format, lint, types, generated files and tests", () => {
  assert.deepEqual(STEPS.map(({ args }) => args.slice(0, 2).join(" ")), [
    "fmt --check",
    "lint",
    "check .",
    "run -A",
    "test -A",
  ]);
});

Deno.test("the gate and the task test leave the tests that need servers out", () => {
  const gate = STEPS.at(-1)?.args ?? [];
  const task = project.tasks.test.command.split(" ").slice(1);
  for (const args of [gate, task]) {
    assert.ok(args.includes("--ignore=tests/services,tests/browser"));
  }
  assert.match(project.tasks["test:services"].command, / tests\/services\/$/);
});

Deno.test("the gate without tests runs all that comes before them", () => {
  assert.deepEqual(stepsFor([]), STEPS);
  assert.deepEqual(stepsFor(["--without-tests"]), STEPS.slice(0, -1));
  assert.throws(() => stepsFor(["--quick"]), /Cannot take --quick/);
});
