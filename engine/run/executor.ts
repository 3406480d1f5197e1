/**
 * Drives runs: does what their machines ask for, writes down what comes of it,
 * and only then goes on. What the log has answered has happened; what it has not
 * answered happens again after a crash, with the same idempotency key.
 *
 * Longer than 400 lines because it is one state: what is begun, waits and is
 * written for a run must be decided in one place.
 *
 * @module
 */
import { RefusedError, RetryableError } from "../errors.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import { Admission } from "./admission.ts";
import type { Ending } from "./archive.ts";
import type { End, Entry } from "./journal.ts";
import type { Breakpoints } from "./breakpoints.ts";
import type { RunLog } from "./log.ts";
import type { Machine } from "./machine.ts";
import type {
  Arming,
  Doing,
  Live,
  Retrying,
  Waiting,
} from "./machine_frames.ts";
import { attemptOf, failureEntry, resultEntry } from "./attempts.ts";
import {
  type Attempt,
  compute,
  perform,
  type Performed,
  type Performers,
} from "./perform.ts";
import type { Run } from "./run.ts";
import { Standing } from "./standing.ts";
import { stepSpan } from "./tell_trace.ts";
import { Timers } from "./timers.ts";
import { armedUntil } from "./wait_until.ts";
import { writeEntries } from "./write_entries.ts";

/** Steps of an application that are done at a time; steps that only compute do not count. */
export const STEPS_RUNNING_MAX = 1_000;

/** What an executor works with. */
export interface ExecutorOptions {
  readonly performers: Performers;
  readonly log: RunLog;
  /** Where runs stop. */
  readonly breakpoints: Breakpoints;
  /** Names the application in idempotency keys. */
  readonly application: string;
  /** What goes with the last entry of a run. */
  readonly ending: (run: Run) => Ending;
  /** A run has its last entry, durably. */
  readonly onFinished: (run: Run) => void;
  /** A step is another pipeline: see that the run exists, or stops, and tell its end. */
  readonly onChild: (run: Run, path: string) => void;
  /** Ids for the runs of inner pipelines. */
  readonly nextId: () => string;
  /** Something that must not happen; the run is left as it is. */
  readonly onError: (run: Run, error: unknown) => void;
  /** Something begins to do a step: for those who watch. */
  readonly onStep: (run: Run, path: string) => void;
  /** An entry counts: for those who watch. */
  readonly onEntry: (run: Run, entry: Entry) => void;
}

/** See the module comment. */
export class RunExecutor {
  readonly timers: Timers;
  readonly admission: Admission;
  readonly standing: Standing;
  readonly #options: ExecutorOptions;
  /** Steps that wait for others to be done. */
  #queue: { readonly run: Run; readonly live: Doing | Retrying }[] = [];
  /** Runs that wait for a module that the document does not have. */
  readonly #parked = new Set<Run>();
  #running = 0;
  #isDraining = false;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: ExecutorOptions) {
    this.#options = options;
    const { clock } = options.performers.effects;
    this.timers = new Timers(clock);
    this.admission = new Admission(clock, this.timers, (run) => this.pump(run));
    this.standing = new Standing({
      breakpoints: options.breakpoints,
      now: () => this.#now(),
      record: (run, entries) => this.record(run, entries),
      handle: (run, live) => this.#handle(run, live),
      later: (...timer) => this.#later(...timer),
      limit: (run, machine) => this.#limit(run, machine),
      unqueue: (run) => this.#unqueue(run),
      onError: options.onError,
    });
  }

  /** Begins a run that is accepted, at once or when its turn comes. */
  begin(run: Run): void {
    const { machine } = run;
    if (machine === undefined) return;
    this.#limit(run, machine);
    if (this.admission.admit(run, machine.program)) this.pump(run);
  }

  /** Goes on with a run that had begun before this process did. */
  resume(run: Run): void {
    const { machine } = run;
    if (machine === undefined) return;
    if (run.entries.length <= 1) return this.begin(run);
    this.admission.resume(run, machine.program);
    if (machine.pause === undefined) this.#limit(run, machine);
    else this.standing.stand(run);
    this.pump(run);
  }

  /** Does what has come up for a run. */
  pump(run: Run): void {
    const { machine } = run;
    if (machine === undefined || run.isPending || this.#isClosed) return;
    try {
      for (
        let changed = machine.takeChanged();
        changed.length > 0 && !machine.isFinished;
        changed = machine.takeChanged()
      ) {
        for (const live of changed) this.#handle(run, live);
      }
      this.#end(run);
    } catch (error) {
      this.#options.onError(run, error);
    }
  }

  /**
   * Writes entries down and lets the run go on from them. Resolves once they
   * count; several calls for one run count in order.
   *
   * @throws {RefusedError} `wrong-state`: the last entry of the run is written.
   */
  async record(run: Run, entries: readonly Entry[]): Promise<void> {
    if (run.isEnding) throw overError(run);
    for (const entry of entries) run.entries.push(JSON.stringify(entry));
    run.unwritten += entries.length;
    if (!run.isDeferred) {
      run.inFlight++;
      try {
        await this.write(run);
      } finally {
        run.inFlight--;
      }
    }
    this.#apply(run, entries);
  }

  /**
   * Resolves when everything that a run has come to is durable.
   *
   * @throws {RetryableError} It will not be: the engine stops, or is replaced.
   */
  async durable(run: Run): Promise<void> {
    while (run.isDeferred && !run.machine?.isFinished) {
      if (this.#isClosed) {
        throw new RetryableError(
          `Run ${run.id} was not accepted: the engine stops, or another process takes over`,
        );
      }
      await run.changed();
    }
    await (run.ending ?? this.write(run));
    while (run.inFlight > 0 && run.lost === undefined) await run.changed();
    if (run.lost !== undefined) throw run.lost;
  }

  /** Gives what is not written yet to the log. */
  write(run: Run): Promise<void> {
    return writeEntries(run, this.#options.log);
  }

  /** Ends what is under way for a run, so that it may stop. */
  interrupt(run: Run, reason: string): void {
    const error = new Error(reason);
    for (const controller of run.doing.values()) controller.abort(error);
  }

  /** Looks again at runs that could not go on, after the document has changed. */
  wake(): void {
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const run of parked) {
      run.stuck = undefined;
      for (const live of run.machine?.live.values() ?? []) {
        this.#handle(run, live);
      }
    }
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Does nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.timers.close();
    this.#queue = [];
  }

  #apply(run: Run, entries: readonly Entry[]): void {
    const { machine } = run;
    if (machine === undefined || machine.isFinished) return;
    const { pause } = machine;
    for (const entry of entries) {
      machine.apply(entry);
      this.#options.onEntry(run, entry);
    }
    if (entries.some(isStop)) this.#stopSteps(run, machine);
    if (run.turning !== undefined || machine.pause !== pause) {
      this.standing.turn(run, machine, entries);
    }
    this.pump(run);
  }

  /** What waits for others to be done waits no more, and has not begun. */
  #unqueue(run: Run): void {
    this.#queue = this.#queue.filter(({ run: other, live }) => {
      if (other === run) live.isHandled = false;
      return other !== run;
    });
  }

  /** A run is to end early: tells the steps that are under way. */
  #stopSteps(run: Run, { stopReason, live }: Machine): void {
    if (stopReason === undefined) return;
    this.interrupt(run, stopReason);
    for (const { kind, path } of live.values()) {
      if (kind === "child") this.#options.onChild(run, path);
    }
  }

  #finished(run: Run): void {
    const { machine } = run;
    if (machine !== undefined) this.admission.leave(run, machine.program);
    this.#parked.delete(run);
    run.dropTimers();
    this.#options.onFinished(run);
  }

  /** Writes the last entry, once nothing is left to do. */
  #end(run: Run): void {
    const { machine } = run;
    const outcome = machine?.outcome;
    if (outcome === undefined || run.isEnding || run.inFlight > 0) return;
    run.isEnding = true;
    // What was kept back counts now, with the end.
    run.isDeferred = false;
    const at = this.#now();
    run.ending = this.#writeEnd(run, { ...outcome, at });
  }

  async #writeEnd(run: Run, end: End): Promise<void> {
    const { log, ending, onEntry, onError } = this.#options;
    run.entries.push(JSON.stringify(end));
    run.unwritten = 0;
    run.inFlight++;
    try {
      if (run.lost !== undefined) throw run.lost;
      await log.end(ending(run));
    } catch (error) {
      run.inFlight--;
      run.lose(error);
      return onError(run, error);
    }
    run.inFlight--;
    run.durable = run.entries.length;
    run.end = end;
    run.machine?.apply(end);
    onEntry(run, end);
    this.#finished(run);
  }

  #handle(run: Run, live: Live): void {
    const { machine } = run;
    if (live.isHandled || machine === undefined) return;
    const mayBeHeld = this.#options.breakpoints.areSet ||
      machine.pauses !== undefined || run.turning !== undefined;
    if (mayBeHeld && this.standing.holds(run, machine, live)) return;
    live.isHandled = true;
    switch (live.kind) {
      case "doing":
        return this.#do(run, live);
      case "retrying":
        if (live.isStopped) return this.#giveUp(run, live);
        return this.#tryLater(run, live);
      case "arming":
        return this.#arm(run, live);
      case "waiting":
        return this.#wait(run, live);
      case "child":
        return this.#options.onChild(run, live.path);
    }
  }

  #tryLater(run: Run, live: Retrying): void {
    const { path, atMs } = live;
    // The attempt goes on that began before the run stood.
    if (run.doing.has(path)) return;
    this.#later(run, path, atMs, () => {
      if (run.machine?.live.get(path) !== live) return;
      // It is being written that the run stands.
      if (run.turning === undefined) this.#do(run, live);
      else live.isHandled = false;
    });
  }

  /** A step that waits to be tried again is to end, unless it is under way. */
  #giveUp(run: Run, live: Retrying): void {
    if (run.doing.has(live.path)) return;
    const { error, attempt } = live;
    const at = this.#now();
    const failure = failureEntry(live, error, { since: at, at });
    this.#record(run, [{ ...failure, attempt } as Entry]);
  }

  #do(run: Run, live: Doing | Retrying): void {
    const reason = run.machine?.stopReason;
    if (reason !== undefined && live.frame !== undefined) {
      // What has not begun by the time of a cancel does not begin.
      const at = this.#now();
      const error = { message: reason, code: "cancelled" };
      const failure = failureEntry(live, error, { since: at, at });
      return this.#record(run, [failure]);
    }
    const { target } = live.task;
    if (target.kind === "step" && target.pure) return this.#compute(run, live);
    if (target.kind === "pipeline") {
      run.isDeferred = false;
      this.#options.onStep(run, live.path);
      return this.#record(run, [{
        kind: "step.child",
        at: this.#now(),
        step: live.path,
        run: this.#options.nextId(),
      }]);
    }
    if (this.#isMissing(run, live)) return;
    // What has not begun by the end begins with the next process.
    if (this.#isDraining) return;
    if (this.#running >= STEPS_RUNNING_MAX) {
      this.#queue.push({ run, live });
      return;
    }
    this.#running++;
    if (live.attempt === 1) this.#options.onStep(run, live.path);
    void this.#perform(run, live);
  }

  /** A module that is gone makes the run wait until it is back. */
  #isMissing(run: Run, live: Doing | Retrying): boolean {
    const { target } = live.task;
    if (!("module" in target)) return false;
    const { host } = this.#options.performers;
    try {
      host.use(target.module);
      return false;
    } catch {
      // Said in `stuck`, for as long as it lasts.
      run.stuck =
        `The step "${live.path}" needs the module "${target.module}", which the document does not have`;
      live.isHandled = false;
      this.#parked.add(run);
      return true;
    }
  }

  /** Steps that only compute are done at once, and count without a commit. */
  #compute(run: Run, live: Doing | Retrying): void {
    const since = this.#now();
    const { application, onStep } = this.#options;
    if (live.attempt === 1) onStep(run, live.path);
    const attempt = attemptOf(run, live, { application, signal: NEVER });
    const result = "error" in attempt
      ? attempt.error
      : this.#inSpan(run, attempt, () =>
        compute(attempt, this.#options.performers));
    if (result instanceof Promise) {
      void result.then((performed) =>
        this.#record(run, [
          resultEntry(live, performed, { since, at: this.#now() }),
        ])
      );
      return;
    }
    const entry = resultEntry(live, result, { since, at: since });
    if (run.inFlight > 0 && !run.isDeferred) return this.#record(run, [entry]);
    run.entries.push(JSON.stringify(entry));
    run.unwritten++;
    run.machine?.apply(entry);
    this.#options.onEntry(run, entry);
  }

  async #perform(run: Run, live: Doing | Retrying): Promise<void> {
    const since = this.#now();
    const controller = new AbortController();
    run.doing.set(live.path, controller);
    run.since.set(live.path, since);
    const attempt = attemptOf(run, live, {
      application: this.#options.application,
      signal: controller.signal,
    });
    const performed = "error" in attempt
      ? attempt.error
      : await this.#inSpan(run, attempt, () =>
        perform(attempt, this.#options.performers));
    run.doing.delete(live.path);
    run.since.delete(live.path);
    this.#running--;
    // What the end of the process cut short happens again.
    const isCut = this.#isClosed && controller.signal.aborted;
    if (!isCut) {
      this.#record(run, [
        resultEntry(live, performed, { since, at: this.#now() }),
      ]);
    }
    this.#startQueued();
    if (this.#running === 0) {
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  #inSpan<T extends Performed | Promise<Performed>>(
    run: Run,
    attempt: Attempt,
    work: () => T,
  ): T {
    const { tracing } = this.#options.performers.host;
    return tracing.active ? stepSpan(tracing, run, attempt, work) : work();
  }

  #startQueued(): void {
    while (this.#running < STEPS_RUNNING_MAX && !this.#isDraining) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const { run, live } = next;
      if (run.machine?.live.get(live.path) !== live) continue;
      if (run.turning === undefined) this.#do(run, live);
      else live.isHandled = false;
    }
  }

  /** Works out when a wait ends, and writes that down. */
  #arm(run: Run, live: Arming): void {
    run.isDeferred = false;
    const at = this.#now();
    try {
      this.#record(run, [{
        ...{ kind: "step.waiting", at, step: live.path },
        ...armedUntil(live, at),
      }]);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.#record(run, [
        failureEntry(live, { message: error.message, code: "expression" }, {
          since: at,
          at,
        }),
      ]);
    }
  }

  #wait(run: Run, live: Waiting): void {
    const { untilMs, signal, path } = live;
    if (untilMs === undefined) return;
    this.#later(run, path, untilMs, () => {
      if (run.machine?.live.get(path) !== live) return;
      this.#record(run, [
        signal === undefined
          ? {
            ...{ kind: "step.completed", at: this.#now(), step: path },
            ...{ attempt: 1, output: null, since: live.sinceMs },
          }
          : failureEntry(live, {
            message: `Nothing came in ${untilMs - live.sinceMs} ms`,
            code: "timeout",
          }, { since: live.sinceMs, at: this.#now() }),
      ]);
    });
  }

  #limit(run: Run, { program: { timeoutMs }, pausedMs }: Machine): void {
    if (timeoutMs === undefined) return;
    const atMs = run.accepted.at + timeoutMs + pausedMs;
    this.#later(run, "", atMs, () => this.#timeOut(run));
  }

  /** Lets something happen to a run; what was to happen there before does not. */
  #later(run: Run, path: string, atMs: number, callback: () => void): void {
    run.timers.get(path)?.();
    run.timers.set(path, this.timers.add(atMs, callback));
  }

  #timeOut(run: Run): void {
    const { machine } = run;
    if (machine === undefined || run.isEnding) return;
    if (!machine.isStoppable || machine.stopReason !== undefined) return;
    if (run.isPending) {
      this.admission.leave(run, machine.program);
      run.isPending = false;
    }
    this.#record(run, [{ kind: "timeout", at: this.#now() }]);
  }

  /** Records; a journal that cannot be written is told, and the run stays. */
  #record(run: Run, entries: readonly Entry[]): void {
    this.record(run, entries).catch((error) =>
      this.#options.onError(run, error)
    );
  }

  #now(): number {
    return this.#options.performers.effects.clock.now();
  }
}

function isStop({ kind }: Entry): boolean {
  return kind === "cancel" || kind === "timeout";
}

/** Nothing may follow the last entry of a journal. */
function overError({ id }: Run): RefusedError {
  return new RefusedError(
    "wrong-state",
    `Cannot go on with run ${id}: it is over`,
  );
}

const NEVER = new AbortController().signal;
