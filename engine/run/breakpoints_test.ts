import assert from "node:assert/strict";
import { RefusedError } from "../errors.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { startPipelines } from "./_application_test.ts";
import { programOf, work } from "./_compiled_test.ts";
import { pausable } from "./_paused_test.ts";
import { ConditionError, PAUSE_MS_DEFAULT } from "./breakpoint_request.ts";
import { BREAKPOINTS_MAX } from "./breakpoints.ts";
import { explainRun } from "./explain.ts";
import { BREAKPOINTS, BREAKPOINTS_HEAD } from "./places.ts";
import { means, placeAt, placesIn } from "./step_scope.ts";

const NESTED = {
  input: { n: "integer", note: { type: "string", required: false } },
  steps: [
    work("a"),
    {
      id: "each",
      forEach: "[1, 2]",
      as: "row",
      steps: [work("b"), {
        id: "in",
        forEach: "[1]",
        steps: [work("c", { onError: [work("h")] })],
      }],
    },
    { id: "both", parallel: { left: [work("l")], right: [work("r")] } },
    { id: "x", switch: [{ steps: [work("d")] }] },
    { id: "w", wait: { for: "1s" } },
  ],
  onError: [work("e")],
};

Deno.test("a breakpoint is kept with what was left out filled in, and is there after a restart", async () => {
  await using it = await pausable(NESTED);
  const { breakpoints } = it.runs;
  const set = await breakpoints.set({ pipeline: "p", step: "a" });
  assert.deepEqual(set, {
    ...{ id: "bp-1", pipeline: "p", step: "a", once: false, enabled: true },
    ...{ autoResumeMs: PAUSE_MS_DEFAULT, hits: 0 },
    setAt: it.effects.clock.now(),
  });
  await breakpoints.set({
    ...{ pipeline: "p", step: "b", condition: "${{ row > 1 }}" },
    ...{ once: true, autoResumeMs: 1 },
  });
  await using second = await it.again();
  const listed = await second.runs.breakpoints.list();
  assert.deepEqual(listed[0], set);
  assert.equal(listed[1]?.condition, "row > 1");
  const id = await second.begin({ n: 1 });
  assert.equal(second.at(id), "a");
});

Deno.test("a breakpoint is refused where no run would ever stop", async () => {
  await using it = await pausable(NESTED);
  const { breakpoints } = it.runs;
  const cases = [
    [{ pipeline: "q", step: "a" }, "not-found", /No pipeline .* "q"/],
    [{ step: "bb" }, "not-found", /has no step "bb".*did you mean "b"\?/],
    [{ step: "other/b" }, "not-found", /has no step "other\/b"/],
    [{ step: "each" }, "invalid-input", /it is a loop, so name a step in it/],
    [{ step: "both" }, "invalid-input", /it is branches/],
    [{ step: "x" }, "invalid-input", /it is a choice/],
    [{ autoResumeMs: 0 }, "invalid-input", /from 1 to 86400000 ms/],
    [{ autoResumeMs: 86_400_001 }, "invalid-input", /86400001/],
    [{ condition: "x".repeat(1_001) }, "invalid-input", /the limit is 1000/],
  ] as const;
  for (const [request, code, message] of cases) {
    await assert.rejects(
      breakpoints.set({ pipeline: "p", step: "a", ...request }),
      (error) =>
        error instanceof RefusedError && error.code === code &&
        message.test(error.message),
    );
  }
  assert.deepEqual(await breakpoints.list(), []);
});

Deno.test("a condition is checked against what a when of the step sees, with the place of what is wrong", async () => {
  await using it = await pausable(NESTED);
  const { breakpoints } = it.runs;
  const wrong = async (step: string, condition: string) => {
    try {
      await breakpoints.set({ pipeline: "p", step, condition });
    } catch (error) {
      assert.ok(error instanceof ConditionError);
      assert.equal(error.code, "invalid-input");
      return [error.column, error.nearest];
    }
    return assert.fail(`"${condition}" is taken at ${step}`);
  };
  assert.deepEqual(await wrong("b", "input.n > 1 && inptu.n > 2"), [
    ...[16, "input"],
  ]);
  assert.deepEqual(await wrong("b", "input.m == 1"), [7, "n"]);
  assert.deepEqual(await wrong("b", "rwo == 1"), [1, "row"]);
  assert.deepEqual((await wrong("a", "steps.b.output == 1"))[0], 7);
  assert.deepEqual((await wrong("a", "row == 1"))[0], 1);
  assert.deepEqual((await wrong("l", "steps.b.status == ''"))[0], 7);
  assert.deepEqual((await wrong("a", "1 +"))[0], 4);
  for (
    const [step, condition] of [
      ["a", "input.note == null || run.pipeline == 'p'"],
      ["c", "row == 1 && index == 0.0 && steps.b.output.any == item"],
      ["h", "error.code == 'x'"],
      ["r", "steps.each.output.size() == 2"],
      ["d", "steps.both.output.left == 1"],
      ["e", "error.step == steps.w.status"],
    ] as const
  ) await breakpoints.set({ pipeline: "p", step, condition });
});

Deno.test("an application has so many breakpoints and no more, and their ids are not given again", async () => {
  await using it = await pausable(NESTED);
  const { breakpoints } = it.runs;
  const request = { pipeline: "p", step: "a" };
  await Promise.all(
    Array.from({ length: 10 }, () => breakpoints.set(request)),
  );
  for (let i = 10; i < BREAKPOINTS_MAX; i++) await breakpoints.set(request);
  await assert.rejects(
    breakpoints.set(request),
    (error) => error instanceof RefusedError && error.code === "conflict",
  );
  const ids = (await breakpoints.list()).map(({ id }) => id);
  assert.equal(ids.at(-1), `bp-${BREAKPOINTS_MAX}`);
  assert.equal(new Set(ids).size, BREAKPOINTS_MAX);
  assert.equal(await breakpoints.remove("bp-100"), true);
  assert.equal(await breakpoints.remove("bp-100"), false);
  assert.equal((await breakpoints.set(request)).id, "bp-101");
});

Deno.test("a breakpoint that is off, or removed, stops no run", async () => {
  await using it = await pausable(NESTED, ["a"]);
  const { breakpoints } = it.runs;
  const off = await breakpoints.enable("bp-1", false);
  assert.equal(off?.enabled, false);
  assert.equal(breakpoints.areSet, false);
  const first = await it.begin({ n: 1 });
  assert.notEqual(await it.status(first), "paused");
  await breakpoints.enable("bp-1", true);
  const second = await it.begin({ n: 1 });
  assert.equal(await it.status(second), "paused");
  await breakpoints.remove("bp-1");
  // Who stands there may still be looked at.
  assert.equal(await it.status(second), "paused");
  const third = await it.begin({ n: 1 });
  assert.notEqual(await it.status(third), "paused");
  assert.equal(await breakpoints.enable("bp-1", true), undefined);
});

Deno.test("hits are all counted when many runs stop at once", async () => {
  await using it = await pausable(NESTED, ["a"]);
  for (let i = 0; i < 50; i++) await it.runs.start("p", { n: i });
  await it.pass(10);
  assert.equal((await it.runs.breakpoints.list())[0]?.hits, 50);
});

Deno.test("a breakpoint that one process sets stops the runs of another, which passes on how they go on", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const pipelines = { p: { steps: [work("a"), work("b")] } };
  const options = { effects, store, isShared: true };
  const one = await startPipelines(pipelines, options);
  const two = await startPipelines(pipelines, options);
  await one.runs.breakpoints.set({ pipeline: "p", step: "b" });
  await one.pass(10);
  const { id } = await two.runs.start("p", {});
  await one.pass(10);
  const view = await one.runs.get(id);
  assert.equal(view?.run, undefined, "the other process has it");
  assert.equal(view?.summary.status, "paused");
  const told = await explainRun(one.runs, id);
  assert.match(told?.reasons[0]?.message ?? "", /^b: paused at bp-1 since/);
  const asked = one.runs.resume(id, { how: "continue" });
  await one.pass(2_000);
  await asked;
  assert.deepEqual(two.done, ["a #1", "b #1"]);
  const again = one.runs.resume(id, { how: "continue" });
  const refusal = assert.rejects(again, /is over/);
  await one.pass(2_000);
  await refusal;
  await one.stop();
  await two.stop();
});

Deno.test("a run that is paused goes on in the process that takes it over, paused", async () => {
  const effects = simulatedEffects();
  const inner = memoryStore({ now: effects.clock.now });
  const pipelines = { p: { steps: [work("a"), work("b")] } };
  const dead = cuttable(inner);
  const options = { effects, isShared: true };
  const one = await startPipelines(pipelines, {
    ...options,
    store: dead.store,
  });
  const two = await startPipelines(pipelines, { ...options, store: inner });
  await one.runs.breakpoints.set({ pipeline: "p", step: "b" });
  const { id } = await one.runs.start("p", {});
  await one.pass(10);
  dead.cut();
  await two.pass(30_000);
  assert.equal(two.runs.find(id)?.status, "paused");
  await two.runs.resume(id, { how: "continue" });
  await two.pass(10);
  assert.deepEqual(two.done, ["b #1"]);
  await two.stop();
});

Deno.test("no breakpoint costs no read, however many runs there are", async () => {
  const effects = simulatedEffects();
  const read: string[] = [];
  const inner = memoryStore({ now: effects.clock.now });
  const store: Store = {
    ...inner,
    limits: inner.limits,
    get: (key) => (read.push(key.join()), inner.get(key)),
    getMany: (keys) => (read.push(keys.join()), inner.getMany(keys)),
    list(range, options) {
      read.push("prefix" in range ? range.prefix.join() : range.start.join());
      return inner.list(range, options);
    },
    watch: (keys, signal) => inner.watch(keys, signal),
    commit: (batch) => inner.commit(batch),
    close: () => inner.close(),
  };
  await using it = await pausable(NESTED, [], { effects, store });
  const before = read.filter(isOfBreakpoints).length;
  for (let i = 0; i < 20; i++) await it.begin({ n: i });
  assert.equal(before, 1);
  assert.equal(read.filter(isOfBreakpoints).length, before);
  assert.equal(it.runs.breakpoints.areSet, false);
});

Deno.test("a step is found by its id or its path, in every block", () => {
  const places = placesIn(programOf(NESTED));
  assert.deepEqual([...places.keys()].toSorted(), [
    ...["a", "b", "both", "c", "d", "e", "each", "h", "in", "l", "r", "w"],
    "x",
  ]);
  assert.deepEqual(placeAt(places, "each[1]/in[0]/c")?.loops, ["each", "in"]);
  assert.equal(placeAt(places, "each/in/c")?.node.id, "c");
  assert.equal(placeAt(places, "in/c"), undefined);
  assert.ok(means("c", "each[1]/in[0]/c"));
  assert.ok(means("each/in[0]/c", "each[1]/in[0]/c"));
  assert.ok(!means("each[0]/in[0]/c", "each[1]/in[0]/c"));
  assert.ok(!means("c", "each[1]/in[0]/cc"));
});

const isOfBreakpoints = (key: string) =>
  key.includes(BREAKPOINTS.join()) || key.includes(BREAKPOINTS_HEAD.join());

/** A store whose line to a process can be cut, as if that had died. */
function cuttable(inner: Store) {
  let isCut = false;
  const line = () =>
    isCut ? new Promise<never>(() => {}) : Promise.resolve(undefined);
  const store: Store = {
    limits: inner.limits,
    get: async (key) => (await line(), await inner.get(key)),
    getMany: async (keys) => (await line(), await inner.getMany(keys)),
    async *list(range, options) {
      await line();
      yield* inner.list(range, options);
    },
    commit: async (batch) => (await line(), await inner.commit(batch)),
    watch: (keys, signal) => inner.watch(keys, signal),
    close: () => inner.close(),
  };
  return { store, cut: () => isCut = true };
}
