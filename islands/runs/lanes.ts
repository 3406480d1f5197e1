/**
 * What the timeline shows: a lane for each step and attempt, and in it what the
 * time went into.
 *
 * @module
 */
import type { Entry } from "@engine/run/journal.ts";
import type { Tone } from "../parts/pill.tsx";
import type { Past, StepPast } from "./past.ts";

/** What time went into. */
export type SegmentKind =
  /** Until whoever does the step has begun. */
  | "assignment"
  | "execution"
  /** For a time, a signal, a person, or the next attempt. */
  | "waiting"
  /** From the end of a step to the beginning of the next. */
  | "transition";

/** A part of a lane. Times are milliseconds since 1970. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly tone: Tone;
  readonly from: number;
  readonly to: number;
}

/** One attempt of a step. */
export interface Lane {
  readonly path: string;
  readonly attempt: number;
  /** How many lanes its step has. */
  readonly attempts: number;
  /** The index of the entry from which on it is there. */
  readonly first: number;
  /** The index of its last entry; absent if it goes on. */
  readonly last: number | undefined;
  readonly segments: readonly Segment[];
  /** Whether its last segment grows. */
  readonly isOpen: boolean;
}

/** Makes the lanes, in the order in which they began. */
export function lanesOf(past: Past, nowMs: number): readonly Lane[] {
  const maker = new LaneMaker(past, past.entries.at(-1)?.at ?? nowMs, nowMs);
  return [...past.steps.values()].flatMap((step) => maker.lanesOf(step))
    .sort((a, b) => beginningOf(a) - beginningOf(b) || a.first - b.first);
}

/** The same lanes a little later, if nothing has happened since. */
export function grown(lanes: readonly Lane[], nowMs: number): readonly Lane[] {
  return lanes.map((lane) => {
    const last = lane.segments.at(-1);
    if (!lane.isOpen || last === undefined) return lane;
    const segments = [...lane.segments.slice(0, -1), { ...last, to: nowMs }];
    return { ...lane, segments };
  });
}

/** When a lane begins. */
export function beginningOf({ segments }: Lane): number {
  return segments[0]?.from ?? 0;
}

class LaneMaker {
  readonly #past: Past;
  readonly #endMs: number;
  readonly #isPaused: boolean;
  readonly #followers: ReadonlyMap<number, number>;
  readonly #pauses: ReadonlyMap<string, readonly Segment[]>;

  constructor(past: Past, lastMs: number, nowMs: number) {
    this.#past = past;
    this.#endMs = past.isOver ? lastMs : Math.max(nowMs, lastMs);
    this.#isPaused = past.statusAt(past.last) === "paused";
    this.#followers = followersOf(past);
    this.#pauses = pausesOf(past.entries, this.#endMs);
  }

  lanesOf(step: StepPast): readonly Lane[] {
    const { path, cameUp } = step;
    const open = new OpenStep(this.#greyFrom(step), cameUp);
    const pauses = this.#pauses.get(path) ?? [];
    open.segments.push(...pauses);
    // It has not begun as long as the run stands before it.
    const stoodUntil = pauses.at(-1)?.to ?? open.greyFrom;
    open.greyFrom = Math.max(open.greyFrom, stoodUntil);
    const isHeld = this.#isPaused && step.entries.length === 0;
    for (const index of step.entries) {
      const entry = this.#past.entries[index];
      if (entry === undefined || !("step" in entry)) continue;
      if (entry.step === path) this.#take(open, entry, index);
    }
    const end = step.known.at(-1);
    if (open.waitsSince !== undefined) {
      const to = end === undefined ? this.#endMs : this.#timeOf(end.at);
      open.add("waiting", "wait", open.waitsSince, to);
      open.close(path, end?.at, this.#after(end?.at));
    } else if (open.childSince !== undefined) {
      open.add("execution", "run", open.childSince, this.#endMs);
      open.close(path);
    } else if (step.isLive.at(-1)?.value && !open.isAsleep && !isHeld) {
      open.add("execution", "run", open.greyFrom, this.#endMs);
      open.close(path);
    } else if (open.segments.length > 0) open.close(path);
    const attempts = open.lanes.length;
    return open.lanes.map((lane) => {
      const end = lane.segments.at(-1)?.to;
      const isOpen = !this.#past.isOver && lane.last === undefined &&
        end === this.#endMs;
      return { ...lane, attempts, isOpen };
    });
  }

  #take(open: OpenStep, entry: Entry, index: number): void {
    if (entry.kind === "step.waiting") open.waitsSince = entry.at;
    if (entry.kind === "step.child") open.childSince = entry.at;
    if (entry.kind !== "step.completed" && entry.kind !== "step.failed") return;
    const since = open.childSince ?? open.waitsSince ?? entry.since;
    const isWait = open.waitsSince !== undefined;
    open.add("assignment", "idle", open.greyFrom, since);
    const tone = entry.kind === "step.completed" ? "ok" : "fail";
    if (isWait) open.add("waiting", "wait", since, entry.at);
    else open.add("execution", tone, since, entry.at);
    open.childSince = open.waitsSince = undefined;
    const retryAt = entry.kind === "step.failed" ? entry.retryAt : undefined;
    if (retryAt === undefined) {
      return open.close(entry.step, index, this.#after(index));
    }
    const next = Math.min(retryAt, this.#endMs);
    open.add("waiting", "wait", entry.at, next);
    open.close(entry.step, index);
    open.greyFrom = next;
    open.isAsleep = retryAt > this.#endMs;
  }

  /** From when on a step waits to be begun, and nothing else says so. */
  #greyFrom({ cameUp }: StepPast): number {
    const at = this.#timeOf(cameUp);
    return cameUp === 0 ? at : Math.max(at, this.#followers.get(cameUp) ?? at);
  }

  /** Until what follows an entry has begun. */
  #after(index: number | undefined): Omit<Segment, "kind"> | undefined {
    if (index === undefined) return undefined;
    const from = this.#timeOf(index);
    const to = this.#followers.get(index);
    return to === undefined ? undefined : { tone: "idle", from, to };
  }

  #timeOf(index: number): number {
    return this.#past.entries[index]?.at ?? this.#endMs;
  }
}

/** A step whose lanes are being made. */
class OpenStep {
  readonly lanes: Omit<Lane, "attempts" | "isOpen">[] = [];
  segments: Segment[] = [];
  greyFrom: number;
  waitsSince: number | undefined;
  childSince: number | undefined;
  /** It waits for its next attempt. */
  isAsleep = false;
  #first: number;

  constructor(greyFrom: number, first: number) {
    this.greyFrom = greyFrom;
    this.#first = first;
  }

  add(kind: SegmentKind, tone: Tone, from: number, to: number): void {
    if (to > from || kind === "execution") {
      this.segments.push({ kind, tone, from, to: Math.max(from, to) });
    }
  }

  close(
    path: string,
    last?: number,
    after?: Omit<Segment, "kind">,
  ): void {
    if (after) this.add("transition", after.tone, after.from, after.to);
    this.lanes.push({
      ...{ path, last, first: this.#first, segments: this.segments },
      attempt: this.lanes.length + 1,
    });
    this.segments = [];
    this.#first = last ?? this.#first;
  }
}

/** When the first of what an entry has led to began, by the index of the entry. */
function followersOf(past: Past): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const { cameUp, entries } of past.steps.values()) {
    const entry = past.entries[entries[0] ?? -1];
    if (entry === undefined || cameUp === 0) continue;
    const at = "since" in entry ? entry.since : entry.at;
    first.set(cameUp, Math.min(at, first.get(cameUp) ?? Infinity));
  }
  return first;
}

/** Where the run stood, by the step before which it did. */
function pausesOf(
  entries: readonly Entry[],
  endMs: number,
): ReadonlyMap<string, readonly Segment[]> {
  const found = new Map<string, Segment[]>();
  let stands: { readonly step: string; readonly from: number } | undefined;
  const end = (to: number) => {
    if (stands === undefined) return;
    const { step, from } = stands;
    const segment = { kind: "waiting", tone: "wait", from, to } as const;
    found.set(step, [...found.get(step) ?? [], segment]);
    stands = undefined;
  };
  for (const { kind, at, ...entry } of entries) {
    if (kind === "paused" && "step" in entry) {
      stands = { step: entry.step, from: at };
    } else if (kind === "resumed" || kind === "cancel" || kind === "timeout") {
      end(at);
    }
  }
  end(endMs);
  return found;
}
