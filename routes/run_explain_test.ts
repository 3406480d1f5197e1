import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule } from "../engine/define.ts";
import { Actions } from "../engine/services/actions.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { wakeSource } from "../engine/run/wake_source.ts";
import { post, type RunSurface, runSurface } from "./_run_fixture_test.ts";

const explain = (it: RunSurface, run: string) =>
  it.json(`/api/runs/${run}/explain`);

/** What every unfinished run must have. */
function assertWakes(it: RunSurface): void {
  for (const application of it.engine.applications) {
    for (const run of application.runs.live()) {
      assert.notEqual(wakeSource(run).size, 0, run.id);
    }
  }
}

const iso = (ms: number) => new Date(ms).toISOString();

Deno.test("explain tells of an attempt under way, of the next one, and of the end", async () => {
  await using it = await runSurface();
  const run = await it.start("working", { name: "hard" });
  const since = it.effects.clock.now();
  const doing = await explain(it, run);
  assert.deepEqual(doing.reasons, [{
    ...{ kind: "doing", step: "work", attempt: 1 },
    ...{ since, timeoutAt: since + 60_000 },
    message: `work: attempt 1 is under way since ${iso(since)}, ` +
      `its limit is ${iso(since + 60_000)}`,
  }]);
  assert.deepEqual(doing.wakes, ["doing"]);
  assertWakes(it);
  it.works[0]?.fail("No ink");
  await it.effects.advance(0);
  const retrying = await explain(it, run);
  const { kind, attempt, error, at } = retrying.reasons[0];
  assert.deepEqual([kind, attempt, error.message], ["retrying", 2, "No ink"]);
  assert.equal(at, it.effects.clock.now() + 10_000);
  assert.deepEqual(retrying.wakes, ["timer"]);
  assert.equal((await it.json(`/api/runs/${run}`)).steps[0].status, "retrying");
  assertWakes(it);
  await it.effects.advance(10_000);
  const again = await explain(it, run);
  assert.deepEqual(
    [again.reasons[0].kind, again.reasons[0].attempt],
    ["doing", 2],
  );
  const [step] = (await it.json(`/api/runs/${run}`)).steps;
  assert.deepEqual([step.status, step.attempts], ["running", 2]);
  it.works[1]?.fail("No paper");
  await it.effects.advance(0);
  const over = await explain(it, run);
  assert.deepEqual(over.wakes, []);
  assert.equal(over.reasons[0].kind, "ended");
  assert.match(over.reasons[0].message, /failed at .* "work": No paper/);
});

Deno.test("explain tells what each wait is for, and until when", async () => {
  await using it = await runSurface();
  const now = it.effects.clock.now();
  const cases = [
    ["sleepy", "time", ["timer"], now + 1_800_000],
    ["signalled", "signal", ["signal", "timer"], now + 3_600_000],
    ["asked", "approval", ["signal", "timer"], now + 60_000],
  ] as const;
  for (const [workflow, kind, wakes, until] of cases) {
    const run = await it.start(workflow, { amount: 1 });
    const told = await explain(it, run);
    assert.equal(told.reasons[0].kind, kind);
    assert.equal(told.reasons[0].until, until);
    assert.match(told.reasons[0].message, new RegExp(`until ${iso(until)}`));
    assert.deepEqual(told.wakes, wakes);
    if (workflow === "sleepy") {
      assert.equal(told.timeoutAt, now + 7_200_000);
    }
  }
  assertWakes(it);
});

Deno.test("explain follows a step to the run that does it", async () => {
  await using it = await runSurface();
  const run = await it.start("outer");
  const { reasons, wakes } = await explain(it, run);
  assert.equal(reasons[0].kind, "child");
  assert.match(reasons[0].message, /^inner: waits for the run \w{26}: paid: /);
  assert.equal((await explain(it, reasons[0].run)).reasons[0].kind, "signal");
  assert.deepEqual(wakes, ["child"]);
  assertWakes(it);
});

Deno.test("explain tells a pending run whom it waits for", async () => {
  await using it = await runSurface();
  const first = await it.start("oneAtATime");
  const second = await it.start("oneAtATime");
  const { status, reasons, wakes } = await explain(it, second);
  assert.equal(status, "pending");
  assert.equal(reasons[0].kind, "pending");
  assert.match(reasons[0].message, /1 runs? (is|are) under way.* 0 runs/);
  assert.deepEqual(wakes, ["admission"]);
  assertWakes(it);
  await it.json(`/api/runs/${first}/signals/go`, post(), 202);
  await it.effects.advance(0);
  assert.equal((await explain(it, second)).reasons[0].kind, "signal");
});

Deno.test("explain names what a run of an earlier version lacks", async () => {
  const pause = "{ id: a, use: sleep, with: { for: 1m } }";
  const after = `pipelines: { p: { steps: [${pause}] } }`;
  const before = `pipelines:
  q: { steps: [{ id: c, wait: { signal: s } }] }
  p: { steps: [${pause}, { id: b, use: "pipeline:q" }] }
`;
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  let run = "";
  {
    const documents = { test: before };
    await using it = await runSurface({ documents, effects, store });
    run = await it.start("p");
  }
  const documents = { test: after };
  await using next = await runSurface({ documents, effects, store });
  const { status, reasons, wakes } = await explain(next, run);
  assert.equal(status, "waiting");
  assert.equal(reasons[0].kind, "stuck");
  assert.match(reasons[0].message, /pipeline "p" cannot be used: .*"q"/);
  assert.deepEqual(wakes, ["module"]);
  const detail = await next.json(`/api/runs/${run}`);
  assert.match(detail.stuck, /cannot be used/);
  assertWakes(next);
});

Deno.test("explain names the module that a step waits for, until it is back", async () => {
  const printer = defineModule({
    type: "test.printer",
    summary: "Prints",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [Actions],
    actions: {
      print: {
        summary: "Prints a page",
        input: z.strictObject({}),
        output: z.null(),
      },
    },
    examples: [],
    create: () => ({ act: () => Promise.resolve(null) }),
  });
  const module = "modules: [{ name: printer, type: test.printer }]\n";
  const other = `pipelines: { q: { steps: [{ id: c, wait: { signal: s } }] } }`;
  const text = `${module}pipelines:
  p:
    steps:
      - { id: hold, wait: { signal: go } }
      - { id: print, use: module:printer.print }
`;
  const documents = { test: text };
  await using it = await runSurface({ documents, definitions: [printer] });
  const run = await it.start("p");
  await it.engine.reload("test", other);
  await it.json(`/api/runs/${run}/signals/go`, post(), 202);
  await it.effects.advance(0);
  const { status, reasons, wakes } = await explain(it, run);
  assert.equal(status, "waiting");
  assert.deepEqual(reasons.map(({ kind }: { kind: string }) => kind), [
    "stuck",
  ]);
  assert.match(reasons[0].message, /"print" needs the module "printer"/);
  assert.deepEqual(wakes, ["module"]);
  assertWakes(it);
  await it.engine.reload("test", text);
  await it.effects.advance(0);
  assert.equal((await it.json(`/api/runs/${run}`)).status, "completed");
});

Deno.test("explain knows no run that there is not", async () => {
  await using it = await runSurface();
  await it.json("/api/runs/nobody/explain", {}, 404);
});
