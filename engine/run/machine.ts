/**
 * What a journal means: a pure reducer. Entries go in, in order, and the steps
 * come out to which something must happen next. The same entries always lead to
 * the same place, so a run goes on after a crash, and can be looked at, in a
 * browser too, at any entry of its past.
 *
 * @module
 */
import type { Program, Task } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import {
  type AcceptedEntry,
  type Entry,
  isEnd,
  type RunError,
} from "./journal.ts";
import type {
  BlockFrame,
  Child,
  Live,
  Undo,
  Waiting,
} from "./machine_frames.ts";
import {
  asValue,
  expressionError,
  innerValues,
  runValue,
} from "./machine_values.ts";
import { type Note, Walk, type WalkHooks } from "./machine_walk.ts";
import { type Pause, Pauses } from "./machine_pauses.ts";

/** Signals of one name that wait for a step to take them. */
export const SIGNALS_KEPT_MAX = 1_000;

/** How a run is to end. The executor writes it down as the last entry. */
export type Outcome =
  | { readonly kind: "completed"; readonly output: JsonValue }
  | { readonly kind: "failed" | "cancelled"; readonly error: RunError };

/** What the run is doing as a whole. */
type Phase =
  | "body"
  | "onSuccess"
  /** Undoing steps; what went wrong is in `#failure`. */
  | "compensating"
  | "onError"
  | "over";

/** See the module comment. */
export class Machine implements WalkHooks {
  readonly program: Program;
  readonly accepted: AcceptedEntry;
  /** What something must happen to, by path, in the order in which it came up. */
  readonly live: ReadonlyMap<string, Live>;
  /** How the run is to end, once nothing is left to do. */
  outcome: Outcome | undefined;
  /** Whether the last entry is there. */
  isFinished = false;
  /** Why steps that are under way are to stop: a cancel, or the run's timeout. */
  stopReason: string | undefined;
  /** Where the run has stood; absent for one that never has, as most never do. */
  pauses: Pauses | undefined;
  /** Told of each node that comes to its end; by the walk. */
  readonly noted: ((note: Note) => void) | undefined;
  // Most runs need neither of these, and there are very many runs.
  #undo: Undo[] | undefined;
  #signals: Map<string, JsonValue[]> | undefined;
  readonly #walk: Walk;
  #phase: Phase = "body";
  #failure: RunError | undefined;
  /** Set where the run is to fail, and steps are still under way. */
  #isDraining = false;
  #root: BlockFrame;

  /** @param noted Told of each node that comes to its end. @default nobody is */
  constructor(
    program: Program,
    accepted: AcceptedEntry,
    id: string,
    noted?: (note: Note) => void,
  ) {
    this.program = program;
    this.accepted = accepted;
    this.noted = noted;
    this.#walk = new Walk(this);
    this.live = this.#walk.live;
    this.#root = this.#walk.blockOf(program.body, {
      input: accepted.input,
      run: runValue(program, accepted, id),
      steps: {},
    });
    this.#walk.enter(this.#root);
  }

  /** The steps that have come up since the last call. */
  takeChanged(): readonly Live[] {
    const { changed } = this.#walk;
    if (changed.length === 0) return NONE;
    this.#walk.changed = [];
    const found: Live[] = [];
    for (const path of changed) {
      const live = this.live.get(path);
      if (live !== undefined) found.push(live);
    }
    return found;
  }

  /** Takes an entry in. One that is about nothing that goes on changes nothing. */
  apply(entry: Entry): void {
    switch (entry.kind) {
      case "accepted":
        return;
      case "step.completed":
        return this.#completed(entry.step, entry.output);
      case "step.failed":
        return this.#failed(entry);
      case "step.waiting":
        return this.#waits(entry);
      case "step.child":
        return this.#hasChild(entry.step, entry.run);
      case "signal":
        return this.#signalled(entry.name, entry.data);
      case "paused":
        return void this.#paused(entry);
      case "resumed":
        return this.#resumed(entry);
      case "cancel":
        this.#paused(entry);
        return this.#cancelled(entry.reason);
      case "timeout":
        this.#paused(entry);
        return this.#timedOut();
      default:
        this.isFinished = isEnd(entry);
        this.#walk.live.clear();
    }
  }

  /** Signals that no step has taken yet, by name. */
  signals(): ReadonlyMap<string, readonly JsonValue[]> {
    return this.#signals ?? NO_SIGNALS;
  }

  /** What the run is doing, for people. */
  get phase(): Phase {
    return this.outcome === undefined ? this.#phase : "over";
  }

  /** Where the run stands, if it does. */
  get pause(): Pause | undefined {
    return this.pauses?.pause;
  }

  /** How long it has stood, in milliseconds, without the pause that lasts. */
  get pausedMs(): number {
    return this.pauses?.pausedMs ?? 0;
  }

  /** Whether a step must not begin any more: something around it has failed. */
  isStopped({ frame }: Live): boolean {
    return frame !== undefined && this.#walk.isStopped(frame);
  }

  /** What makes the run end with an error, before it has ended. */
  get failure(): RunError | undefined {
    return this.#failure;
  }

  #completed(path: string, output: JsonValue): void {
    const live = this.#take(path);
    if (live === undefined) return;
    const { frame } = live;
    if (frame === undefined) return this.#undoNext();
    const node = frame.nodes[frame.index];
    if (node === undefined) return;
    this.#walk.note(frame, node.id, output, "completed");
    frame.last = output;
    if (node.kind === "task" && node.compensate !== undefined) {
      (this.#undo ??= []).push({
        path: `${path}~compensate`,
        task: node.compensate,
        values: innerValues(frame),
      });
    }
    frame.index++;
    this.#walk.enter(frame);
  }

  #failed(entry: Extract<Entry, { kind: "step.failed" }>): void {
    const { step: path, error, retryAt, attempt, at } = entry;
    const live = this.#take(path);
    if (live === undefined) return;
    const { frame } = live;
    const isStopped = frame !== undefined && this.#walk.isStopped(frame);
    if (retryAt !== undefined && "task" in live && !isStopped) {
      const { task, values } = live;
      this.#walk.put({
        ...{ kind: "retrying", path, frame, task, values, error },
        attempt: attempt + 1,
        // The wait begins with the pause that it falls into, and so goes on whole.
        atMs: retryAt - (this.pauses?.standingMs(at) ?? 0),
      });
      return;
    }
    // A step that cannot be undone must not keep the others from it.
    if (frame === undefined) return this.#undoNext();
    const node = frame.nodes[frame.index];
    if (node !== undefined) this.#walk.nodeFailed(node, frame, error);
  }

  /** The run is to end with an error: what is under way may finish. */
  rootFailed(error: RunError): void {
    if (this.#phase === "onError") {
      return this.#conclude(this.#failure ?? error);
    }
    if (this.#failure !== undefined || this.outcome !== undefined) return;
    this.#failure = error;
    this.#isDraining = true;
    this.#walk.dropIdle();
    this.settled();
  }

  /** Whether the run is to end, so that no block goes on. For the walk. */
  isDraining(): boolean {
    return this.#isDraining;
  }

  /** Begins to undo, once nothing is under way any more. */
  settled(): void {
    if (!this.#isDraining || this.live.size > 0) return;
    this.#isDraining = false;
    // What undoes steps, and what follows, is not to stop.
    this.stopReason = undefined;
    this.#phase = "compensating";
    this.#undoNext();
  }

  #undoNext(): void {
    const undo = this.#undo?.pop();
    if (undo === undefined) return this.#undone();
    const { path, task } = undo;
    const error = this.#failure ?? { message: "", code: "error" };
    const values = { ...undo.values, error: asValue(error) };
    this.#walk.put({
      ...{ kind: "doing", path, frame: undefined, task, values, attempt: 1 },
    });
  }

  #undone(): void {
    const { onError } = this.program;
    const error = this.#failure ?? { message: "", code: "error" };
    if (onError !== undefined && error.code !== "cancelled") {
      this.#phase = "onError";
      const values = innerValues(this.#root);
      values.error = asValue(error);
      this.#root = this.#walk.blockOf(onError, values);
      return this.#walk.enter(this.#root);
    }
    this.#conclude(error);
  }

  /** A block of the run itself is done. */
  rootDone(frame: BlockFrame): void {
    const { onSuccess } = this.program;
    if (this.#phase === "body" && onSuccess !== undefined) {
      this.#phase = "onSuccess";
      this.#root = this.#walk.blockOf(onSuccess, innerValues(frame));
      this.#root.last = frame.last;
      return this.#walk.enter(this.#root);
    }
    if (this.#phase === "onError") {
      return this.#conclude(this.#failure ?? { message: "", code: "error" });
    }
    const { output } = this.program;
    try {
      const value = output ? output.evaluate(frame.values) : frame.last;
      this.outcome = { kind: "completed", output: value };
    } catch (error) {
      this.rootFailed(expressionError(error, undefined));
    }
  }

  #conclude(error: RunError): void {
    const kind = error.code === "cancelled" ? "cancelled" : "failed";
    this.outcome = { kind, error };
  }

  #cancelled(reason: string): void {
    this.#stop({ message: reason, code: "cancelled" });
  }

  #timedOut(): void {
    const { timeoutMs } = this.program;
    const message = `The run took longer than ${timeoutMs} ms`;
    this.#stop({ message, code: "timeout" });
  }

  /** Ends the run early, unless it is on its way to an end already. */
  #stop(error: RunError): void {
    if (!this.isStoppable) return;
    this.stopReason ??= error.message;
    this.rootFailed(error);
  }

  /** Whether there are steps that a cancel or a timeout would end. */
  get isStoppable(): boolean {
    return this.outcome === undefined &&
      (this.#phase === "body" || this.#phase === "onSuccess");
  }

  /** The run stands from now on, or does not any more: time goes on for it. */
  #paused(entry: Entry): boolean {
    const stoodMs = (this.pauses ??= new Pauses()).take(entry);
    if (stoodMs === undefined) return false;
    for (const live of [...this.live.values()]) {
      if (live.kind === "retrying") {
        const atMs = live.atMs + stoodMs;
        this.#walk.put({ ...live, atMs, isHandled: false });
      } else if (live.kind === "waiting" && live.untilMs !== undefined) {
        const untilMs = live.untilMs + stoodMs;
        this.#walk.put({ ...live, untilMs, isHandled: false });
      }
    }
    return true;
  }

  #resumed(entry: Extract<Entry, { kind: "resumed" }>): void {
    // What it was let go from is over by now.
    if (!this.#paused(entry)) return;
    const live = this.live.get(entry.step);
    const passed = { isPassed: true, isHandled: false };
    if (live?.kind === "arming") this.#walk.put({ ...live, ...passed });
    if (live?.kind !== "doing") return;
    const { with: given } = entry;
    const task: Task = given === undefined ? live.task : {
      ...live.task,
      // It is checked as what an expression yields is.
      input: { isConstant: false, evaluate: () => given },
    };
    this.#walk.put({ ...live, ...passed, task });
  }

  #waits(entry: Extract<Entry, { kind: "step.waiting" }>): void {
    const live = this.live.get(entry.step);
    if (live?.kind !== "arming") return;
    const { path, frame, node } = live;
    const { signal } = entry;
    const kept = signal === undefined ? undefined : this.#signals?.get(signal);
    const data = kept?.shift();
    const waiting: Waiting = {
      ...{ kind: "waiting", path, frame, node, signal },
      untilMs: entry.until,
      sinceMs: entry.at,
    };
    this.#walk.put(waiting);
    if (data !== undefined) this.#completed(path, data);
  }

  #hasChild(path: string, run: string): void {
    const live = this.live.get(path);
    if (live?.kind !== "doing") return;
    const { frame, task, values } = live;
    const child: Child = { kind: "child", path, frame, task, values, run };
    this.#walk.put(child);
  }

  #signalled(name: string, data: JsonValue): void {
    for (const live of this.live.values()) {
      if (live.kind === "waiting" && live.signal === name) {
        return this.#completed(live.path, data);
      }
    }
    const signals = this.#signals ??= new Map();
    const kept = signals.get(name) ?? [];
    if (kept.length >= SIGNALS_KEPT_MAX) kept.shift();
    kept.push(data);
    signals.set(name, kept);
  }

  #take(path: string): Live | undefined {
    const live = this.live.get(path);
    this.#walk.live.delete(path);
    return live;
  }
}

const NONE: readonly never[] = [];

const NO_SIGNALS: ReadonlyMap<string, readonly JsonValue[]> = new Map();
