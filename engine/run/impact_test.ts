import assert from "node:assert/strict";
import fail from "../../workflows/steps/fail.ts";
import set from "../../workflows/steps/set.ts";
import { startApplication } from "../testing.ts";
import { impactOf } from "./impact.ts";

const first = `pipelines:
  p:
    steps:
      - { id: before, use: set, with: { values: { a: 1 } } }
      - { id: hold, wait: { signal: go } }
      - { id: after, use: set, with: { values: { a: 1 } } }
  other:
    steps:
      - { id: hold, wait: { signal: go } }
`;

async function impact(next: string) {
  const app = await startApplication({
    document: first,
    definitions: [set, fail],
  });
  const { runs } = app.application;
  const { summary } = await runs.start("p", {});
  await runs.start("other", {});
  await app.effects.advance(0);
  const source = { file: "test.yaml", text: next };
  const { plan, document, problems } = await app.engine.load(source);
  assert.ok(plan && document, problems[0]?.message);
  const programs = plan.pipelines.flatMap(({ program }) => program ?? []);
  const { counts, moves, breaks } = await impactOf(runs, programs, document);
  await app.stop();
  const [broken] = breaks;
  assert.ok([undefined, summary.id].includes(broken?.run));
  return {
    counts: Object.values(counts),
    moves: moves.length,
    ...broken === undefined ? {} : {
      step: broken.step,
      line: broken.line,
      reason: broken.reason,
    },
  };
}

Deno.test("impact leaves alone the runs of a pipeline that stays as it is", async () => {
  const same = await impact(first.replace("pipelines:", "# why\npipelines:"));
  assert.deepEqual(same, { counts: [2, 0, 0], moves: 0 });
});

Deno.test("impact lets a run move where only what is to come has changed", async () => {
  const later = first.replace("{ id: after,", "{ id: more,");
  assert.deepEqual(await impact(later), { counts: [1, 1, 0], moves: 1 });
});

Deno.test("impact names the step that a new version does not come to, and its line", async () => {
  const inserted = first.replace(
    "      - { id: hold",
    "      - { id: extra, wait: { signal: x } }\n      - { id: hold",
  );
  assert.deepEqual(await impact(inserted), {
    ...{ counts: [1, 0, 1], moves: 0, step: "hold", line: 6 },
    reason: "The new version does not come to it, but to extra",
  });
  const renamed = first.replace("id: before", "id: begin");
  assert.deepEqual(await impact(renamed), {
    ...{ counts: [1, 0, 1], moves: 0, step: "before", line: 2 },
    reason: "The new version does not come to it, but to begin",
  });
});

Deno.test("impact sees a step that would be of another kind, or would fail", async () => {
  const kind = first.replace(
    "{ id: hold, wait: { signal: go } }",
    "{ id: hold, use: set, with: { values: {} } }",
  );
  assert.deepEqual(await impact(kind), {
    ...{ counts: [1, 0, 1], moves: 0, step: "hold", line: 5 },
    reason: "It was a wait and would be work",
  });
  const skipped = first.replace(
    "{ id: hold, wait",
    '{ id: hold, when: "1 > 2", wait',
  );
  assert.match((await impact(skipped)).reason ?? "", /but to after$/);
});

Deno.test("impact says so where the pipeline is gone", async () => {
  const gone = first.replace("  p:", "  renamed:");
  assert.deepEqual(await impact(gone), {
    ...{ counts: [1, 0, 1], moves: 0, step: undefined, line: undefined },
    reason: "The new text does not have this pipeline",
  });
});
