/**
 * Why a run is as it is: what it waits for, and what would make it go on; or how
 * it has ended.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import { titleOf } from "./describe.ts";
import { endOf, type Entry, type RunError, type RunStatus } from "./journal.ts";
import type { Live, Waiting } from "./machine_frames.ts";
import { approvalLink } from "./machine_values.ts";
import { type Pause, Pauses } from "./machine_pauses.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import type { RunView } from "./view.ts";
import { type WakeSource, wakeSource } from "./wake_source.ts";

/** Why one step, or the run as a whole, does not go on. Times in ms since 1970. */
export type Reason =
  & {
    /** One line for a person. */
    readonly message: string;
    readonly step?: string;
  }
  & (
    | {
      readonly kind: "doing";
      readonly attempt: number;
      /** Absent as long as it waits for other steps to end. */
      readonly since?: number;
      readonly timeoutAt?: number;
    }
    | {
      readonly kind: "retrying";
      /** The attempt that comes next. */
      readonly attempt: number;
      readonly error: RunError;
      readonly at: number;
    }
    | { readonly kind: "time"; readonly until: number }
    | {
      readonly kind: "signal";
      readonly signal: string;
      readonly until?: number;
    }
    | {
      readonly kind: "approval";
      readonly title: string;
      readonly link: string;
      readonly until?: number;
    }
    | { readonly kind: "child"; readonly run: string; readonly reason: string }
    | {
      readonly kind: "paused";
      readonly since: number;
      /** When it goes on by itself. */
      readonly until: number;
      /** Absent if it was let go for one step. */
      readonly breakpoint?: string;
    }
    /** What does not happen as long as the run is paused. */
    | { readonly kind: "held" }
    | { readonly kind: "pending" | "stuck" | "ending" }
    | {
      readonly kind: "ended";
      readonly status: RunStatus;
      readonly at: number;
      readonly output?: JsonValue;
      readonly error?: RunError;
    }
  );

/** A run, explained. */
export interface Explanation {
  readonly run: string;
  readonly status: RunStatus;
  readonly reasons: readonly Reason[];
  /** What would make it go on; empty for one that is over. */
  readonly wakes: readonly WakeSource[];
  /** When the run as a whole has taken too long; absent while it is paused. */
  readonly timeoutAt?: number;
  /** What makes the run end with an error, while it is still being undone. */
  readonly failure?: RunError;
}

/** How far a reason follows the runs that steps wait for. */
const CHILD_DEPTH_MAX = 8;

/** Explains a run; `undefined` if there is none. */
export async function explainRun(
  runs: Runs,
  id: string,
): Promise<Explanation | undefined> {
  return await explainTo(runs, id, CHILD_DEPTH_MAX);
}

async function explainTo(
  runs: Runs,
  id: string,
  depth: number,
): Promise<Explanation | undefined> {
  const view = await runs.get(id);
  if (view === undefined) return undefined;
  const { summary: { status }, run } = view;
  if (run === undefined || endOf(view.entries) !== undefined) {
    const pauses = new Pauses();
    for (const entry of view.entries) pauses.take(entry);
    const reasons = pauses.pause === undefined || view.end !== undefined
      ? endReasons(view)
      : [pauseReason(pauses.pause)];
    return { run: id, status, reasons, wakes: [] };
  }
  const { machine } = run;
  const timeoutMs = machine?.program.timeoutMs;
  return {
    run: id,
    status,
    reasons: await reasonsOf(runs, view, run, depth),
    wakes: [...wakeSource(run)].sort(),
    ...timeoutMs === undefined || machine?.pause !== undefined
      ? {}
      : { timeoutAt: run.accepted.at + timeoutMs + (machine?.pausedMs ?? 0) },
    ...machine?.failure === undefined ? {} : { failure: machine.failure },
  };
}

function endReasons({ entries, summary }: RunView): readonly Reason[] {
  const end = endOf(entries);
  if (end === undefined) return [];
  const { status } = summary;
  const place = { kind: "ended" as const, status, at: end.at };
  const when = timeText(end.at);
  if (end.kind === "completed") {
    const { output } = end;
    return [{ ...place, message: `It has completed at ${when}`, output }];
  }
  const { error } = end;
  const where = error.step === undefined ? "" : ` at the step "${error.step}"`;
  const verb = end.kind === "failed" ? "failed" : "been cancelled";
  return [{
    ...place,
    message: `It has ${verb} at ${when}${where}: ${error.message}`,
    error,
  }];
}

async function reasonsOf(
  runs: Runs,
  { entries }: RunView,
  run: Run,
  depth: number,
): Promise<readonly Reason[]> {
  if (run.isPending) {
    return [{ kind: "pending", message: runs.pendingReason(run) }];
  }
  const { pause } = run.machine ?? {};
  const reasons = pause === undefined ? [] : [pauseReason(pause)];
  if (run.stuck !== undefined) {
    reasons.push({ kind: "stuck", message: run.stuck });
  }
  for (const live of run.machine?.live.values() ?? []) {
    // One that a missing module keeps is explained by that.
    if (live.kind === "doing" && run.stuck && !live.isHandled) continue;
    if (live.path === pause?.step) continue;
    reasons.push(
      live.kind === "child"
        ? await childReason(runs, live, depth)
        : pause !== undefined && !live.isHandled
        ? heldReason(live)
        : stepReason(live, run, entries),
    );
  }
  if (reasons.length === 0) {
    reasons.push({ kind: "ending", message: "Its end is being written down" });
  }
  return reasons;
}

function pauseReason(
  { step, sinceMs: since, untilMs: until, breakpoint, condition }: Pause,
): Reason {
  const at = breakpoint === undefined ? "after one step" : `at ${breakpoint}`;
  const where = condition === undefined ? at : `${at} (${condition})`;
  return {
    ...{ kind: "paused", step, since, until },
    ...breakpoint === undefined ? {} : { breakpoint },
    message: `${step}: paused ${where} since ${timeText(since)}, ` +
      `goes on by itself at ${timeText(until)}`,
  };
}

function heldReason({ kind, path: step }: Live): Reason {
  const what = kind === "waiting"
    ? "its time stands still"
    : kind === "retrying"
    ? "it is not tried again"
    : "it does not begin";
  const message = `${step}: ${what} as long as the run is paused`;
  return { kind: "held", step, message };
}

function stepReason(
  live: Exclude<Live, { kind: "child" }>,
  run: Run,
  entries: readonly Entry[],
): Reason {
  const { path: step } = live;
  if (live.kind === "arming") {
    const message = `${step}: the wait is being written down`;
    return { kind: "ending", step, message };
  }
  if (live.kind === "waiting") return waitReason(live, run, entries);
  const { attempt, task } = live;
  const since = run.since.get(step);
  if (live.kind === "retrying" && since === undefined) {
    const { error, atMs: at } = live;
    return {
      ...{ kind: "retrying", step, attempt, error, at },
      message:
        `${step}: attempt ${attempt} of ${task.retry.attempts} begins at ` +
        `${timeText(at)}, the one before failed: ${error.message}`,
    };
  }
  if (since === undefined) {
    const message = `${step}: waits until fewer steps are under way`;
    return { kind: "doing", step, attempt, message };
  }
  const timeoutAt = since + task.timeoutMs;
  return {
    ...{ kind: "doing", step, attempt, since, timeoutAt },
    message: `${step}: attempt ${attempt} is under way since ` +
      `${timeText(since)}, its limit is ${timeText(timeoutAt)}`,
  };
}

function waitReason(
  { path: step, signal, untilMs, node }: Waiting,
  run: Run,
  entries: readonly Entry[],
): Reason {
  const limit = untilMs === undefined ? {} : { until: untilMs };
  const late = untilMs === undefined
    ? ""
    : `, until ${timeText(untilMs)} at the latest`;
  if (signal === undefined) {
    const until = untilMs ?? 0;
    const message = `${step}: waits until ${timeText(until)}`;
    return { kind: "time", step, message, until };
  }
  if (node.approval === undefined) {
    const message = `${step}: waits for the signal "${signal}"${late}`;
    return { kind: "signal", step, message, signal, ...limit };
  }
  const title = askedAt(step, entries);
  const asked = title === "" ? "" : ` ("${title}")`;
  return {
    ...{ kind: "approval", step, title, ...limit },
    link: approvalLink(run.accepted, run.id, step),
    message: `${step}: waits for a decision${asked}${late}`,
  };
}

function askedAt(step: string, entries: readonly Entry[]): string {
  const entry = entries.findLast((each) =>
    each.kind === "step.waiting" && each.step === step
  );
  return entry?.kind === "step.waiting" ? titleOf(entry.approval ?? null) : "";
}

async function childReason(
  runs: Runs,
  { path: step, run }: Extract<Live, { kind: "child" }>,
  depth: number,
): Promise<Reason> {
  const child = depth > 0 ? await explainTo(runs, run, depth - 1) : undefined;
  const reason = child?.reasons.map(({ message }) => message).join("; ") ?? "";
  const tail = reason === "" ? "" : `: ${reason}`;
  const message = `${step}: waits for the run ${run}${tail}`;
  return { kind: "child", step, run, reason, message };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
