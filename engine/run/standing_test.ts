import assert from "node:assert/strict";
import { RefusedError } from "../errors.ts";
import { never } from "./_application_test.ts";
import { work } from "./_compiled_test.ts";
import { pausable } from "./_paused_test.ts";
import { explainRun } from "./explain.ts";
import { CHECKPOINTS } from "./places.ts";
import { wakeSource } from "./wake_source.ts";

const wait = (id: string, wait: Record<string, unknown>) => ({ id, wait });
const set = (id: string, value: unknown) => ({
  ...{ id, use: "sim.set", with: { value } },
});
const AB = { steps: [work("a"), work("b"), work("c")] };

const refused = (code: string, message: RegExp = /./) => (error: unknown) =>
  error instanceof RefusedError && error.code === code &&
  message.test(error.message);

Deno.test("a run stops before the step of a breakpoint, says so everywhere, and goes on when it is let go", async () => {
  await using it = await pausable({ timeout: "1h", ...AB }, ["b"]);
  const id = await it.begin();
  assert.deepEqual(it.done, ["a #1"]);
  assert.equal(await it.status(id), "paused");
  const run = it.runs.find(id);
  assert.deepEqual(run && [...wakeSource(run)], ["breakpoint"]);
  const told = await explainRun(it.runs, id);
  assert.deepEqual(told?.wakes, ["breakpoint"]);
  assert.equal(told?.timeoutAt, undefined);
  assert.match(
    told?.reasons[0]?.message ?? "",
    /^b: paused at bp-1 since \S+, goes on by itself at \S+$/,
  );
  const [, row] = await it.rows(id);
  assert.equal(row?.status, "paused");
  assert.deepEqual(row?.waitsFor?.kind, "breakpoint");
  await it.go(id);
  assert.deepEqual(it.done, ["a #1", "b #1", "c #1"]);
  assert.equal(await it.status(id), "completed");
  assert.deepEqual(await it.kinds(id), [
    ...["accepted", "step.completed", "paused", "resumed"],
    ...["step.completed", "step.completed", "completed"],
  ]);
  const [listed] = await it.runs.breakpoints.list();
  assert.equal(listed?.hits, 1);
});

Deno.test("a run that is paused shows what it has, and what the step is given", async () => {
  await using it = await pausable({
    steps: [
      set("a", "${{ input.n }}"),
      {
        id: "each",
        forEach: ["x", "y"],
        steps: [work("b", { use: "sim.set", with: { value: "${{ item }}" } })],
      },
    ],
  }, ["each[1]/b"]);
  const id = await it.begin({ n: 7 });
  const seen = await it.debug(id);
  assert.equal(seen?.paused?.step, "each[1]/b");
  assert.deepEqual(seen?.with, { value: "y" });
  assert.equal(seen?.scope?.item, "y");
  assert.equal(seen?.scope?.index, 1);
  assert.deepEqual(seen?.scope?.input, { n: 7 });
  const { a } = seen?.scope?.steps as Record<string, { output: number }>;
  assert.equal(a?.output, 7);
});

Deno.test("a run whose condition does not hold goes past, and one whose condition fails as well", async () => {
  await using it = await pausable({
    steps: [
      { id: "each", forEach: [1, 2, 3], steps: [work("a")] },
      work("b"),
    ],
  }, [
    { step: "a", condition: "item == 2.0" },
    { step: "b", condition: "run.key == 'x' || steps.each.output.nothing > 1" },
  ]);
  const id = await it.begin();
  assert.equal(it.at(id), "each[1]/a");
  assert.deepEqual(it.done, ["each[0]/a #1"]);
  await it.go(id);
  assert.equal(await it.status(id), "completed");
  const warnings = it.application.logs.filter(({ level }) => level === "warn");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]?.message ?? "", /^bp-2 stops no run: /);
});

Deno.test("a breakpoint of one use stops one run, and goes", async () => {
  await using it = await pausable(AB, [{ step: "b", once: true }]);
  const first = await it.begin();
  const second = await it.begin();
  assert.equal(await it.status(first), "paused");
  assert.equal(await it.status(second), "completed");
  assert.deepEqual(await it.runs.breakpoints.list(), []);
});

Deno.test("a step is done, and the run stops before the next, in whatever block that is, until none is left", async () => {
  await using it = await pausable({
    steps: [
      work("a"),
      {
        id: "x",
        switch: [{ steps: [work("b"), wait("w", { for: "5s" })] }],
      },
      work("c"),
    ],
  }, ["a"]);
  const id = await it.begin();
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    await it.go(id, "step");
    seen.push(it.at(id));
  }
  assert.deepEqual(seen, ["b", "w", undefined]);
  assert.deepEqual(it.done, ["a #1", "b #1"]);
  await it.pass(5_000);
  assert.equal(it.at(id), "c");
  const paused = (await it.runs.get(id))?.entries.findLast(({ kind }) =>
    kind === "paused"
  );
  assert.ok(paused && !("breakpoint" in paused));
  await it.go(id, "step");
  assert.equal(await it.status(id), "completed");
});

Deno.test("a run goes on by itself when the time of its breakpoint is up", async () => {
  await using it = await pausable(AB, [{ step: "b", autoResumeMs: 5_000 }]);
  const id = await it.begin();
  await it.pass(4_999);
  assert.equal(await it.status(id), "paused");
  await it.pass(1);
  assert.equal(await it.status(id), "completed");
  const resumed = (await it.runs.get(id))?.entries.find(({ kind }) =>
    kind === "resumed"
  );
  assert.equal(resumed?.kind === "resumed" && resumed.how, "auto");
});

Deno.test("what a step is given is replaced, for all its attempts, also after a restart", async () => {
  await using it = await pausable({
    steps: [set("a", 1), set("b", "${{ steps.a.output }}"), work("c")],
  }, ["b", "c"]);
  const id = await it.begin();
  await it.go(id, "continue", { with: { value: 42 } });
  assert.equal(it.at(id), "c");
  await using second = await it.again();
  assert.equal(second.at(id), "c");
  const steps = (await second.debug(id))?.scope?.steps;
  assert.equal((steps as Record<string, { output: number }>).b?.output, 42);
});

Deno.test("an edited input is checked as the step checks it, and a wait has none", async () => {
  await using it = await pausable({
    steps: [
      set("a", 1),
      wait("w", { signal: "go" }),
      { id: "inner", use: "pipeline:child", with: {} },
    ],
  }, ["a", "w", "inner"]);
  const id = await it.begin();
  await assert.rejects(
    it.runs.resume(id, { how: "continue", with: { valeu: 1 } }),
    refused("invalid-input", /valeu/),
  );
  await assert.rejects(
    it.runs.resume(id, { how: "continue", with: [1] }),
    refused("invalid-input", /must be a map/),
  );
  assert.equal(it.at(id), "a");
  await it.go(id);
  await assert.rejects(
    it.runs.resume(id, { how: "continue", with: {} }),
    refused("invalid-input", /a wait/),
  );
  await it.runs.signal(id, "go", "early");
  await it.go(id);
  assert.equal(it.at(id), "inner", "the signal was kept");
  await it.go(id, "step", { with: { given: true } });
  await it.pass(10);
  assert.equal(await it.status(id), "completed");
});

Deno.test("a run that is not paused, or not there, is not let go", async () => {
  await using it = await pausable({ steps: [wait("w", { signal: "go" })] });
  const id = await it.begin();
  for (const how of ["continue", "step"] as const) {
    await assert.rejects(
      it.runs.resume(id, { how }),
      refused("wrong-state", /it is not paused/),
    );
  }
  await it.runs.signal(id, "go", null);
  await it.pass(0);
  await assert.rejects(
    it.runs.resume(id, { how: "continue" }),
    refused("wrong-state", /is over/),
  );
  await assert.rejects(
    it.runs.resume("nobody", { how: "continue" }),
    refused("not-found"),
  );
});

Deno.test("of two who let a run go one is told that it goes on, or stands elsewhere", async () => {
  await using it = await pausable(AB, ["a", "b"]);
  const id = await it.begin();
  const both = await Promise.allSettled([
    it.runs.resume(id, { how: "continue" }),
    it.runs.resume(id, { how: "step" }),
  ]);
  assert.deepEqual(both.map(({ status }) => status), ["fulfilled", "rejected"]);
  await it.pass(0);
  assert.equal(it.at(id), "b");
  await assert.rejects(
    it.runs.resume(id, { how: "continue", step: "a" }),
    refused("wrong-state", /paused at the step "b"/),
  );
});

Deno.test("a run that is paused is so after a restart, and its time goes on", async () => {
  await using it = await pausable(AB, [{ step: "b", autoResumeMs: 60_000 }]);
  const id = await it.begin();
  await it.pass(20_000);
  await using second = await it.again();
  await second.pass(39_999);
  assert.equal(second.at(id), "b");
  assert.deepEqual(second.done, []);
  await second.pass(1);
  assert.deepEqual(second.done, ["b #1", "c #1"]);
  assert.equal(await second.status(id), "completed");
});

Deno.test("a step that was let go and cut short is done again without another stop", async () => {
  const it = await pausable(AB, ["b"], {
    does: (context) => context.step === "b" ? never(context) : null,
  });
  const id = await it.begin();
  await it.go(id, "step");
  assert.deepEqual(it.done, ["a #1", "b #1"]);
  const second = await it.again();
  assert.equal(second.at(id), undefined);
  assert.deepEqual(second.done, ["b #1"]);
  const stopped = Promise.all([it.stop(), second.stop()]);
  await it.pass(20_000);
  await stopped;
});

Deno.test("a run that is paused leaves the log for a checkpoint, and is paused in the next process", async () => {
  await using it = await pausable(AB, [{
    step: "b",
    condition: "input.stop == true",
  }]);
  const id = await it.begin({ stop: true });
  for (let i = 0; i < 300; i++) await it.runs.start("p", { stop: false });
  await it.pass(5_000);
  const copies = await Array.fromAsync(it.scoped.list({ prefix: CHECKPOINTS }));
  assert.deepEqual(copies.map(({ key }) => key.at(-1)), [id]);
  await using second = await it.again();
  assert.equal(second.at(id), "b");
  await second.go(id);
  assert.equal(await second.status(id), "completed");
});

Deno.test("a fork of a run that is paused begins without its pause", async () => {
  await using it = await pausable(AB, [{ step: "b", once: true }]);
  const id = await it.begin();
  const fork = await it.runs.fork(id, { fromStep: "b" });
  await it.pass(0);
  assert.equal(await it.status(fork.id), "completed");
  assert.equal(await it.status(id), "paused");
});

Deno.test("a run with durability result is kept, and its caller answered, when it is paused", async () => {
  await using it = await pausable({ durability: "result", ...AB }, ["b"]);
  const view = await it.runs.start("p", {});
  assert.equal(view.summary.status, "paused");
  assert.deepEqual(it.done, ["a #1"]);
  await using second = await it.again();
  await second.go(view.id);
  assert.deepEqual(second.done, ["b #1", "c #1"]);
});

Deno.test("a journal with an entry of a later version is left as it is, and said to be so", async () => {
  await using it = await pausable({ steps: [wait("w", { signal: "go" })] });
  const id = await it.begin();
  const run = it.runs.find(id);
  assert.ok(run);
  await it.runs.signal(id, "x", null);
  run.entries.push(JSON.stringify({ kind: "rewound", at: 1 }));
  run.unwritten = 1;
  await it.runs.signal(id, "y", null);
  await using second = await it.again();
  assert.equal(await second.status(id), "waiting");
  const told = await explainRun(second.runs, id);
  assert.match(told?.reasons[0]?.message ?? "", /an entry "rewound", which a/);
});
