import assert from "node:assert/strict";
import type { Program } from "../pipeline/program.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { acceptedOf, programOf, work } from "./_compiled_test.ts";
import { Admission } from "./admission.ts";
import { Run } from "./run.ts";
import { Timers } from "./timers.ts";

/** An admission, and who was let in. */
function admissionOf(head: Record<string, unknown>) {
  const { clock, advance } = simulatedEffects({ startMs: 0 });
  let offsetMs = 0;
  const wall = { ...clock, now: () => clock.now() + offsetMs };
  const timers = new Timers(wall);
  const begun: string[] = [];
  const admission = new Admission(wall, timers, ({ id }) => begun.push(id));
  const program: Program = programOf({
    input: { c: "any" },
    steps: [work("a")],
    ...head,
  });
  const runs = new Map<string, Run>();
  return {
    ...{ admission, program, begun, advance, timers },
    jump: (ms: number) => offsetMs += ms,
    ask(id: string, c: string = "", priority = 5) {
      const run = new Run(id, { ...acceptedOf(program, { c }), priority });
      runs.set(id, run);
      if (admission.admit(run, program)) begun.push(id);
    },
    leave(id: string) {
      const run = runs.get(id);
      if (run !== undefined) admission.leave(run, program);
    },
    run: (id: string) => runs.get(id) as Run,
  };
}

Deno.test("as many runs of a pipeline are under way as it says, and the next begins when one is over", () => {
  const { ask, leave, begun, run, admission, program } = admissionOf({
    concurrency: { limit: 2 },
  });
  for (const id of ["a", "b", "c", "d"]) ask(id);
  assert.deepEqual(begun, ["a", "b"]);
  assert.equal(
    admission.reason(run("d"), program),
    "2 runs are under way, the limit of concurrency is 2; 1 run is before it",
  );
  leave("b");
  assert.deepEqual(begun, ["a", "b", "c"]);
  leave("a");
  leave("c");
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
});

Deno.test("runs are counted for each value of the key", () => {
  const { ask, begun } = admissionOf({
    concurrency: { limit: 1, key: "input.c" },
  });
  ask("a", "x");
  ask("b", "y");
  ask("c", "x");
  assert.deepEqual(begun, ["a", "b"]);
});

Deno.test("the waiting run of the highest priority begins first, then the oldest", () => {
  const { ask, leave, begun } = admissionOf({ concurrency: { limit: 1 } });
  ask("a");
  ask("b", "", 3);
  ask("d", "", 7);
  ask("c", "", 7);
  ask("e", "", 3);
  for (const id of ["a", "c", "d", "b"]) leave(id);
  assert.deepEqual(begun, ["a", "c", "d", "b", "e"]);
});

Deno.test("as many runs begin in a time as the rate says", async () => {
  const { ask, begun, advance } = admissionOf({
    rateLimit: { limit: 2, per: "10s" },
  });
  for (const id of ["a", "b", "c", "d", "e"]) ask(id);
  assert.deepEqual(begun, ["a", "b"]);
  await advance(9_999);
  assert.deepEqual(begun, ["a", "b"]);
  await advance(1);
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
  await advance(10_000);
  assert.deepEqual(begun, ["a", "b", "c", "d", "e"]);
});

Deno.test("a rate that allows runs that are too many does not wake up again and again", async () => {
  const { ask, leave, begun, advance, timers } = admissionOf({
    concurrency: { limit: 1 },
    rateLimit: { limit: 1, per: "10s" },
  });
  ask("a");
  ask("b");
  await advance(30_000);
  assert.deepEqual(begun, ["a"]);
  assert.equal(timers.size, 0);
  leave("a");
  assert.deepEqual(begun, ["a", "b"]);
});

Deno.test("a clock that is set back does not hold runs back", async () => {
  const { ask, begun, advance, jump } = admissionOf({
    rateLimit: { limit: 1, per: "10s" },
  });
  await advance(3_600_000);
  ask("a");
  jump(-3_600_000);
  ask("b");
  assert.deepEqual(begun, ["a", "b"]);
});

Deno.test("a run that leaves before its turn does not begin, and frees nothing", () => {
  const { ask, leave, begun, run } = admissionOf({ concurrency: { limit: 1 } });
  for (const id of ["a", "b", "c"]) ask(id);
  leave("b");
  assert.equal(run("b").isPending, false);
  assert.deepEqual(begun, ["a"]);
  leave("a");
  assert.deepEqual(begun, ["a", "c"]);
});

Deno.test("runs that were under way before a restart count, even if there is no room", () => {
  const { admission, program, ask, begun } = admissionOf({
    concurrency: { limit: 1 },
  });
  const [x, y] = ["x", "y"].map((id) => new Run(id, acceptedOf(program)));
  assert.ok(x && y);
  admission.resume(x, program);
  admission.resume(y, program);
  ask("a");
  admission.leave(x, program);
  assert.deepEqual(begun, []);
  admission.leave(y, program);
  assert.deepEqual(begun, ["a"]);
});

Deno.test("a key that cannot be worked out shares a gate with others like it", () => {
  const { ask, begun } = admissionOf({
    concurrency: { limit: 1, key: "input.c.x" },
  });
  ask("a", "x");
  ask("b", "y");
  assert.deepEqual(begun, ["a"]);
});
