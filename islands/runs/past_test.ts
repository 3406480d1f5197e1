import assert from "node:assert/strict";
import { describeSteps } from "@engine/run/describe.ts";
import { replay } from "@engine/run/replay.ts";
import { EVERYTHING, journalBy, programOf } from "./_driven_run_test.ts";
import { Past } from "./past.ts";

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

Deno.test("a past has each step as a replay to that entry has it", () => {
  const program = programOf(EVERYTHING);
  const kinds = new Set<string>();
  for (const seed of SEEDS) {
    const entries = journalBy(program, seed);
    const past = new Past("run", program);
    past.append(entries);
    for (const [at, { kind }] of entries.entries()) {
      kinds.add(kind);
      const progress = replay(program, { id: "run", entries, at });
      const expected = describeSteps(entries, { at, progress })
        .filter(({ path }) => progress.steps.has(path));
      const found = expected.map(({ path }) => past.rowAt(path, at));
      assert.deepEqual(found, expected, `seed ${seed}, entry ${at}`);
    }
  }
  assert.ok(kinds.size >= 9, [...kinds].join());
});

Deno.test("a past that grows has what one that is read at once has", () => {
  const program = programOf(EVERYTHING);
  for (const seed of SEEDS.slice(0, 10)) {
    const entries = journalBy(program, seed);
    const whole = new Past("run", program);
    whole.append(entries);
    const grown = new Past("run", program);
    for (const entry of entries) {
      grown.append([entry]);
      for (const path of grown.steps.keys()) grown.rowAt(path, grown.last);
    }
    for (let at = 0; at < entries.length; at++) {
      assert.equal(grown.statusAt(at), whole.statusAt(at));
      for (const path of whole.steps.keys()) {
        assert.deepEqual(grown.rowAt(path, at), whole.rowAt(path, at));
      }
    }
  }
});

Deno.test("a past without a program has what the journal says", () => {
  const program = programOf(EVERYTHING);
  for (const seed of SEEDS.slice(0, 10)) {
    const entries = journalBy(program, seed);
    const past = new Past("run", undefined);
    past.append(entries);
    for (const row of describeSteps(entries)) {
      const found = past.rowAt(row.path, past.last);
      assert.equal(found?.status, row.status, `seed ${seed}, ${row.path}`);
    }
  }
});

Deno.test("a past gives back the same row as long as nothing has changed", () => {
  const program = programOf(EVERYTHING);
  const past = new Past("run", program);
  past.append(journalBy(program, 1));
  assert.equal(past.rowAt("first", 3), past.rowAt("first", 4));
});

Deno.test("a past is none before a step has come up", () => {
  const program = programOf(EVERYTHING);
  const past = new Past("run", program);
  past.append(journalBy(program, 1));
  assert.equal(past.rowAt("loop", 0), undefined);
  assert.equal(past.rowAt("first", 0)?.status, "running");
});
