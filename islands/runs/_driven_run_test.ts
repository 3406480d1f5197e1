/**
 * Journals of made-up runs: whatever the reducer says comes next is done, with an
 * outcome by chance, from a seed.
 */
import type { AcceptedEntry, Entry } from "@engine/run/journal.ts";
import { Machine } from "@engine/run/machine.ts";
import type { Live } from "@engine/run/machine_frames.ts";
import type { Program } from "@engine/pipeline/program.ts";
import { compileWritten } from "./program.ts";

/** A pipeline with everything in it that a pipeline may have. */
export const EVERYTHING = {
  input: { items: "list", amount: "number" },
  steps: [
    { id: "first", use: "set", with: { values: { n: 1 } } },
    {
      id: "loop",
      forEach: "input.items",
      concurrency: 2,
      steps: [
        { id: "odd", use: "set", when: "index % 2 == 1" },
        { id: "pack", use: "component:pack", retry: { attempts: 2 } },
      ],
      onError: "continue",
    },
    {
      id: "both",
      parallel: {
        left: [{ id: "asked", wait: { signal: "go", timeout: "1h" } }],
        right: [{
          id: "paid",
          use: "module:bank.pay",
          with: { amount: "${{ input.amount }}" },
          compensate: { use: "module:bank.refund" },
          onError: [{ id: "excuse", use: "log" }],
        }],
      },
    },
    {
      id: "way",
      switch: [
        { when: "input.amount > 5.0", steps: [{ id: "far", use: "set" }] },
        { steps: [{ id: "near", use: "pipeline:near" }] },
      ],
    },
    { id: "decision", wait: { approval: { title: "Send it?" } } },
    { id: "last", use: "http.request" },
  ],
  onError: [{ id: "sorry", use: "log" }],
};

/** Compiles what is written. */
export function programOf(written: unknown): Program {
  const made = compileWritten({ id: "made", version: "1", written });
  if (made === undefined) throw new TypeError("Cannot compile the pipeline");
  return made;
}

/** A journal that a run may have; the same for the same seed. */
export function journalBy(
  program: Program,
  seed: number,
  entriesMax = 200,
): readonly [AcceptedEntry, ...Entry[]] {
  const random = chance(seed);
  let at = 1_000;
  const accepted: AcceptedEntry = {
    ...{ kind: "accepted", at, pipeline: "made", version: "1", priority: 5 },
    input: { items: [1, 2, 3], amount: seed % 10 },
  };
  const entries: [AcceptedEntry, ...Entry[]] = [accepted];
  const machine = new Machine(program, accepted, "run");
  while (!machine.isFinished && entries.length < entriesMax) {
    at += Math.floor(random() * 50);
    const live = [...machine.live.values()];
    const next = live[Math.floor(random() * live.length)];
    const { pause } = machine;
    const entry = machine.outcome !== undefined
      ? { ...machine.outcome, at } as Entry
      : next === undefined
      ? { kind: "cancel", at, reason: "stuck" } as const
      : pause !== undefined && random() < 0.5
      ? { kind: "resumed", at, step: pause.step, how: "continue" } as const
      : random() < 0.02
      ? { kind: "cancel", at, reason: "by chance" } as const
      : pause === undefined && next.kind === "doing" && random() < 0.05
      ? { kind: "paused", at, step: next.path, until: at + 1_000 } as const
      : entryFor(next, at, random);
    machine.apply(entry);
    entries.push(entry);
  }
  return entries;
}

function entryFor(live: Live, at: number, random: () => number): Entry {
  const { path: step } = live;
  const since = at - Math.floor(random() * 20);
  switch (live.kind) {
    case "arming": {
      const isApproval = live.node.approval !== undefined;
      return {
        ...{ kind: "step.waiting", at, step },
        ...isApproval
          ? { signal: `approval:${step}`, approval: { title: "Send it?" } }
          : { signal: "go", until: at + 3_600_000 },
      };
    }
    case "waiting":
      return { kind: "signal", at, name: live.signal ?? "go", data: { by: 1 } };
    case "doing":
      if (live.task.target.kind === "pipeline") {
        return { kind: "step.child", at, step, run: "child" };
      }
      break;
    default:
  }
  const attempt = "attempt" in live ? live.attempt : 1;
  if (random() < 0.75) {
    return {
      kind: "step.completed",
      at,
      step,
      attempt,
      since,
      output: attempt,
    };
  }
  const error = { message: "It is closed", code: "error", step };
  return {
    ...{ kind: "step.failed", at, step, attempt, since, error },
    ...attempt < 2 ? { retryAt: at + 100 } : {},
  };
}

/** Numbers from 0 to 1, the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed + 0x9e3779b9;
  return () => {
    state = Math.imul(state ^ (state >>> 15), state | 1);
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
    return ((state ^ (state >>> 14)) >>> 0) / 4_294_967_296;
  };
}
