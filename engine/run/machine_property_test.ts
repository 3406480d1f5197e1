import assert from "node:assert/strict";
import fc from "fast-check";
import type { Program } from "../pipeline/program.ts";
import { Chance } from "../simulation/chance.ts";
import { generateDocument } from "../simulation/generate_document.ts";
import { acceptedOf, loadPipelines } from "./_compiled_test.ts";
import type { Entry } from "./journal.ts";
import { Machine } from "./machine.ts";
import type { Live } from "./machine_frames.ts";

/** Entries that one run may take; it ends long before. */
const ENTRIES_MAX = 2_000;

/** All that a machine shows of itself. */
function picture(machine: Machine): unknown {
  return JSON.parse(JSON.stringify({
    live: [...machine.live.values()].map((live) => ({
      ...{ path: live.path, kind: live.kind },
      ..."attempt" in live ? { attempt: live.attempt } : {},
      ..."atMs" in live ? { atMs: live.atMs, stopped: live.isStopped } : {},
      ..."untilMs" in live ? { until: live.untilMs, signal: live.signal } : {},
      ..."run" in live ? { run: live.run } : {},
      ..."values" in live ? { values: live.values } : {},
      ..."task" in live ? { input: live.task.input.isConstant } : {},
      passed: live.isPassed,
    })),
    outcome: machine.outcome,
    phase: machine.phase,
    pauses: machine.pauses,
    stopReason: machine.stopReason,
    signals: [...machine.signals()],
  }));
}

/** Something that may happen next to a machine. */
function nextEntry(machine: Machine, chance: Chance, at: number): Entry {
  const [first, ...rest] = [...machine.live.values()];
  const turn = turnOf(machine, chance, at);
  if (turn !== undefined) return turn;
  if (first === undefined || chance.percent(3)) {
    return chance.pick<Entry>([
      { kind: "signal", at, name: "go", data: at },
      { kind: "cancel", at, reason: "enough" },
      { kind: "timeout", at },
    ]);
  }
  return entryFor(chance.pick<Live>([first, ...rest]), chance, at);
}

/** The run stops somewhere, goes on, or neither; not every seed has it stop. */
function turnOf(
  { live, pause }: Machine,
  chance: Chance,
  at: number,
): Entry | undefined {
  if (pause !== undefined) {
    if (chance.percent(60)) return undefined;
    const how = chance.pick(["continue", "step", "auto"] as const);
    const given = chance.percent(30) ? { with: { value: at } } : {};
    // Sometimes what it stood before is over by then.
    const step = chance.percent(90) ? pause.step : "gone";
    return { kind: "resumed", at, step, how, ...given };
  }
  const [first, ...rest] = [...live.keys()];
  if (first === undefined || chance.percent(90)) return undefined;
  const step = chance.pick([first, ...rest]);
  return { kind: "paused", at, step, until: at + 50, breakpoint: "bp-1" };
}

function entryFor(live: Live, chance: Chance, at: number): Entry {
  const { path: step } = live;
  const place = { at, step, attempt: 1, since: at };
  const error = { message: `${step} broke at ${at}`, code: "error", step };
  const failed = { kind: "step.failed", ...place, error } as const;
  const done = { kind: "step.completed", ...place, output: at } as const;
  switch (live.kind) {
    case "arming":
      return live.node.for === undefined
        ? { kind: "step.waiting", at, step, signal: "go", until: at + 9 }
        : { kind: "step.waiting", at, step, until: at + 9 };
    case "waiting":
      if (live.signal === undefined) return done;
      return chance.percent(60)
        ? { kind: "signal", at, name: live.signal, data: at }
        : failed;
    case "doing":
      if (live.task.target.kind === "pipeline") {
        return { kind: "step.child", at, step, run: `child ${at}` };
      }
      if (chance.percent(15)) return { ...failed, retryAt: at + 5 };
      return chance.percent(75) ? done : failed;
    case "retrying":
    case "child":
      return chance.percent(70) ? done : failed;
  }
}

/** Lets things happen to a run until it is over. */
function liveThrough(program: Program, seed: number) {
  const chance = new Chance(seed);
  const accepted = acceptedOf(program, { n: chance.between(0, 20) });
  const machine = new Machine(program, accepted, "run");
  const entries: Entry[] = [];
  const pictures = [picture(machine)];
  while (machine.outcome === undefined) {
    assert.ok(machine.live.size > 0, "it goes on, and nothing is to happen");
    assert.ok(entries.length < ENTRIES_MAX, "it never ends");
    const entry = nextEntry(machine, chance, entries.length + 1);
    entries.push(entry);
    machine.apply(entry);
    pictures.push(picture(machine));
  }
  assert.equal(machine.live.size, 0, "it is over, and something is to happen");
  return { accepted, entries, pictures, outcome: machine.outcome };
}

Deno.test("a machine is where its journal leads, at every entry, whatever happens", () => {
  const ends = { completed: 0, failed: 0, cancelled: 0 };
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { plan } = loadPipelines(
        generateDocument(new Chance(seed)).pipelines as Record<string, unknown>,
      );
      for (const { program } of plan?.pipelines ?? []) {
        assert.ok(program);
        const { accepted, entries, pictures, outcome } = liveThrough(
          program,
          seed,
        );
        ends[outcome.kind]++;
        // A journal that was read from a store, cut off anywhere.
        for (let count = 0; count <= entries.length; count++) {
          const again: Machine = new Machine(program, accepted, "run");
          const journal: Entry[] = JSON.parse(
            JSON.stringify(entries.slice(0, count)),
          );
          for (const entry of journal) again.apply(entry);
          assert.deepEqual(picture(again), pictures[count]);
        }
      }
    }),
    { numRuns: 150 },
  );
  // Every kind of end must have come up.
  assert.ok(Math.min(...Object.values(ends)) > 5, JSON.stringify(ends));
});

Deno.test("a machine takes any journal that is not its own without an error", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, other) => {
      const [one, two] = [seed, other].map((number) =>
        loadPipelines(
          generateDocument(new Chance(number)).pipelines as Record<
            string,
            unknown
          >,
        ).plan?.pipelines[0]?.program
      );
      assert.ok(one && two);
      const { accepted, entries } = liveThrough(one, seed);
      const machine = new Machine(two, { ...accepted, input: { n: 1 } }, "run");
      for (const entry of entries) machine.apply(entry);
      assert.ok(machine.live.size > 0 || machine.outcome !== undefined);
    }),
    { numRuns: 100 },
  );
});
