import assert from "node:assert/strict";
import { driven, undoable, work } from "./_compiled_test.ts";

const set = (id: string, value: unknown, more = {}) => ({
  ...{ id, use: "sim.set", with: { value } },
  ...more,
});

Deno.test("a machine does steps in order and yields the last output", () => {
  const run = driven({ steps: [work("a"), work("b")] });
  assert.deepEqual(run.kinds(), ["doing a"]);
  run.done("a");
  assert.deepEqual(run.live(), ["b"]);
  run.done("b", 7);
  assert.deepEqual(run.outcome(), { kind: "completed", output: 7 });
  assert.deepEqual(run.live(), []);
});

Deno.test("a machine skips a step whose condition does not hold, and says so", () => {
  const run = driven({
    steps: [work("a", { when: "input.n > 1" }), work("b")],
    output: "${{ steps.a.status }}",
  }, { n: 1 });
  assert.deepEqual(run.live(), ["b"]);
  run.done("b");
  assert.deepEqual(run.outcome(), {
    kind: "completed",
    output: "skipped",
  });
});

Deno.test("a machine fails at a condition that is neither true nor false", () => {
  const run = driven({ steps: [work("a", { when: "input.n" })] }, { n: 1 });
  assert.equal(run.outcome()?.kind, "failed");
  assert.match(JSON.stringify(run.outcome()), /must be true or false/);
});

Deno.test("a machine works on as many items of a loop as concurrency allows", () => {
  const run = driven({
    steps: [{
      id: "each",
      forEach: [10, 20, 30, 40],
      concurrency: 2,
      steps: [work("w", { with: {} })],
    }],
  });
  assert.deepEqual(run.live(), ["each[0]/w", "each[1]/w"]);
  run.done("each[1]/w", "b");
  assert.deepEqual(run.live(), ["each[0]/w", "each[2]/w"]);
  run.done("each[2]/w", "c");
  run.done("each[0]/w", "a");
  run.done("each[3]/w", "d");
  // In the order of the items, whatever came first.
  assert.deepEqual(run.outcome(), {
    kind: "completed",
    output: ["a", "b", "c", "d"],
  });
});

Deno.test("a machine tells nested loops apart by their indexes", () => {
  const run = driven({
    steps: [{
      id: "out",
      forEach: [[1, 2], [3]],
      as: "row",
      concurrency: 2,
      steps: [{ id: "in", forEach: "row", steps: [work("w")] }],
    }],
  });
  assert.deepEqual(run.live(), ["out[0]/in[0]/w", "out[1]/in[0]/w"]);
  run.done("out[1]/in[0]/w", 3);
  run.done("out[0]/in[0]/w", 1);
  run.done("out[0]/in[1]/w", 2);
  assert.deepEqual(run.outcome(), {
    kind: "completed",
    output: [[1, 2], [3]],
  });
});

Deno.test("a machine goes past an empty loop, and through one of ten thousand items that are skipped", () => {
  const run = driven({
    steps: [
      { id: "none", forEach: [], steps: [work("w")] },
      {
        id: "many",
        forEach: "input.items",
        steps: [work("x", { when: "item < 0" })],
      },
      work("last"),
    ],
  }, { items: Array.from({ length: 10_000 }, (_, i) => i) });
  assert.deepEqual(run.live(), ["last"]);
});

Deno.test("a machine refuses to loop over what is no list, or too long", () => {
  const each = { steps: [{ id: "e", forEach: "input.l", steps: [work("w")] }] };
  const map = driven(each, { l: { a: 1 } });
  assert.match(
    JSON.stringify(map.outcome()),
    /needs a list: found a map/,
  );
  const long = driven(each, { l: Array.from({ length: 10_001 }, () => 1) });
  assert.match(JSON.stringify(long.outcome()), /limit is 10000 items/);
});

Deno.test("a machine lets the other branches finish what is under way when one fails", () => {
  const run = driven({
    steps: [{
      id: "both",
      parallel: { left: [work("l"), work("l2")], right: [work("r")] },
    }],
  });
  assert.deepEqual(run.live(), ["l", "r"]);
  run.fail("r");
  assert.deepEqual(run.live(), ["l"]);
  assert.equal(run.outcome(), undefined);
  run.done("l");
  // And begins nothing more there.
  assert.equal(run.outcome()?.kind, "failed");
});

Deno.test("a machine takes waits out of the branches of what has failed", () => {
  const run = driven({
    steps: [{
      id: "both",
      parallel: {
        left: [{ id: "w", wait: { signal: "never" } }],
        right: [work("r")],
      },
    }],
  });
  run.waits("w", { signal: "never" });
  run.fail("r");
  assert.equal(run.outcome()?.kind, "failed");
});

Deno.test("a machine keeps an attempt that may be under way when its neighbour fails, so that it is undone", () => {
  const run = driven({
    steps: [{
      id: "both",
      parallel: { left: [undoable("l")], right: [work("r")] },
    }],
  });
  run.retry("l");
  run.fail("r");
  // Whether the second attempt has begun is not in the journal.
  assert.deepEqual(run.kinds(), ["retrying l"]);
  assert.equal(run.outcome(), undefined);
  run.done("l");
  assert.deepEqual(run.kinds(), ["doing l~compensate"]);
});

Deno.test("a machine takes the first branch of a choice that holds, or none", () => {
  const choice = {
    steps: [{
      id: "c",
      switch: [
        { when: "input.n > 5", steps: [work("big")] },
        { when: "input.n > 3", steps: [work("middle")] },
      ],
    }, work("last")],
  };
  assert.deepEqual(driven(choice, { n: 9 }).live(), ["big"]);
  assert.deepEqual(driven(choice, { n: 4 }).live(), ["middle"]);
  assert.deepEqual(driven(choice, { n: 1 }).live(), ["last"]);
});

Deno.test("a machine goes on after an error where a step says continue", () => {
  const run = driven({
    steps: [work("a", { onError: "continue" }), work("b")],
    output: "${{ steps.a.status + ': ' + string(steps.a.error.message) }}",
  });
  run.fail("a", "no");
  run.done("b");
  assert.deepEqual(run.outcome(), {
    kind: "completed",
    output: "failed: no",
  });
});

Deno.test("a machine does the handler of a step with its error, and goes on with its output", () => {
  const run = driven({
    steps: [
      work("a", { onError: [set("h", "${{ error.message }}")] }),
      work("b"),
    ],
    output: "${{ steps.a }}",
  });
  run.fail("a", "no");
  assert.deepEqual(run.live(), ["h"]);
  run.done("h", "mended");
  run.done("b");
  assert.deepEqual(run.outcome(), {
    kind: "completed",
    output: {
      output: "mended",
      status: "recovered",
      error: { message: "no", code: "error", step: "a" },
    },
  });
});

Deno.test("a machine fails with the error of a handler that fails", () => {
  const run = driven({ steps: [work("a", { onError: [work("h")] })] });
  run.fail("a");
  run.fail("h", "worse");
  assert.deepEqual(run.outcome(), {
    kind: "failed",
    error: { message: "worse", code: "error", step: "h" },
  });
});

Deno.test("a machine undoes steps in reverse order of their completion, over loops and branches", () => {
  const run = driven({
    steps: [
      undoable("first"),
      { id: "e", forEach: [1, 2], concurrency: 2, steps: [undoable("x")] },
      { id: "p", parallel: { a: [undoable("l")], b: [undoable("r")] } },
      work("bad"),
    ],
  });
  const order = ["first", "e[1]/x", "e[0]/x", "r", "l"];
  for (const step of order) run.done(step);
  run.fail("bad");
  for (const step of order.toReversed()) {
    assert.deepEqual(run.live(), [`${step}~compensate`]);
    // One that cannot be undone must not keep the others from it.
    if (step === "r") run.fail(`${step}~compensate`);
    else run.done(`${step}~compensate`);
  }
  assert.equal(run.outcome()?.kind, "failed");
});

Deno.test("a machine does onSuccess after the steps, and undoes them if it fails", () => {
  const run = driven({ steps: [undoable("a")], onSuccess: [work("s")] });
  run.done("a", 1);
  assert.deepEqual(run.live(), ["s"]);
  run.fail("s");
  assert.deepEqual(run.live(), ["a~compensate"]);
});

Deno.test("a machine does onError after it has undone the steps, and keeps the first error", () => {
  const run = driven({
    steps: [undoable("a"), work("b")],
    onError: [work("tell")],
  });
  run.done("a");
  run.fail("b", "first");
  run.done("a~compensate");
  assert.deepEqual(run.live(), ["tell"]);
  run.fail("tell", "second");
  assert.deepEqual(run.outcome(), {
    kind: "failed",
    error: { message: "first", code: "error", step: "b" },
  });
});

Deno.test("a machine that is cancelled lets steps finish, undoes them and does not do onError", () => {
  const run = driven({
    steps: [undoable("a"), work("b")],
    onError: [work("tell")],
  });
  run.cancel();
  assert.deepEqual(run.live(), ["a"]);
  assert.equal(run.machine.stopReason, "enough");
  run.done("a");
  assert.deepEqual(run.live(), ["a~compensate"]);
  // What undoes steps is not to stop.
  assert.equal(run.machine.stopReason, undefined);
  run.done("a~compensate");
  assert.deepEqual(run.outcome(), {
    kind: "cancelled",
    error: { message: "enough", code: "cancelled" },
  });
});

Deno.test("a machine that is cancelled in onSuccess undoes its steps", () => {
  const run = driven({ steps: [undoable("a")], onSuccess: [work("s")] });
  run.done("a");
  run.cancel();
  run.done("s");
  assert.deepEqual(run.live(), ["a~compensate"]);
});

Deno.test("a machine that compensates, handles its error or is over takes no cancel and no timeout", () => {
  const pipeline = {
    steps: [undoable("a"), work("b")],
    onError: [work("tell")],
    timeout: "5s",
  };
  for (const stop of ["cancel", "timeOut"] as const) {
    const run = driven(pipeline);
    run.done("a");
    run.fail("b", "first");
    run[stop]();
    assert.deepEqual(run.kinds(), ["doing a~compensate"]);
    assert.equal(run.machine.stopReason, undefined);
    run.done("a~compensate");
    run[stop]();
    assert.deepEqual(run.kinds(), ["doing tell"]);
    assert.equal(run.machine.stopReason, undefined);
    run.done("tell");
    run[stop]();
    assert.deepEqual(run.outcome(), {
      kind: "failed",
      error: { message: "first", code: "error", step: "b" },
    });
  }
});

Deno.test("a machine that takes too long fails with the code timeout, and does onError", () => {
  const run = driven({
    steps: [{ id: "w", wait: { signal: "go" } }],
    onError: [work("tell")],
    timeout: "5s",
  });
  run.waits("w", { signal: "go" });
  run.timeOut();
  assert.deepEqual(run.live(), ["tell"]);
  run.done("tell");
  assert.deepEqual(run.outcome(), {
    kind: "failed",
    error: { message: "The run took longer than 5000 ms", code: "timeout" },
  });
});

Deno.test("a machine gives a signal to the step that waits for it", () => {
  const run = driven({ steps: [{ id: "w", wait: { signal: "go" } }] });
  run.waits("w", { signal: "go" });
  run.signal("other");
  assert.equal(run.outcome(), undefined);
  run.signal("go", 5);
  assert.deepEqual(run.outcome(), { kind: "completed", output: 5 });
});

Deno.test("a machine keeps signals for steps that will wait for them, in order, and gives each once", () => {
  const wait = (id: string) => ({ id, wait: { signal: "go" } });
  const run = driven({ steps: [work("a"), wait("b"), wait("c"), wait("d")] });
  run.signal("go", 1);
  run.signal("go", 2);
  run.done("a");
  run.waits("b", { signal: "go" });
  run.waits("c", { signal: "go" });
  run.waits("d", { signal: "go" });
  assert.deepEqual(run.kinds(), ["waiting d"]);
  run.signal("go", 3);
  assert.deepEqual(run.outcome(), { kind: "completed", output: 3 });
});

Deno.test("a machine keeps a thousand signals of a name and drops the oldest", () => {
  const run = driven({ steps: [work("a")] });
  for (let i = 0; i < 1_002; i++) run.signal("go", i);
  const kept = run.machine.signals().get("go") ?? [];
  assert.equal(kept.length, 1_000);
  assert.equal(kept[0], 2);
});

Deno.test("a machine lets an entry about nothing that goes on change nothing", () => {
  const run = driven({ steps: [work("a"), work("b")] });
  run.done("b");
  run.fail("c");
  run.done("a~compensate");
  run.waits("a", { signal: "go" });
  run.apply({ kind: "step.child", at: 1, step: "b", run: "other" });
  assert.deepEqual(run.kinds(), ["doing a"]);
  run.done("a");
  run.done("a");
  assert.deepEqual(run.kinds(), ["doing b"]);
});
