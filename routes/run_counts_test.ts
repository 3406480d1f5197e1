import assert from "node:assert/strict";
import { runSurface } from "./_run_fixture_test.ts";

Deno.test("GET /api/runs/counts tells how many runs are of each status", async () => {
  await using surface = await runSurface();
  await surface.start("quick", { order: "A-1", price: 2 });
  await surface.start("quick", { order: "A-2", price: 2 });
  await surface.start("doomed");
  await surface.start("signalled");
  await surface.effects.advance(0);
  const { counts, isPartial } = await surface.json("/api/runs/counts");
  assert.equal(isPartial, false);
  assert.deepEqual(counts, {
    ...{ pending: 0, running: 0, waiting: 1, paused: 0 },
    ...{ completed: 2, failed: 1, cancelled: 0 },
  });
});

Deno.test("GET /api/runs/counts counts what fits, whatever its status", async () => {
  await using surface = await runSurface();
  await surface.start("quick", { order: "A-1", price: 2 });
  await surface.start("signalled");
  await surface.effects.advance(0);
  const path = "/api/runs/counts?workflow=quick&status=waiting";
  const { counts } = await surface.json(path);
  assert.equal(counts.completed, 1);
  assert.equal(counts.waiting, 0);
});

Deno.test("GET /api/runs names the steps at which a run is", async () => {
  await using surface = await runSurface();
  const id = await surface.start("signalled");
  await surface.effects.advance(0);
  const { runs: [run] } = await surface.json(`/api/runs?q=${id}`);
  assert.deepEqual(run.at, ["paid"]);
});

Deno.test("GET /api/runs/{id}/pipeline has the text that a run is pinned to", async () => {
  await using surface = await runSurface();
  const id = await surface.start("signalled");
  await surface.effects.advance(0);
  const { version } = await surface.json(`/api/runs/${id}`);
  const pipeline = await surface.json(`/api/runs/${id}/pipeline`);
  assert.equal(pipeline.id, "signalled");
  assert.equal(pipeline.version, version);
  assert.deepEqual(
    pipeline.written.steps.map(({ id }: { id: string }) => id),
    ["before", "paid", "after"],
  );
});
