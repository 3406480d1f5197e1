/**
 * Decides what an instance does once a handler of one of its transitions is
 * done. Pure: it proposes a change, and whoever commits it finds out whether it
 * still holds.
 *
 * @module
 */
import type {
  HistoryEntry,
  MachineData,
  MachineInstance,
} from "@engine/services/state_machines.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import {
  accepted,
  askedFor,
  automaticTransition,
  decide,
} from "@engine/state/transition.ts";
import type { Change, Merge } from "./_committer.ts";
import { detach } from "./_detach.ts";
import { handlerOf, type InstanceRow, type Task } from "./_rows.ts";

/** Automatic transitions in a row, without a caller's or a hook's in between. */
export const AUTOMATIC_TRANSITIONS_MAX = 100;

/** What a handler that is done asks for. */
export interface Done {
  readonly kind: "done";
  readonly fire?: string;
  readonly data?: MachineData;
}

/** What the instance does next. */
export interface FollowUp {
  readonly change?: Change;
  readonly isAutomatic: boolean;
  /** Why what the handler asked for is not possible. */
  readonly refusal?: string;
}

/** What the instance does next, because of the handler or by itself. */
export function followUp(
  task: Task,
  before: InstanceRow,
  definition: MachineDefinition,
  outcome: Done,
  nowMs: number,
): FollowUp {
  const { fire } = outcome;
  const data = outcome.data && detach(outcome.data);
  const { instance } = before;
  const byItself = (from: MachineInstance) =>
    automatic(task, { ...before, instance: from }, definition, nowMs);
  if (fire !== undefined) {
    const step = decide(instance, fire, data ?? {}, definition, nowMs);
    if (step.kind === "accepted") {
      const asked = askedFor(step, sourceOf(task));
      return { change: { before, step: asked }, isAutomatic: false };
    }
    const refusal = `${handlerOf(task)} is done, and what it asks for is ` +
      `not possible: ${step.message}`;
    return { ...byItself(instance), refusal };
  }
  if (data === undefined) return byItself(instance);
  const merge = mergeOf(task, instance, data, nowMs);
  const next = byItself(merge.step.instance);
  return { ...next, change: { ...next.change, before, merge } };
}

/**
 * The automatic transition, if it is its turn: after the last handler, where none
 * was given up. Whatever transitioned since then asks for its own.
 */
function automatic(
  task: Task,
  before: InstanceRow,
  definition: MachineDefinition,
  nowMs: number,
): FollowUp {
  const { instance } = before;
  const isItsTurn = following(task, nowMs) === undefined &&
    !task.hasFailed && instance.sequence === task.sequence &&
    task.automatic < AUTOMATIC_TRANSITIONS_MAX;
  const name = isItsTurn
    ? automaticTransition(instance, definition)
    : undefined;
  if (name === undefined) return { isAutomatic: false };
  const step = accepted(decide(instance, name, {}, definition, nowMs));
  const asked = askedFor(step, AUTOMATIC);
  return { change: { before, step: asked }, isAutomatic: true };
}

/** What a history says of a transition that nobody asked for. */
const AUTOMATIC = "automatic";

/** What it says of one that a hook asked for. */
function sourceOf(task: Task): string {
  return `hook ${handlerOf(task)}`;
}

function mergeOf(
  task: Task,
  instance: MachineInstance,
  data: MachineData,
  atMs: number,
): Merge {
  const { state, sequence } = instance;
  const merged = {
    ...instance,
    data: { ...instance.data, ...data },
    updatedAt: atMs,
  };
  const entry: HistoryEntry = {
    sequence,
    transition: null,
    fromState: state,
    toState: state,
    at: atMs,
    data,
    source: sourceOf(task),
  };
  return {
    step: { kind: "accepted", instance: merged, entry },
    place: [task.sequence, task.position],
  };
}

/** The task with its next handler; `undefined` if this was the last. */
export function following(task: Task, nowMs: number): Task | undefined {
  const position = task.position + 1;
  if (position >= task.handlers.length) return undefined;
  const { error: _, ...rest } = task;
  return { ...rest, position, attempt: 1, dueAt: nowMs, waitMs: 0 };
}
