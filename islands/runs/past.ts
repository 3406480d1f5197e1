/**
 * The past of a run, ready to be looked at anywhere: its journal is put through
 * the engine's own reducer once, and what each entry changes is noted by step. A
 * step as it was is then found without going through the journal again, so that
 * it costs as little to look at the last of ten thousand entries as at the first.
 *
 * Without a program (its text is kept no more) only what the journal itself says
 * is known.
 *
 * @module
 */
import { describeSteps, type StepRow } from "@engine/run/describe.ts";
import {
  type AcceptedEntry,
  type Entry,
  isEnd,
  type RunStatus,
} from "@engine/run/journal.ts";
import { Machine } from "@engine/run/machine.ts";
import type { Live } from "@engine/run/machine_frames.ts";
import type { Note } from "@engine/run/machine_walk.ts";
import type { Known } from "@engine/run/replay.ts";
import type { Program } from "@engine/pipeline/program.ts";
import { atOrBefore, type Change, countAt, lastAt } from "./changes.ts";

/** What became of a step, entry by entry. */
export interface StepPast {
  readonly path: string;
  /** The index of the entry by which it came up. */
  readonly cameUp: number;
  /** The indexes of the entries that are about it. */
  readonly entries: number[];
  readonly known: Change<Known>[];
  readonly isLive: Change<boolean>[];
  /** As it came up: what it is given, and where it stands. */
  readonly begun: Live | undefined;
}

/** The rounds of a loop. */
export interface LoopPast {
  readonly items: number;
  /** Rounds in the order in which they began. */
  readonly begun: Change<number>[];
  readonly rounds: Set<number>;
}

/** See the module comment. */
export class Past {
  readonly id: string;
  readonly program: Program | undefined;
  readonly entries: Entry[] = [];
  /** Every step that has come up, in this order. */
  readonly steps = new Map<string, StepPast>();
  /** By the path of the loop. */
  readonly loops = new Map<string, LoopPast>();
  readonly #statuses: Change<RunStatus>[] = [];
  readonly #liveCounts: number[] = [];
  readonly #live = new Set<string>();
  /** The indexes of entries that stop the time of every step. */
  readonly #pauses: number[] = [];
  readonly #rows = new Map<string, { key: string; row: StepRow }>();
  #machine: Machine | undefined;

  constructor(id: string, program: Program | undefined) {
    this.id = id;
    this.program = program;
  }

  /** Goes on with what has come since. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) this.#take(entry);
  }

  /** The index of the last entry. */
  get last(): number {
    return this.entries.length - 1;
  }

  get isOver(): boolean {
    const last = this.entries.at(-1);
    return last !== undefined && isEnd(last);
  }

  /** How the run was. */
  statusAt(at: number): RunStatus {
    return lastAt(this.#statuses, at) ?? "pending";
  }

  /** A step as it was; `undefined` if it had not come up. */
  rowAt(path: string, at: number): StepRow | undefined {
    const step = this.steps.get(path);
    if (step === undefined || step.cameUp > at) return undefined;
    const known = lastAt(step.known, at);
    const isLive = lastAt(step.isLive, at) ?? false;
    const seen = atOrBefore(step.entries, at) + 1;
    const pauses = atOrBefore(this.#pauses, at) + 1;
    const isEnded = this.isOver && at >= this.last;
    const liveCount = this.#liveCounts[at] ?? 0;
    const key = `${seen} ${countAt(step.known, at)} ` +
      `${isLive} ${pauses} ${isEnded} ${liveCount > 0}`;
    const kept = this.#rows.get(path);
    if (kept?.key === key) return kept.row;
    const indexes = [
      ...step.entries.slice(0, seen),
      ...this.#pauses.slice(0, pauses),
      ...isEnded ? [this.last] : [],
    ].sort((a, b) => a - b);
    const live = new Set(isLive ? [path] : []);
    // One that only holds others goes on as long as any of them does.
    if (liveCount > 0) live.add("");
    const rows = describeSteps(
      [...new Set(indexes)].flatMap((index) => this.entries[index] ?? []),
      this.#machine === undefined ? {} : {
        progress: {
          steps: new Map([[path, known ?? this.#cameUp(step)]]),
          ...{ live, pending: [] },
          pause: this.#pauseAt(path, at),
        },
      },
    );
    const row = rows.find((each) => each.path === path) ??
      { path, status: "running", attempts: 0 } satisfies StepRow;
    this.#rows.set(path, { key, row });
    return row;
  }

  /** The machine that has read the journal, for those who ask for values. */
  get isReplayed(): boolean {
    return this.#machine !== undefined;
  }

  #cameUp({ cameUp }: StepPast): Known {
    return { status: "running", cameUpAt: this.entries[cameUp]?.at ?? 0 };
  }

  /** Whether the run stood, and so a step that has come up did not begin. */
  #pauseAt(path: string, at: number) {
    if (this.statusAt(at) !== "paused") return undefined;
    return {
      ...{ step: path, sinceMs: 0, untilMs: 0 },
      ...{ breakpoint: undefined, condition: undefined },
    };
  }

  #take(entry: Entry): void {
    const index = this.entries.push(entry) - 1;
    this.#drive(entry);
    this.#see(index);
    if (isPause(entry)) this.#pauses.push(index);
    else if ("step" in entry) this.#isAbout(entry.step, index);
    else if (entry.kind === "signal" && this.#machine === undefined) {
      this.#signalled(entry.name, index);
    }
    this.#liveCounts.push(this.#live.size);
    const status = this.#statusNow(entry);
    if (this.#statuses.at(-1)?.value !== status) {
      this.#statuses.push({ at: index, value: status });
    }
  }

  #drive(entry: Entry): void {
    try {
      if (entry.kind === "accepted") this.#begin(entry);
      else this.#machine?.apply(entry);
    } catch {
      // The text means something else to this version: the journal is left.
      this.#machine = undefined;
    }
  }

  #begin(accepted: AcceptedEntry): void {
    if (this.program === undefined) return;
    const note = (note: Note) => this.#note(note);
    this.#machine = new Machine(this.program, accepted, this.id, note);
  }

  #note({ path, ...end }: Note): void {
    const step = this.#step(path);
    const endedAt = this.entries.at(-1)?.at ?? 0;
    const { cameUpAt } = this.#cameUp(step);
    const value = { ...end, cameUpAt, endedAt };
    step.known.push({ at: this.last, value });
  }

  /** Looks at what the last entry has led to. */
  #see(at: number): void {
    const machine = this.#machine;
    if (machine === undefined) return;
    for (const live of machine.takeChanged()) {
      const { path } = live;
      if (!this.steps.has(path)) this.#comesUp(live, at);
      if (this.#live.has(path)) continue;
      this.#live.add(path);
      this.steps.get(path)?.isLive.push({ at, value: true });
    }
    if (machine.live.size === this.#live.size) return;
    for (const path of this.#live) {
      if (machine.live.has(path)) continue;
      this.#live.delete(path);
      this.steps.get(path)?.isLive.push({ at, value: false });
    }
  }

  /** A step, and the loops and branches that it stands in before it. */
  #comesUp(live: Live, at: number): void {
    let { frame } = live;
    const around: string[] = [];
    for (; frame?.owner; frame = frame.owner.frame) {
      const { kind, path, items } = frame.owner;
      if (kind !== "handler") around.unshift(path);
      if (kind !== "each") continue;
      const loop = this.loops.get(path) ??
        { items: items.length, begun: [], rounds: new Set() };
      this.loops.set(path, loop);
      const round = Number(frame.prefix.slice(path.length + 1, -2));
      if (loop.rounds.has(round)) continue;
      loop.rounds.add(round);
      loop.begun.push({ at, value: round });
    }
    for (const path of around) this.#step(path);
    this.#step(live.path, live);
  }

  #step(path: string, begun?: Live): StepPast {
    const known = this.steps.get(path);
    if (known !== undefined) return known;
    const cameUp = Math.max(0, this.last);
    const step = { path, cameUp, entries: [], known: [], isLive: [], begun };
    this.steps.set(path, step);
    return step;
  }

  #isAbout(path: string, index: number): void {
    this.#step(path).entries.push(index);
    if (!path.endsWith(UNDO)) return;
    this.#step(path.slice(0, -UNDO.length)).entries.push(index);
  }

  /** Without a program: the first step that waits for it takes it. */
  #signalled(name: string, index: number): void {
    for (const { path, entries } of this.steps.values()) {
      const row = this.rowAt(path, index);
      const { waitsFor } = row ?? {};
      const isMeant = waitsFor?.kind === "signal" && waitsFor.signal === name ||
        waitsFor?.kind === "approval" && name === `approval:${path}`;
      if (isMeant) return void entries.push(index);
    }
  }

  #statusNow(entry: Entry): RunStatus {
    if (isEnd(entry)) return entry.kind;
    const machine = this.#machine;
    if (machine === undefined) {
      return entry.kind === "paused"
        ? "paused"
        : entry.kind === "step.waiting"
        ? "waiting"
        : "running";
    }
    if (machine.pause !== undefined) return "paused";
    for (const { kind } of machine.live.values()) {
      if (kind === "doing" || kind === "arming") return "running";
    }
    return machine.live.size > 0 ? "waiting" : "running";
  }
}

/** How the path of what undoes a step ends. */
const UNDO = "~compensate";

function isPause({ kind }: Entry): boolean {
  return kind === "paused" || kind === "resumed" || kind === "cancel" ||
    kind === "timeout";
}
