/**
 * Checks the journal of a run that is over: it must lead, entry by entry, to the
 * end that it has, and what was done must have been undone in reverse order.
 *
 * @module
 */
import type { Program } from "../pipeline/program.ts";
import type { AcceptedEntry, Entry } from "../run/journal.ts";
import { endOf } from "../run/journal.ts";
import { Machine } from "../run/machine.ts";
import { stableJson } from "../fingerprint.ts";
import { Pauses } from "../run/machine_pauses.ts";
import type { JsonValue } from "../store/store.ts";
import { COMPUTED, UNDOABLE } from "./generate_document.ts";

/** What is wrong with a journal. */
export function historyFaults(
  id: string,
  entries: readonly Entry[],
  program: Program | undefined,
): readonly string[] {
  const end = endOf(entries);
  if (end === undefined) return [`Run ${id} has no end`];
  const [accepted] = entries;
  if (accepted?.kind !== "accepted") return [`Run ${id} has no beginning`];
  return [
    ...program === undefined
      ? []
      : replayFaults(id, entries, program, accepted),
    ...undoFaults(id, entries),
    ...pauseFaults(id, entries),
  ];
}

/** While a run is paused nothing begins; then a step is done with what it was given. */
function pauseFaults(id: string, entries: readonly Entry[]): readonly string[] {
  const pauses = new Pauses();
  const given = new Map<string, JsonValue>();
  const faults: string[] = [];
  for (const entry of entries) {
    const begins = entry.kind === "step.waiting" ||
      entry.kind === "step.child" ||
      (entry.kind === "step.completed" && isComputed(entry.step));
    if (begins && pauses.pause !== undefined) {
      faults.push(`Step ${entry.step} of run ${id} began while it was paused`);
    }
    const isTaken = entry.kind === "resumed" &&
      pauses.pause?.step === entry.step;
    pauses.take(entry);
    if (isTaken && entry.with !== undefined) {
      given.set(
        entry.step,
        (entry.with as { value?: JsonValue }).value ?? null,
      );
    }
    if (entry.kind !== "step.completed" || !isComputed(entry.step)) continue;
    const value = given.get(entry.step);
    if (value !== undefined && value !== entry.output) {
      faults.push(
        `Step ${entry.step} of run ${id} was given ${value}, and yielded ${
          JSON.stringify(entry.output)
        }`,
      );
    }
  }
  return faults;
}

/** Whether a step is one that only computes, and is done at once. */
function isComputed(path: string): boolean {
  return path.slice(path.lastIndexOf("/") + 1).startsWith(COMPUTED);
}

function replayFaults(
  id: string,
  entries: readonly Entry[],
  program: Program,
  accepted: AcceptedEntry,
): readonly string[] {
  const machine = new Machine(program, accepted, id);
  for (const entry of entries.slice(1, -1)) {
    machine.apply(entry);
  }
  const { at: _, ...end } = endOf(entries) ?? { at: 0 };
  return stableJson(machine.outcome) === stableJson(end) ? [] : [
    `Run ${id} ended as ${stableJson(end)}, and its journal leads to ${
      stableJson(machine.outcome)
    }`,
  ];
}

function undoFaults(id: string, entries: readonly Entry[]): readonly string[] {
  const done: string[] = [];
  const undone: string[] = [];
  let isUndoing = false;
  for (const entry of entries) {
    if (entry.kind !== "step.completed" && entry.kind !== "step.failed") {
      continue;
    }
    const { step } = entry;
    const isOver = entry.kind === "step.completed" ||
      entry.retryAt === undefined;
    if (step.endsWith("~compensate")) {
      isUndoing = true;
      if (isOver) undone.push(step.slice(0, -"~compensate".length));
      continue;
    }
    const name = step.slice(step.lastIndexOf("/") + 1);
    const isUndoable = name.startsWith(UNDOABLE);
    if (isUndoable && entry.kind === "step.completed" && !isUndoing) {
      done.push(step);
    }
  }
  const end = endOf(entries);
  const wanted = end?.kind === "completed" ? [] : done.toReversed();
  return JSON.stringify(wanted) === JSON.stringify(undone) ? [] : [
    `Run ${id} ${end?.kind}: it did ${
      done.join(", ") || "nothing"
    }, and undid ${undone.join(", ") || "nothing"}: ${JSON.stringify(entries)}`,
  ];
}
