import assert from "node:assert/strict";
import type { AcceptedEntry, Entry } from "@engine/run/journal.ts";
import { EVERYTHING, journalBy, programOf } from "./_driven_run_test.ts";
import { lanesOf } from "./lanes.ts";
import { Past } from "./past.ts";

const ACCEPTED: AcceptedEntry = {
  ...{ kind: "accepted", at: 0, pipeline: "made", version: "1", priority: 5 },
  input: {},
};

const TWO = {
  steps: [
    { id: "pay", use: "http.request", retry: { attempts: 3 } },
    { id: "send", use: "http.request" },
  ],
};

function lanes(written: unknown, entries: readonly Entry[], nowMs = 0) {
  const past = new Past("run", programOf(written));
  past.append([ACCEPTED, ...entries]);
  return lanesOf(past, nowMs).map(({ path, attempt, segments }) => [
    `${path} ${attempt}`,
    ...segments.map(({ kind, tone, from, to }) =>
      `${kind} ${tone} ${from}-${to}`
    ),
  ]);
}

Deno.test("lanesOf() splits each attempt, and the wait before the next", () => {
  const error = { message: "closed", code: "error", step: "pay" };
  const found = lanes(TWO, [
    {
      ...{ kind: "step.failed", at: 30, step: "pay", attempt: 1, since: 10 },
      ...{ error, retryAt: 80 },
    },
    {
      ...{ kind: "step.completed", at: 95, step: "pay", attempt: 2 },
      ...{ since: 85, output: 1 },
    },
    {
      ...{ kind: "step.completed", at: 120, step: "send", attempt: 1 },
      ...{ since: 99, output: 1 },
    },
    { kind: "completed", at: 125, output: 1 },
  ]);
  assert.deepEqual(found, [
    [
      "pay 1",
      "assignment idle 0-10",
      "execution fail 10-30",
      "waiting wait 30-80",
    ],
    [
      "pay 2",
      "assignment idle 80-85",
      "execution ok 85-95",
      "transition idle 95-99",
    ],
    ["send 1", "execution ok 99-120"],
  ]);
});

Deno.test("lanesOf() lets what goes on grow to the present", () => {
  assert.deepEqual(lanes(TWO, [], 50), [["pay 1", "execution run 0-50"]]);
});

Deno.test("lanesOf() shows a wait until its signal, and a pause of the run", () => {
  const found = lanes({
    steps: [{ id: "paid", wait: { signal: "paid" } }, {
      id: "end",
      use: "set",
    }],
  }, [
    { kind: "step.waiting", at: 5, step: "paid", signal: "paid" },
    { kind: "signal", at: 900, name: "paid", data: null },
    { kind: "paused", at: 901, step: "end", until: 10_000 },
    { kind: "resumed", at: 990, step: "end", how: "continue" },
  ], 1_000);
  assert.deepEqual(found, [
    ["paid 1", "waiting wait 5-900"],
    ["end 1", "waiting wait 901-990", "execution run 990-1000"],
  ]);
});

Deno.test("lanesOf() does not let a step begin before which the run stands", () => {
  const found = lanes(TWO, [
    { kind: "paused", at: 5, step: "pay", until: 10_000 },
  ], 100);
  assert.deepEqual(found, [["pay 1", "waiting wait 5-100"]]);
});

Deno.test("lanesOf() has a lane for each attempt of any run", () => {
  const program = programOf(EVERYTHING);
  for (let seed = 0; seed < 40; seed++) {
    const entries = journalBy(program, seed);
    const past = new Past("run", program);
    past.append(entries);
    const found = lanesOf(past, 0);
    const attempts = entries.filter(({ kind }) =>
      kind === "step.completed" || kind === "step.failed" ||
      kind === "step.waiting"
    );
    assert.ok(found.length >= attempts.length - 1, `seed ${seed}`);
    for (const { segments } of found) {
      for (const { from, to } of segments) assert.ok(from <= to);
    }
  }
});
