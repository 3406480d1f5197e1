/**
 * Where a run has stood at breakpoints, as its journal says: pure, and the same
 * for all who read one. While a run stands no step of it begins, and its waits
 * and its timeout stand still; what is under way goes on to its end.
 *
 * @module
 */
import type { Entry, RunStatus } from "./journal.ts";

/** A pause that lasts. Times are milliseconds since 1970. */
export interface Pause {
  /** The step that does not begin. */
  readonly step: string;
  readonly sinceMs: number;
  /** When the run goes on by itself. */
  readonly untilMs: number;
  /** What it has come to; absent if it was let go for one step. */
  readonly breakpoint: string | undefined;
  readonly condition: string | undefined;
}

/** See the module comment. */
export class Pauses {
  /** Where the run stands, if it does. */
  pause: Pause | undefined;
  /** Whether it is to stand before the next step, whatever that is. */
  isStepping = false;
  /** For how long a pause may last, in milliseconds: the last one's limit. */
  limitMs = 0;
  /** How long it has stood, in milliseconds, without the pause that lasts. */
  pausedMs = 0;
  /** It is on its way to its end, by a cancel or a timeout: it stands no more. */
  isOff = false;

  /**
   * Takes an entry in. One that ends a pause returns for how long that has lasted,
   * in milliseconds.
   */
  take(entry: Entry): number | undefined {
    switch (entry.kind) {
      case "paused": {
        const { step, at, until, breakpoint, condition } = entry;
        if (this.isOff) return undefined;
        this.isStepping = false;
        this.limitMs = until - at;
        this.pause = {
          ...{ step, breakpoint, condition, sinceMs: at, untilMs: until },
        };
        return undefined;
      }
      case "resumed":
        if (this.pause?.step !== entry.step) return undefined;
        this.isStepping = entry.how === "step";
        return this.#end(entry.at);
      case "cancel":
      case "timeout":
        this.isOff = true;
        this.isStepping = false;
        return this.#end(entry.at);
      default:
        return undefined;
    }
  }

  /** For how long the pause that lasts has lasted; 0 if there is none. */
  standingMs(nowMs: number): number {
    // A clock that is set back takes nothing away.
    return this.pause === undefined
      ? 0
      : Math.max(0, nowMs - this.pause.sinceMs);
  }

  #end(atMs: number): number | undefined {
    if (this.pause === undefined) return undefined;
    const stoodMs = this.standingMs(atMs);
    this.pausedMs += stoodMs;
    this.pause = undefined;
    return stoodMs;
  }
}

/** How a run of another node seems to be: its memory knows more. */
export function statusOf(entries: readonly Entry[]): RunStatus {
  const pauses = new Pauses();
  for (const entry of entries) pauses.take(entry);
  if (pauses.pause !== undefined) return "paused";
  return entries.at(-1)?.kind === "step.waiting" ? "waiting" : "running";
}
