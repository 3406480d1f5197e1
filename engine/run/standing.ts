/**
 * Lets runs stand at breakpoints and go on again: what is held back, what stands
 * still with a run, and what happens first when it goes on.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import { failureEntry } from "./attempts.ts";
import type { Breakpoint, Breakpoints } from "./breakpoints.ts";
import type { Entry } from "./journal.ts";
import type { Machine } from "./machine.ts";
import type { Arming, Doing, Live } from "./machine_frames.ts";
import type { Run } from "./run.ts";

/** Where the end of a pause is among the timers of a run: no step has this path. */
const PAUSE = " pause";

/** What an executor does for it. */
export interface StandingOptions {
  readonly breakpoints: Breakpoints;
  readonly now: () => number;
  readonly record: (run: Run, entries: readonly Entry[]) => Promise<void>;
  /** Does what has come up. */
  readonly handle: (run: Run, live: Live) => void;
  readonly later: (
    run: Run,
    path: string,
    atMs: number,
    callback: () => void,
  ) => void;
  /** Sets the timer of the run's timeout. */
  readonly limit: (run: Run, machine: Machine) => void;
  /** What waits for others to be done waits no more, and has not begun. */
  readonly unqueue: (run: Run) => void;
  readonly onError: (run: Run, error: unknown) => void;
}

/** How a run is let go. */
export type Resumed = Omit<
  Extract<Entry, { kind: "resumed" }>,
  "kind" | "at"
>;

/** See the module comment. */
export class Standing {
  readonly #options: StandingOptions;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** Whether a step is held back: its run stands, or does so from this step on. */
  holds(run: Run, machine: Machine, live: Live): boolean {
    if (run.turning !== undefined || machine.pause !== undefined) {
      return live.kind !== "child" &&
        !(live.kind === "retrying" && live.isStopped);
    }
    if (!mayStop(live, machine)) return false;
    const { breakpoints } = this.#options;
    const breakpoint = breakpoints.areSet
      ? breakpoints.at(machine.program, live)
      : undefined;
    if (breakpoint === undefined && !machine.pauses?.isStepping) return false;
    void this.#pause(run, machine, { step: live.path, breakpoint });
    return true;
  }

  /** Entries count: perhaps a run stands from now on, or goes on. */
  turn(run: Run, machine: Machine, entries: readonly Entry[]): void {
    const last = entries.findLast(({ kind }) =>
      kind === "paused" || kind === "resumed"
    );
    const isWritten = last !== undefined &&
      (last.kind === "paused") === (run.turning === "pausing");
    if (isWritten) run.turning = undefined;
    if (machine.pause !== undefined) {
      if (last?.kind === "paused") this.stand(run);
      return;
    }
    if (run.turning !== undefined) return;
    try {
      this.#release(run, machine, last?.kind === "resumed" ? last.step : "");
    } catch (error) {
      // Whoever has let it go is answered: what they asked for is written.
      this.#options.onError(run, error);
    }
  }

  /** Holds back what would happen to a run, until it is let go, or its time is up. */
  stand(run: Run): void {
    const { pause } = run.machine ?? {};
    if (pause === undefined) return;
    const { unqueue, later, onError } = this.#options;
    unqueue(run);
    freeze(run);
    later(run, PAUSE, pause.untilMs, () => {
      if (run.machine?.pause !== pause || run.turning !== undefined) return;
      this.goOn(run, { step: pause.step, how: "auto" })
        .catch((error) => onError(run, error));
    });
  }

  /**
   * Lets a run that stands go on.
   *
   * @throws {RefusedError} `wrong-state`: it does not stand there, or goes on.
   */
  async goOn(run: Run, resumed: Resumed): Promise<void> {
    const { pause } = run.machine ?? {};
    if (pause?.step !== resumed.step || run.turning !== undefined) {
      throw new RefusedError(
        "wrong-state",
        `Cannot let run ${run.id} go on: it ` +
          (pause === undefined
            ? "is not paused"
            : pause.step === resumed.step
            ? "goes on by now"
            : `is paused at the step "${pause.step}"`),
      );
    }
    run.turning = "resuming";
    const at = this.#options.now();
    await this.#options.record(run, [{ kind: "resumed", at, ...resumed }]);
  }

  async #pause(
    run: Run,
    machine: Machine,
    { step, breakpoint }: {
      readonly step: string;
      readonly breakpoint: Breakpoint | undefined;
    },
  ): Promise<void> {
    const { breakpoints, record, now, onError } = this.#options;
    run.turning = "pausing";
    // What somebody looks at must last.
    run.isDeferred = false;
    if (breakpoint !== undefined) breakpoints.use(breakpoint);
    const limitMs = breakpoint?.autoResumeMs ?? machine.pauses?.limitMs ?? 0;
    const at = now();
    const { condition } = breakpoint ?? {};
    try {
      await record(run, [{
        ...{ kind: "paused", at, step, until: at + limitMs },
        ...breakpoint === undefined ? {} : { breakpoint: breakpoint.id },
        ...condition === undefined ? {} : { condition },
      }]);
    } catch (error) {
      return onError(run, error);
    }
    if (breakpoint === undefined) return;
    if (machine.pauses?.isOff) breakpoints.spare(breakpoint);
    else await breakpoints.used(breakpoint);
  }

  /** Lets happen what was held back, the step before which the run stood first. */
  #release(run: Run, machine: Machine, step: string): void {
    const { handle, limit } = this.#options;
    run.timers.get(PAUSE)?.();
    run.timers.delete(PAUSE);
    limit(run, machine);
    const first = machine.live.get(step);
    for (const live of [...first ? [first] : [], ...machine.live.values()]) {
      if (live.isHandled || machine.live.get(live.path) !== live) continue;
      const isLate = (live.kind === "doing" || live.kind === "arming") &&
        machine.stopReason === undefined && machine.isStopped(live);
      if (isLate) this.#leaveOut(run, live);
      else handle(run, live);
    }
  }

  /** A step that has not begun, and does not, since something around it has failed. */
  #leaveOut(run: Run, live: Live): void {
    const { now, record, onError } = this.#options;
    live.isHandled = true;
    const at = now();
    const message = "It did not begin: something around it has failed";
    const error = { message, code: "cancelled" };
    record(run, [failureEntry(live, error, { since: at, at })])
      .catch((error) => onError(run, error));
  }
}

/**
 * Whether a run may stop before a step: at its first attempt, once, and unless it
 * undoes something or is on its way to an end by a cancel or a timeout.
 */
function mayStop(
  live: Live,
  { pauses, stopReason }: Machine,
): live is Doing | Arming {
  if (pauses?.isOff || stopReason !== undefined || live.isPassed) return false;
  if (live.kind === "arming") return true;
  return live.kind === "doing" && live.attempt === 1 &&
    live.frame !== undefined;
}

/**
 * Takes back what time would do to a run, so that it happens when the run goes
 * on, with the time that was left. What is under way is let be.
 */
function freeze(run: Run): void {
  run.dropTimers();
  for (const live of run.machine?.live.values() ?? []) {
    const isIdle = live.kind === "waiting" ||
      (live.kind === "retrying" && !live.isStopped &&
        !run.doing.has(live.path));
    if (isIdle) live.isHandled = false;
  }
}
