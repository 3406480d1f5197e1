import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule } from "../engine/define.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import machines from "../modules/statemachine/engine.ts";
import statemachine from "../workflows/types/statemachine.ts";
import { DOCUMENT, post, runSurface } from "./_run_fixture_test.ts";

const pathsOf = (run: { steps: { path: string; status: string }[] }) =>
  run.steps.map(({ path, status }) => `${path} ${status}`);

Deno.test("POST /api/runs answers 202 with the place of the run", async () => {
  await using it = await runSurface();
  const response = await it.ask(
    "/api/runs",
    post({ workflow: "quick", input: { price: 2.5, order: 7 } }),
  );
  assert.equal(response.status, 202);
  const { run, status } = await response.json();
  assert.equal(response.headers.get("location"), `/api/runs/${run}`);
  assert.ok(["running", "completed"].includes(status));
  // It is completed once that is durable, which follows the acceptance.
  await it.effects.advance(0);
  const detail = await it.json(`/api/runs/${run}`);
  assert.equal(detail.status, "completed");
  assert.equal(detail.application, "test");
  assert.equal(detail.key, "7");
  assert.deepEqual(detail.output, { total: 5 });
  assert.deepEqual(pathsOf(detail), ["total completed"]);
});

Deno.test("POST /api/runs begins one run for one idempotency key", async () => {
  await using it = await runSurface();
  const body = { workflow: "sleepy", idempotencyKey: "once" };
  const first = await it.json("/api/runs", post(body), 202);
  const second = await it.json("/api/runs", post(body), 202);
  assert.equal(second.run, first.run);
  const byHeader = await it.json("/api/runs", {
    ...post({ workflow: "sleepy" }),
    headers: { "idempotency-key": "once" },
  }, 202);
  assert.equal(byHeader.run, first.run);
});

Deno.test("POST /api/runs does an action of a state machine, and answers its result", async () => {
  const text = `modules: [{ name: machines, type: statemachine.engine }]
workflows:
  statemachine:
    engine: machines
    definitions:
      - name: parcel
        initialState: new
        states: { new: {}, sent: { isFinal: true } }
        transitions: { send: { fromState: new, toState: sent } }
`;
  await using it = await runSurface({
    documents: { test: text },
    definitions: [machines, statemachine],
  });
  const body = { workflow: "parcel", action: "send", input: { id: "p1" } };
  const response = await it.ask("/api/runs", post(body));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("location"), null);
  assert.equal((await response.json()).currentState, "sent");
  const again = await it.json("/api/runs", post(body), 409);
  assert.equal(again.code, "wrong-state");
  const nothing = await it.json("/api/runs", post({ workflow: "parcel" }), 400);
  assert.equal(nothing.parameter, "action");
});

Deno.test("POST /api/runs refuses what it cannot start, naming the member", async () => {
  await using it = await runSurface({
    documents: { a: DOCUMENT, b: DOCUMENT },
  });
  for (
    const [body, status, code, parameter] of [
      [{}, 400, "invalid-parameter", "workflow"],
      [{ workflow: "quick", inptu: {} }, 400, "invalid-parameter", "inptu"],
      [{ workflow: "quick", input: [] }, 400, "invalid-parameter", "input"],
      [{ workflow: "quick" }, 400, "invalid-parameter", "application"],
      [{ workflow: "nothing" }, 404, "not-found", undefined],
      [
        { workflow: "quick", application: "c" },
        404,
        "not-found",
        undefined,
      ],
    ] as const
  ) {
    const problem = await it.json("/api/runs", post(body), status);
    assert.equal(problem.code, code, JSON.stringify(problem));
    assert.equal(problem.parameter, parameter);
  }
  const broken = await it.json(
    "/api/runs",
    { method: "POST", body: "{" },
    400,
  );
  assert.equal(broken.parameter, "body");
  const named = { workflow: "sleepy", application: "b" };
  const { run } = await it.json("/api/runs", post(named), 202);
  assert.equal((await it.json(`/api/runs/${run}`)).application, "b");
  await it.json(`/api/runs/${run}?application=a`, {}, 404);
});

Deno.test("POST /api/runs says when to come again while runs cannot be written", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  await using it = await runSurface({ effects, store });
  // A second process over the same store takes the runs over.
  await using other = await runSurface({ effects, store });
  await it.ask("/api/runs", post({ workflow: "sleepy" })).catch(() => {});
  const response = await it.ask("/api/runs", post({ workflow: "sleepy" }));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal((await response.json()).code, "try-later");
  assert.ok(await other.start("sleepy"));
});

Deno.test("GET /api/runs lists live and finished runs, the newest first", async () => {
  await using it = await runSurface();
  const ids: string[] = [];
  for (let n = 0; n < 9; n++) {
    const workflow = n % 3 === 0 ? "sleepy" : "quick";
    ids.unshift(await it.start(workflow, { price: 1, order: `order-${n}` }));
    await it.effects.advance(400);
  }
  const { runs, next } = await it.json("/api/runs");
  assert.deepEqual(runs.map(({ id }: { id: string }) => id), ids);
  assert.equal(next, undefined);
  const statuses = new Set(
    runs.map(({ status }: { status: string }) => status),
  );
  assert.deepEqual(statuses, new Set(["waiting", "completed"]));
});

Deno.test("GET /api/runs pages through every run once, of several applications", async () => {
  await using it = await runSurface({
    documents: { a: DOCUMENT, b: DOCUMENT },
  });
  const all: string[] = [];
  for (let n = 0; n < 23; n++) {
    const application = n % 2 === 0 ? "a" : "b";
    const workflow = n % 5 === 0 ? "sleepy" : "quick";
    const body = { workflow, application, input: { price: 1, order: n } };
    const { run } = await it.json("/api/runs", post(body), 202);
    all.unshift(run);
    await it.effects.advance(n % 3 === 0 ? 0 : 900);
  }
  for (const limit of [1, 4, 7, 23, 24]) {
    const seen: string[] = [];
    for (let cursor = "";;) {
      const page = await it.json(`/api/runs?limit=${limit}${cursor}`);
      assert.ok(page.runs.length <= limit);
      seen.push(...page.runs.map(({ id }: { id: string }) => id));
      if (page.next === undefined) break;
      cursor = `&cursor=${page.next}`;
    }
    assert.deepEqual(seen, all, `limit ${limit}`);
  }
});

Deno.test("GET /api/runs finds runs by workflow, status, time, id and key", async () => {
  await using it = await runSurface();
  const early = await it.start("quick", { price: 1, order: "A-1" });
  await it.effects.advance(10_000);
  const bad = await it.start("doomed");
  await it.effects.advance(10_000);
  const late = await it.start("sleepy");
  const ids = async (query: string) =>
    (await it.json(`/api/runs?${query}`)).runs
      .map(({ id }: { id: string }) => id);
  assert.deepEqual(await ids("workflow=doomed"), [bad]);
  assert.deepEqual(await ids("status=failed,waiting"), [late, bad]);
  assert.deepEqual(await ids("status=waiting"), [late]);
  assert.deepEqual(await ids("q=a-1"), [early]);
  assert.deepEqual(await ids("q=doom"), [bad]);
  assert.deepEqual(await ids(`q=${late.toLowerCase()}`), [late]);
  assert.deepEqual(await ids("q=nothing"), []);
  const at = it.effects.clock.now();
  const since = new Date(at - 12_000).toISOString();
  assert.deepEqual(await ids(`since=${since}`), [late, bad]);
  assert.deepEqual(await ids(`until=${at - 12_000}`), [early]);
  assert.deepEqual(await ids(`since=${since}&until=${at - 5_000}`), [bad]);
});

Deno.test("GET /api/runs names the parameter that is not right", async () => {
  await using it = await runSurface();
  for (
    const query of [
      "status=done",
      "status=",
      "limit=0",
      "limit=501",
      "limit=ten",
      "since=yesterday",
      "until=1x",
      "cursor=abc",
      "cursor=%00",
      `q=${"x".repeat(201)}`,
    ]
  ) {
    const problem = await it.json(`/api/runs?${query}`, {}, 400);
    assert.equal(problem.parameter, query.split("=")[0], query);
  }
  await it.json("/api/runs?application=nobody", {}, 404);
  assert.deepEqual(it.errors, []);
});

Deno.test("GET /api/runs/{id} tells where the time went, and of parents and children", async () => {
  await using it = await runSurface();
  const outer = await it.start("outer");
  await it.effects.advance(5_000);
  const parent = await it.json(`/api/runs/${outer}`);
  const [child] = parent.lineage.children;
  assert.deepEqual(pathsOf(parent), ["inner running"]);
  const inner = await it.json(`/api/runs/${child}`);
  assert.deepEqual(inner.lineage.parent, { run: outer, step: "inner" });
  assert.deepEqual(pathsOf(inner), [
    "before completed",
    "paid waiting",
    "after pending",
  ]);
  assert.deepEqual(inner.timeSplit, {
    totalMs: 5_000,
    assignmentMs: 0,
    executionMs: 0,
    transitionMs: 5_000,
  });
  await it.json(`/api/runs/${child}/signals/paid`, post({ by: "card" }), 202);
  await it.effects.advance(0);
  const done = await it.json(`/api/runs/${outer}`);
  assert.deepEqual(done.output, { got: { by: "card" } });
  assert.equal(done.timeSplit.executionMs, 5_000);
});

Deno.test("GET /api/runs/{id}?at= shows a run as it was", async () => {
  await using it = await runSurface();
  const id = await it.start("signalled");
  await it.json(`/api/runs/${id}/signals/paid`, post(7), 202);
  await it.effects.advance(0);
  const now = await it.json(`/api/runs/${id}`);
  assert.equal(now.at, now.entries - 1);
  assert.deepEqual(pathsOf(now), [
    "before completed",
    "paid completed",
    "after completed",
  ]);
  const then = await it.json(`/api/runs/${id}?at=2`);
  assert.equal(then.output, undefined);
  assert.deepEqual(pathsOf(then), [
    "before completed",
    "paid waiting",
    "after pending",
  ]);
  const problem = await it.json(`/api/runs/${id}?at=99`, {}, 400);
  assert.equal(problem.parameter, "at");
});

Deno.test("GET /api/runs/{id}/journal gives entries with their places, and no secret of links", async () => {
  await using it = await runSurface();
  const id = await it.start("asked", { amount: 5 });
  const { entries, next } = await it.json(`/api/runs/${id}/journal`);
  assert.deepEqual(
    entries.map(({ index, kind }: { index: number; kind: string }) => [
      index,
      kind,
    ]),
    [[0, "accepted"], [1, "step.waiting"]],
  );
  assert.equal(entries[0].token, undefined);
  assert.equal(next, undefined);
  const later = await it.json(`/api/runs/${id}/journal?after=0`);
  assert.deepEqual(later.entries.map(({ index }: { index: number }) => index), [
    1,
  ]);
  const first = await it.json(`/api/runs/${id}/journal?limit=1`);
  assert.equal(first.next, 0);
  const end = await it.json(`/api/runs/${id}/journal?after=5`);
  assert.deepEqual(end, { entries: [] });
});

Deno.test("POST /api/runs/{id}/cancel ends a run once, with the reason", async () => {
  await using it = await runSurface();
  const id = await it.start("sleepy");
  const reason = "Not needed any more";
  await it.json(`/api/runs/${id}/cancel`, post({ reason }), 202);
  await it.effects.advance(0);
  const run = await it.json(`/api/runs/${id}`);
  assert.equal(run.status, "cancelled");
  assert.equal(run.error.message, reason);
  const again = await it.json(`/api/runs/${id}/cancel`, post(), 409);
  assert.equal(again.code, "wrong-state");
  await it.json("/api/runs/nobody/cancel", post(), 404);
});

Deno.test("POST /api/runs/{id}/fork makes a run that takes the place of another", async () => {
  await using it = await runSurface();
  const id = await it.start("doomed");
  const response = await it.ask(
    `/api/runs/${id}/fork`,
    post({ fromStep: "stop" }),
  );
  assert.equal(response.status, 201);
  const fork = await response.json();
  assert.equal(response.headers.get("location"), `/api/runs/${fork.id}`);
  assert.deepEqual(fork.fork, { run: id, step: "stop" });
  const old = await it.json(`/api/runs/${id}`);
  assert.equal(old.lineage.supersededBy, fork.id);
  const made = await it.json(`/api/runs/${fork.id}`);
  assert.deepEqual(made.lineage.forkOf, { run: id, step: "stop" });
  const nowhere = post({ fromStep: "elsewhere" });
  await it.json(`/api/runs/${id}/fork`, nowhere, 422);
  const missing = await it.json(`/api/runs/${id}/fork`, post({}), 400);
  assert.equal(missing.parameter, "fromStep");
  const version = post({ fromStep: "stop", version: "0123" });
  await it.json(`/api/runs/${id}/fork`, version, 404);
});

Deno.test("runs are found, and go on, in the next process", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  let done = "";
  let open = "";
  {
    await using it = await runSurface({ effects, store });
    done = await it.start("quick", { price: 3, order: "kept" });
    open = await it.start("signalled");
    await it.effects.advance(1_000);
  }
  await using it = await runSurface({ effects, store });
  const { runs } = await it.json("/api/runs");
  assert.deepEqual(
    runs.map(({ id, status }: { id: string; status: string }) => [id, status]),
    [[open, "waiting"], [done, "completed"]],
  );
  await it.json(`/api/runs/${open}/signals/paid`, post(1), 202);
  await it.effects.advance(0);
  assert.equal((await it.json(`/api/runs/${open}`)).status, "completed");
});

Deno.test("GET /api/workflow/status counts the unfinished runs", async () => {
  await using it = await runSurface();
  await it.start("sleepy");
  const { applications } = await it.json("/api/workflow/status");
  assert.deepEqual(applications[0].runs, { unfinished: 1 });
  assert.ok(applications[0].pipelines.includes("sleepy"));
});

Deno.test("runs show no secret, wherever it has come to", async () => {
  const safe = defineModule({
    type: "test.safe",
    summary: "Keeps a secret",
    stability: "experimental",
    config: z.strictObject({ code: z.string().describe("Opens it") }),
    provides: [],
    examples: [],
    create: () => ({}),
  });
  const text = `modules:
  - { name: safe, type: test.safe, config: { code: "secret://CODE" } }
pipelines:
  leak:
    steps:
      - { id: tell, use: set, with: { values: { it: "\${{ input.text }}" } } }
      - { id: hold, wait: { signal: "\${{ input.text }}" } }
`;
  await using it = await runSurface({
    documents: { test: text },
    definitions: [safe],
    env: { CODE: "sesame-open" },
  });
  const run = await it.start("leak", { text: "say sesame-open twice" });
  for (const path of ["", "/journal", "/explain"]) {
    const shown = await (await it.ask(`/api/runs/${run}${path}`)).text();
    assert.doesNotMatch(shown, /sesame/, path);
    assert.match(shown, /say \*\*\* twice/, path);
  }
});

Deno.test("runs are nobody's without the token", async () => {
  await using it = await runSurface();
  const id = await it.start("sleepy");
  for (const path of ["/api/runs", `/api/runs/${id}/cancel`]) {
    const response = await it.ask(path, {
      method: "POST",
      headers: { authorization: "Bearer wrong" },
    });
    assert.equal(response.status, 401);
  }
  assert.equal((await it.json(`/api/runs/${id}`)).status, "waiting");
});

Deno.test("POST /api/documents/{id}/impact tells which runs could not go on", async () => {
  await using it = await runSurface();
  const run = await it.start("signalled");
  const changed = DOCUMENT.replace("id: before", "id: begin");
  const path = "/api/documents/test/impact";
  const { counts, breaks } = await it.json(path, {
    method: "POST",
    body: changed,
  });
  assert.deepEqual(counts, { unaffected: 0, moves: 0, breaks: 1 });
  assert.deepEqual([breaks[0].run, breaks[0].step], [run, "before"]);
  // Nothing but the report came of it.
  assert.equal((await it.json(`/api/runs/${run}`)).status, "waiting");
  await it.json(path, { method: "POST", body: "pipelines: [" }, 422);
  await it.json("/api/documents/nobody/impact", post(), 404);
});
