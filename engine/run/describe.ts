/**
 * The steps of a run as a table, read from its journal: as it is now, or as it
 * was at any earlier entry. A journal alone does not say what was skipped, or is
 * still to come; a replay under the program adds that.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import { type Entry, isEnd, type RunError } from "./journal.ts";
import { SIGNALS_KEPT_MAX } from "./machine.ts";
import { Pauses } from "./machine_pauses.ts";
import type { Progress } from "./replay.ts";

/** How a step is. */
export type StepStatus =
  | "pending"
  | "running"
  | "retrying"
  | "waiting"
  /** The run stands before it. */
  | "paused"
  | "completed"
  | "failed"
  | "recovered"
  | "skipped"
  | "compensated";

/** What a step waits for. */
export type WaitsFor =
  | { readonly kind: "time"; readonly until: number }
  | {
    readonly kind: "signal";
    readonly signal: string;
    readonly until?: number;
  }
  | {
    readonly kind: "approval";
    readonly title: string;
    readonly until?: number;
  }
  | { readonly kind: "child"; readonly run: string }
  | {
    readonly kind: "breakpoint";
    readonly breakpoint?: string;
    /** When the run goes on by itself. */
    readonly until: number;
  };

/** One step of a run. Times are milliseconds since 1970. */
export interface StepRow {
  /** Where it stands: `each[3]/pack`; what undoes it ends with `~compensate`. */
  readonly path: string;
  readonly status: StepStatus;
  /** How many attempts have begun. */
  readonly attempts: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** From its beginning to its end, waits between attempts included. */
  readonly durationMs?: number;
  readonly output?: JsonValue;
  readonly error?: RunError;
  readonly retryAt?: number;
  readonly waitsFor?: WaitsFor;
}

/** What the table is of. */
export interface DescribeOptions {
  /** The index of the last entry that counts. @default the last one */
  readonly at?: number | undefined;
  readonly progress?: Progress | undefined;
  /** When attempts that are under way began, by path. */
  readonly underWay?: ReadonlyMap<string, number> | undefined;
}

/** A row that is still being made. */
type Draft = { -readonly [K in keyof StepRow]: StepRow[K] };

/** The steps of a run, in the order in which they came up. */
export function describeSteps(
  entries: readonly Entry[],
  options: DescribeOptions = {},
): readonly StepRow[] {
  const { at = entries.length - 1, progress, underWay } = options;
  const reader = new Reader(progress?.steps.keys() ?? []);
  for (const entry of entries.slice(0, at + 1)) reader.take(entry);
  if (progress !== undefined) addProgress(reader, progress);
  for (const [path, since] of underWay ?? []) {
    const row = reader.row(path);
    row.status = "running";
    row.attempts++;
    row.startedAt = Math.min(row.startedAt ?? since, since);
    delete row.retryAt;
  }
  return reader.rows();
}

/** Reads a journal, entry by entry. */
class Reader {
  readonly #rows = new Map<string, Draft>();
  /** Signals that no step has taken yet, by name. */
  readonly #signals = new Map<string, JsonValue[]>();
  readonly #pauses = new Pauses();

  /** @param paths The steps in the order of the table; others follow. */
  constructor(paths: Iterable<string>) {
    for (const path of paths) this.row(path);
  }

  row(path: string): Draft {
    const known = this.#rows.get(path);
    if (known !== undefined) return known;
    const row: Draft = { path, status: "pending", attempts: 0 };
    this.#rows.set(path, row);
    return row;
  }

  rows(): readonly StepRow[] {
    return [...this.#rows.values()].map((row) =>
      row.startedAt === undefined || row.finishedAt === undefined
        ? row
        : { ...row, durationMs: row.finishedAt - row.startedAt }
    );
  }

  take(entry: Entry): void {
    switch (entry.kind) {
      case "step.completed":
        return this.#completed(entry);
      case "step.failed":
        return this.#failed(entry);
      case "step.waiting":
        return this.#waits(entry);
      case "step.child": {
        const row = this.row(entry.step);
        row.status = "running";
        row.attempts++;
        row.startedAt ??= entry.at;
        row.waitsFor = { kind: "child", run: entry.run };
        return;
      }
      case "signal":
        return this.#signalled(entry);
      case "paused":
      case "resumed":
      case "cancel":
      case "timeout":
        return this.#paused(entry);
      default:
        if (isEnd(entry)) this.#ended(entry.kind === "completed");
    }
  }

  #completed(entry: Extract<Entry, { kind: "step.completed" }>): void {
    const { step, attempt, output, since, at } = entry;
    const row = this.row(step);
    row.attempts = Math.max(row.attempts, attempt);
    this.#done(row, { since, at, output });
    const undone = step.endsWith(UNDO) && step.slice(0, -UNDO.length);
    if (undone) this.row(undone).status = "compensated";
  }

  #done(
    row: Draft,
    { since, at, output }: {
      readonly since: number;
      readonly at: number;
      readonly output: JsonValue;
    },
  ): void {
    row.status = "completed";
    row.startedAt ??= since;
    row.finishedAt = at;
    row.output = output;
    forget(row);
    delete row.error;
  }

  #failed(entry: Extract<Entry, { kind: "step.failed" }>): void {
    const { step, attempt, error, since, at, retryAt } = entry;
    const row = this.row(step);
    row.attempts = Math.max(row.attempts, attempt);
    row.startedAt ??= since;
    row.error = error;
    forget(row);
    if (retryAt === undefined) {
      row.status = "failed";
      row.finishedAt = at;
    } else {
      row.status = "retrying";
      row.retryAt = retryAt - this.#pauses.standingMs(at);
    }
  }

  /** The run stands before a step, or goes on: then its times have moved. */
  #paused(entry: Entry): void {
    const { pause: before } = this.#pauses;
    const stoodMs = this.#pauses.take(entry) ?? 0;
    const { pause } = this.#pauses;
    const stood = before && this.#rows.get(before.step);
    if (stood?.status === "paused") {
      stood.status = "running";
      forget(stood);
    }
    if (pause !== undefined) {
      const { step, breakpoint, untilMs: until } = pause;
      const row = this.row(step);
      row.status = "paused";
      row.waitsFor = {
        ...{ kind: "breakpoint", until },
        ...breakpoint === undefined ? {} : { breakpoint },
      };
    }
    for (const row of this.#rows.values()) moveTimes(row, stoodMs);
  }

  #waits(entry: Extract<Entry, { kind: "step.waiting" }>): void {
    const { step, at, signal } = entry;
    const row = this.row(step);
    row.status = "waiting";
    row.attempts = 1;
    row.startedAt ??= at;
    row.waitsFor = waitOf(entry);
    const kept = signal === undefined ? undefined : this.#signals.get(signal);
    const data = kept?.shift();
    if (data !== undefined) this.#done(row, { since: at, at, output: data });
  }

  #signalled(
    { name, data, at }: Extract<Entry, { kind: "signal" }>,
  ): void {
    for (const row of this.#rows.values()) {
      if (row.status === "waiting" && signalOf(row) === name) {
        return this.#done(row, { since: at, at, output: data });
      }
    }
    const kept = this.#signals.get(name) ?? [];
    if (kept.length >= SIGNALS_KEPT_MAX) kept.shift();
    kept.push(data);
    this.#signals.set(name, kept);
  }

  /** Nothing goes on any more; what a run has survived was no failure of it. */
  #ended(isCompleted: boolean): void {
    for (const row of this.#rows.values()) {
      if (row.status === "failed" && isCompleted) row.status = "recovered";
      abandon(row);
    }
  }
}

/** How the path of what undoes a step ends. */
const UNDO = "~compensate";

function addProgress(
  reader: Reader,
  { steps, live, pending, pause }: Progress,
): void {
  for (const [path, known] of steps) {
    const row = reader.row(path);
    row.startedAt ??= known.cameUpAt;
    const isEnded = known.endedAt !== undefined;
    if (isEnded && row.status !== "compensated") {
      row.status = known.status;
      row.finishedAt ??= known.endedAt ?? known.cameUpAt;
      if (known.status !== "skipped" && row.output === undefined) {
        row.output = known.output ?? null;
      }
      if (known.error !== undefined) row.error = known.error;
      forget(row);
    } else if (row.status === "pending" && !(pause && live.has(path))) {
      row.status = "running";
    }
    if (!isEnded && !isAround(path, live, row)) abandon(row);
  }
  for (const path of pending) reader.row(path);
}

/** Whether a step still goes on: it, or one that stands in it. */
function isAround(
  path: string,
  live: ReadonlySet<string>,
  { attempts }: StepRow,
): boolean {
  // A loop or a branch makes no attempts: it lasts as long as anything does.
  return live.has(path) || (attempts === 0 && live.size > 0);
}

const ONGOING: ReadonlySet<StepStatus> = new Set([
  "waiting",
  "running",
  "paused",
]);

/** A step that nothing will happen to any more. */
function abandon(row: Draft): void {
  if (row.status === "retrying") row.status = "failed";
  else if (ONGOING.has(row.status)) {
    // A loop makes no attempts: it did not end because what it holds has failed.
    row.status = row.attempts === 0 ? "failed" : "skipped";
  }
  forget(row);
}

/** Lets a row wait for so much longer. */
function moveTimes(row: Draft, ms: number): void {
  if (row.retryAt !== undefined) row.retryAt += ms;
  const { status, waitsFor } = row;
  if (status !== "waiting" || waitsFor === undefined) return;
  if (!("until" in waitsFor) || waitsFor.until === undefined) return;
  row.waitsFor = { ...waitsFor, until: waitsFor.until + ms } as WaitsFor;
}

function forget(row: Draft): void {
  delete row.retryAt;
  if (row.waitsFor?.kind !== "child") delete row.waitsFor;
}

function waitOf(
  { until, signal, approval }: Extract<Entry, { kind: "step.waiting" }>,
): WaitsFor {
  const limit = until === undefined ? {} : { until };
  if (approval !== undefined) {
    return { kind: "approval", title: titleOf(approval), ...limit };
  }
  if (signal !== undefined) return { kind: "signal", signal, ...limit };
  return { kind: "time", until: until ?? 0 };
}

/** What is asked of a person, in words. */
export function titleOf(approval: JsonValue): string {
  const { title } = approval !== null && typeof approval === "object" &&
      !Array.isArray(approval)
    ? approval as { readonly title?: JsonValue }
    : { title: approval };
  return typeof title === "string" ? title : "";
}

function signalOf({ path, waitsFor }: StepRow): string | undefined {
  if (waitsFor?.kind === "signal") return waitsFor.signal;
  return waitsFor?.kind === "approval" ? `approval:${path}` : undefined;
}
