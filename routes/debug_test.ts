import assert from "node:assert/strict";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { post, type RunSurface, runSurface } from "./_run_fixture_test.ts";

const DOCUMENT = `pipelines:
  refund:
    key: input.order
    input: { order: string, amount: number }
    steps:
      - { id: fee, use: set, with: { values: { fee: "\${{ input.amount * 0.5 }}" } } }
      - { id: pay, use: test.work, with: { name: "\${{ input.order }}" } }
      - { id: tell, use: set, with: { values: { told: true } } }
  other:
    steps:
      - { id: paid, wait: { signal: paid } }
`;
const SET = "/api/debug/breakpoints";

async function surface(more: Parameters<typeof runSurface>[0] = {}) {
  return await runSurface({ documents: { test: DOCUMENT }, ...more });
}

/** Sets a breakpoint and begins a run that comes to it. */
async function stopped(it: RunSurface, order = "A-7", amount = 8) {
  if ((await it.json(SET)).length === 0) {
    await it.json(SET, post({ pipeline: "refund", step: "pay" }), 201);
  }
  return await it.start("refund", { order, amount });
}

Deno.test("POST /api/debug/breakpoints answers 201 with the breakpoint, which is listed, turned off and on, and removed", async () => {
  await using it = await surface();
  const wanted = { pipeline: "refund", step: "pay" };
  const more = { condition: "input.amount > 5.0", once: true, autoResumeMs: 9 };
  const set = await it.json(SET, post({ ...wanted, ...more }), 201);
  assert.deepEqual(set, {
    ...{ id: "bp-1", application: "test", ...wanted, ...more },
    ...{ enabled: true, hits: 0, setAt: it.effects.clock.now() },
    ...{ type: "workflow", target: "refund/pay", hit_count: 0 },
  });
  assert.deepEqual(await it.json(SET), [set]);
  const off = await it.json(`${SET}/bp-1/disable`, post());
  assert.equal(off.enabled, false);
  const on = await it.json(`${SET}/bp-1/enable`, post());
  assert.equal(on.enabled, true);
  const removed = await it.json(`${SET}/bp-1`, { method: "DELETE" });
  assert.deepEqual(removed, { status: "removed" });
  for (
    const [path, init] of [
      ["/bp-1", { method: "DELETE" }],
      ["/bp-1/enable", post()],
    ] as const
  ) {
    const { code } = await it.json(`${SET}${path}`, init, 404);
    assert.equal(code, "not-found");
  }
});

Deno.test("POST /api/debug/breakpoints refuses what is wrong, and says where", async () => {
  await using it = await surface({ documents: { a: DOCUMENT, b: DOCUMENT } });
  const place = { pipeline: "refund", step: "pay", application: "a" };
  for (
    const [body, status, member] of [
      [{}, 400, { parameter: "pipeline" }],
      [{ pipeline: "refund" }, 400, { parameter: "step" }],
      [{ ...place, one: true }, 400, { parameter: "one" }],
      [{ ...place, application: undefined }, 400, { parameter: "application" }],
      [{ ...place, application: "c" }, 404, { code: "not-found" }],
      [{ ...place, pipeline: "refnd" }, 404, { code: "not-found" }],
      [{ ...place, step: "payy" }, 404, { code: "not-found" }],
      [{ ...place, autoResumeMs: -1 }, 422, { code: "invalid-input" }],
      [
        { ...place, condition: "true && input.amuont > 1.0" },
        422,
        { parameter: "condition", line: 1, column: 15, nearest: "amount" },
      ],
      [{ type: "workflow" }, 400, { parameter: "target" }],
      [{ type: "step", target: "x" }, 400, { parameter: "type" }],
      [{ type: "module", target: "x" }, 422, { code: "invalid-input" }],
    ] as const
  ) {
    const problem = await it.json(SET, post(body), status);
    for (const [name, value] of Object.entries(member)) {
      assert.equal(problem[name], value, JSON.stringify(problem));
    }
  }
  assert.deepEqual(await it.json(SET), []);
  assert.equal(
    (await it.ask(SET, { headers: { authorization: "no" } })).status,
    401,
  );
});

Deno.test("GET /api/runs/:id/debug shows where a run stands, and its list, table and explanation say so", async () => {
  await using it = await surface();
  const id = await stopped(it);
  const seen = await it.json(`/api/runs/${id}/debug`);
  assert.equal(seen.status, "paused");
  const { since } = seen.paused;
  assert.deepEqual(seen.paused, {
    ...{ step: "pay", since, until: since + 600_000, breakpoint: "bp-1" },
  });
  assert.deepEqual(seen.with, { name: "A-7" });
  assert.deepEqual(seen.scope.input, { order: "A-7", amount: 8 });
  assert.equal(seen.scope.steps.fee.output.fee, 4);
  const { runs } = await it.json("/api/runs?status=paused");
  assert.deepEqual(runs.map((run: { id: string }) => run.id), [id]);
  const detail = await it.json(`/api/runs/${id}`);
  assert.deepEqual(
    detail.steps.map(({ status }: { status: string }) => status),
    ["completed", "paused", "pending"],
  );
  assert.deepEqual(detail.steps[1].waitsFor, {
    ...{ kind: "breakpoint", breakpoint: "bp-1", until: since + 600_000 },
  });
  const told = await it.json(`/api/runs/${id}/explain`);
  assert.deepEqual(told.wakes, ["breakpoint"]);
  assert.match(told.reasons[0].message, /goes on by itself at/);
  const none = await it.start("other");
  assert.equal((await it.json(`/api/runs/${none}/debug`)).paused, null);
  await it.json("/api/runs/nobody/debug", undefined, 404);
});

Deno.test("POST /api/runs/:id/debug/continue and /step let a run go on, with another input", async () => {
  await using it = await surface();
  const id = await stopped(it);
  const path = `/api/runs/${id}/debug`;
  const bad = await it.json(`${path}/step`, post({ with: { nam: "x" } }), 422);
  assert.match(bad.detail, /"pay" something else: .*name/);
  await it.json(`${path}/step`, post({ what: 1 }), 400);
  const went = await it.json(
    `${path}/step`,
    post({ with: { name: "B-1" } }),
    202,
  );
  assert.equal(went.run, id);
  await it.effects.advance(0);
  assert.deepEqual(it.works.map(({ name }) => name), ["B-1"]);
  const early = await it.json(`${path}/continue`, post(), 409);
  assert.equal(early.code, "wrong-state");
  it.works[0]?.end("done");
  await it.effects.advance(0);
  assert.equal((await it.json(path)).paused.step, "tell");
  await it.json(`${path}/continue`, post({ step: "pay" }), 409);
  await it.json(`${path}/continue`, post(), 202);
  await it.effects.advance(0);
  assert.equal((await it.json(`/api/runs/${id}`)).status, "completed");
  await it.json(`${path}/continue`, post(), 409);
  const { entries } = await it.json(`/api/runs/${id}/journal`);
  assert.deepEqual(
    entries.filter(({ kind }: { kind: string }) => kind === "resumed")
      .map((
        { how, with: given }: { how: string; with?: unknown },
      ) => [how, given]),
    [["step", { name: "B-1" }], ["continue", undefined]],
  );
});

Deno.test("a run that is paused is cancelled, and takes signals, over the API", async () => {
  await using it = await surface();
  const id = await stopped(it);
  await it.json(`/api/runs/${id}/signals/paid`, post({ by: "card" }), 202);
  await it.json(`/api/runs/${id}/cancel`, post({ reason: "A mistake" }), 202);
  await it.effects.advance(0);
  assert.equal((await it.json(`/api/runs/${id}`)).status, "cancelled");
  assert.deepEqual(it.works, []);
});

Deno.test("the debugger of the original engine is that of the one run that is paused", async () => {
  await using it = await surface();
  const idle = await it.json("/api/debug/state");
  assert.deepEqual([idle.status, idle.step_history], ["idle", []]);
  for (const how of ["step", "continue"]) {
    const none = await it.json(`/api/debug/${how}`, post(), 409);
    assert.equal(none.detail, "No run is paused");
  }
  const body = { type: "workflow", target: "refund" };
  const { id } = await it.json(SET, post(body), 201);
  const run = await it.start("refund", { order: "A-7", amount: 8 });
  const first = await it.json("/api/debug/state");
  assert.deepEqual(
    [first.status, first.run, first.current_step, first.workflow_type],
    ["paused", run, "fee", "refund"],
  );
  assert.equal(first.breakpoint_id, id);
  assert.deepEqual(await it.json("/api/debug/step", post()), {
    status: "stepped",
  });
  await it.effects.advance(0);
  const second = await it.json("/api/debug/state");
  assert.equal(second.current_step, "pay");
  assert.deepEqual(second.data.with, { name: "A-7" });
  const [done] = second.step_history;
  assert.deepEqual([done.step, done.data, done.duration], [
    ...["fee", { fee: 4 }, 0],
  ]);
  assert.deepEqual(await it.json("/api/debug/continue", post()), {
    status: "continued",
  });
  await it.effects.advance(0);
  assert.equal(it.works.length, 1);
  assert.equal((await it.json(SET))[0].hit_count, 1);
});

Deno.test("the debugger of the original engine answers 409 and names the runs where several are paused", async () => {
  await using it = await surface();
  const runs = [await stopped(it), await stopped(it, "B-1")];
  for (
    const [path, init] of [
      ["state", undefined],
      ["step", post()],
      ["continue", post()],
      ["reset", post()],
    ] as const
  ) {
    const response = await it.ask(`/api/debug/${path}`, init);
    assert.equal(response.status, 409);
    assert.equal(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    const problem = await response.json();
    assert.deepEqual(problem.runs.toSorted(), runs);
  }
  await it.json(`/api/runs/${runs[0]}/debug/continue`, post(), 202);
  await it.effects.advance(0);
  assert.deepEqual(await it.json("/api/debug/reset", post()), {
    status: "reset",
  });
  await it.effects.advance(0);
  assert.deepEqual(await it.json(SET), []);
  assert.equal(it.works.length, 2, "none is left where it stood");
});

Deno.test("breakpoints and paused runs are there after a restart", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const first = await surface({ effects, store });
  const id = await stopped(first);
  const before = await first.json(`/api/runs/${id}/debug`);
  await first[Symbol.asyncDispose]();
  await using second = await surface({ effects, store });
  assert.deepEqual(await second.json(`/api/runs/${id}/debug`), before);
  assert.equal((await second.json(SET))[0].hits, 1);
});
