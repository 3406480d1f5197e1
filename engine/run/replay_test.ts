import assert from "node:assert/strict";
import fail from "../../workflows/steps/fail.ts";
import set from "../../workflows/steps/set.ts";
import { startApplication } from "../testing.ts";
import { describeSteps } from "./describe.ts";
import type { AcceptedEntry, Entry } from "./journal.ts";
import { replay } from "./replay.ts";

const VALUES = "use: set, with: { values: { a: 1 } }";

const DOCUMENT = `pipelines:
  p:
    steps:
      - { id: never, when: "1 > 2", ${VALUES} }
      - id: mended
        use: fail
        with: { message: Broken }
        onError:
          - { id: mend, ${VALUES} }
      - { id: ignored, use: fail, with: { message: Broken }, onError: continue }
      - id: both
        parallel:
          left: [{ id: wait, wait: { signal: go } }, { id: late, ${VALUES} }]
          right: [{ id: quick, ${VALUES} }]
      - id: choice
        switch:
          - { when: "input.bad", steps: [{ id: stop, use: fail, with: { message: Bad } }] }
          - { steps: [{ id: fine, ${VALUES} }] }
`;

async function start(input: { bad: boolean }) {
  const app = await startApplication({
    document: DOCUMENT,
    definitions: [set, fail],
  });
  const { runs } = app.application;
  const { summary: { id } } = await runs.start("p", input);
  await app.effects.advance(0);
  return {
    app,
    async go() {
      await runs.signal(id, "go", null);
      await app.effects.advance(0);
    },
    async table(at?: number) {
      const view = await runs.get(id);
      const program = runs.programs.current("p");
      assert.ok(view && program);
      const entries = view.entries as [AcceptedEntry, ...Entry[]];
      const progress = replay(program, { id, entries, at });
      return describeSteps(entries, { at, progress })
        .map(({ path, status }) => `${path} ${status}`);
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const BEFORE = ["never skipped", "mended recovered", "mend completed"];

Deno.test("replay() tells what was skipped, mended, goes on and is to come", async () => {
  await using it = await start({ bad: false });
  assert.deepEqual(await it.table(), [
    ...BEFORE,
    "ignored failed",
    "both running",
    "wait waiting",
    "quick completed",
    "late pending",
    "choice pending",
  ]);
  assert.deepEqual(await it.table(0), [
    "never skipped",
    "mended running",
    "ignored pending",
    "both pending",
    "wait pending",
    "late pending",
    "quick pending",
    "choice pending",
  ]);
});

Deno.test("replay() shows a run that is over without what it did not come to", async () => {
  await using good = await start({ bad: false });
  await good.go();
  assert.deepEqual(await good.table(), [
    ...BEFORE,
    "ignored failed",
    "both completed",
    "wait completed",
    "quick completed",
    "late completed",
    "choice completed",
    "fine completed",
  ]);
  await using bad = await start({ bad: true });
  await bad.go();
  assert.deepEqual((await bad.table()).slice(-2), [
    "choice failed",
    "stop failed",
  ]);
});
