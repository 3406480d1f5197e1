/**
 * The entries of a run's journal: all that must be known to go on with the run,
 * or to look at it later. An entry is written once and never changes.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import type { LastingSpan } from "../traceparent.ts";

/** What went wrong. */
export interface RunError {
  readonly message: string;
  /** A word by which it can be told apart: `timeout`, `cancelled`, `error`, … */
  readonly code: string;
  /** The path of the step; absent if it is none of a step's. */
  readonly step?: string;
}

/** Where a run came from, if it is not from a caller. */
export interface Parent {
  readonly run: string;
  readonly step: string;
}

/** The first entry of every run. Times are milliseconds since 1970. */
export interface AcceptedEntry {
  readonly kind: "accepted";
  readonly at: number;
  readonly pipeline: string;
  /** The content hash of the pipeline to which the run is pinned. */
  readonly version: string;
  readonly input: JsonValue;
  readonly priority: number;
  /** What the run is about, by which people find it. */
  readonly key?: string;
  readonly idempotencyKey?: string;
  /** What asked for it, for people. */
  readonly source?: string;
  /** The step of another run that waits for this one. */
  readonly parent?: Parent;
  /** The run of which this is a fork, and the step from which it differs. */
  readonly fork?: { readonly run: string; readonly step: string };
  /** The links, lifecycle events and pipelines that led to it, oldest first. */
  readonly via?: readonly string[];
  /** The run as a part of a trace; absent if nobody kept traces when it began. */
  readonly trace?: LastingSpan;
  /** Proves that whoever decides was given the link. */
  readonly token?: string;
  /** The public address that links begin with; absent: they are paths. */
  readonly base?: string;
}

/** What can happen to a run. Paths name steps: `each[3]/pack`. */
export type Entry =
  | AcceptedEntry
  | {
    readonly kind: "step.completed";
    readonly at: number;
    readonly step: string;
    readonly attempt: number;
    readonly output: JsonValue;
    /** When the attempt began. */
    readonly since: number;
  }
  | {
    readonly kind: "step.failed";
    readonly at: number;
    readonly step: string;
    readonly attempt: number;
    readonly error: RunError;
    readonly since: number;
    /** When it is tried again; absent after the last attempt. */
    readonly retryAt?: number;
  }
  | {
    readonly kind: "step.waiting";
    readonly at: number;
    readonly step: string;
    /** When the wait ends, or times out if it is for a signal. */
    readonly until?: number;
    readonly signal?: string;
    /** What is asked of a person. */
    readonly approval?: JsonValue;
  }
  | {
    readonly kind: "step.child";
    readonly at: number;
    readonly step: string;
    /** The run that does the step. */
    readonly run: string;
  }
  | {
    readonly kind: "signal";
    readonly at: number;
    readonly name: string;
    readonly data: JsonValue;
    /** What another node asked: it is not done twice. */
    readonly request?: string;
  }
  | {
    readonly kind: "cancel";
    readonly at: number;
    readonly reason: string;
    readonly request?: string;
  }
  | { readonly kind: "timeout"; readonly at: number }
  | {
    /** No step begins any more; see `machine_pauses.ts`. */
    readonly kind: "paused";
    readonly at: number;
    /** The step before which it stands. */
    readonly step: string;
    /** When it goes on by itself. */
    readonly until: number;
    /** What it has come to; absent if it was let go for one step. */
    readonly breakpoint?: string;
    /** The condition of the breakpoint, if it has one. */
    readonly condition?: string;
  }
  | {
    readonly kind: "resumed";
    readonly at: number;
    readonly step: string;
    readonly how: ResumeHow;
    /** What the step is given in place of what its `with` yields. */
    readonly with?: JsonValue;
    readonly request?: string;
  }
  | {
    readonly kind: "completed";
    readonly at: number;
    readonly output: JsonValue;
  }
  | {
    readonly kind: "failed" | "cancelled";
    readonly at: number;
    readonly error: RunError;
  };

/** How a pause ends: for good, until the next step, or by itself. */
export type ResumeHow = "continue" | "step" | "auto";

/** How a run is. */
export type RunStatus =
  | "pending"
  | "running"
  | "waiting"
  | "paused"
  | "completed"
  | "failed"
  | "cancelled";

/** The status values, in the order of a run's life. */
export const RUN_STATUSES: readonly RunStatus[] = [
  "pending",
  "running",
  "waiting",
  "paused",
  "completed",
  "failed",
  "cancelled",
];

/** Every kind of entry that this version knows. */
const ENTRY_KINDS: Readonly<Record<Entry["kind"], true>> = {
  accepted: true,
  "step.completed": true,
  "step.failed": true,
  "step.waiting": true,
  "step.child": true,
  signal: true,
  cancel: true,
  timeout: true,
  paused: true,
  resumed: true,
  completed: true,
  failed: true,
  cancelled: true,
};

/** The first kind in a journal that only a later version knows, if there is one. */
export function unknownKind(
  entries: readonly { readonly kind: string }[],
): string | undefined {
  return entries.find(({ kind }) => !Object.hasOwn(ENTRY_KINDS, kind))?.kind;
}

/** The last entry of a run. */
export type End = Extract<
  Entry,
  { kind: "completed" } | { kind: "failed" | "cancelled" }
>;

/** The last entry of a journal, if its run is over. */
export function endOf(entries: readonly Entry[]): End | undefined {
  const last = entries.at(-1);
  return last !== undefined && isEnd(last) ? last : undefined;
}

/** Whether an entry is the last of its run. */
export function isEnd(entry: Entry): entry is End {
  return entry.kind === "completed" || entry.kind === "failed" ||
    entry.kind === "cancelled";
}
