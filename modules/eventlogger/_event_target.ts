/**
 * Where events are written: what of them, and how. Lines wait for others for a
 * while, so that a burst of events is one write.
 *
 * @module
 */
import type { EngineEvent } from "@engine/events.ts";
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import {
  type Level,
  levelOf,
  LEVELS,
  lineOf,
  type LineOptions,
  typeOf,
} from "./_event_line.ts";

/** Which events a target takes, and how it shows them. */
export interface EventTargetOptions extends LineOptions {
  /** What messages call it. */
  readonly name: string;
  readonly level: Level;
  /** Beginnings of the types that it takes: one of each list; an empty one: any. */
  readonly types: readonly (readonly string[])[];
  /** Beginnings of the types that it leaves out. */
  readonly without: readonly string[];
  /** How many lines wait at most; then they are written. */
  readonly linesMax: number;
  readonly flushMs: number;
  readonly clock: Host["effects"]["clock"];
  /** @throws {Error} if nothing was written. */
  readonly write: (lines: readonly string[]) => void;
  /** It cannot be written to, or can again. */
  readonly onFault: (fault: string | undefined) => void;
  readonly onLogged: (count: number, status: "success" | "failure") => void;
}

/** See the module comment. */
export class EventTarget {
  readonly #options: EventTargetOptions;
  #lines: string[] = [];
  #cancelTimer: (() => void) | undefined;
  #fault: string | undefined;

  constructor(options: EventTargetOptions) {
    this.#options = options;
  }

  /** Why nothing can be written, if that is so. */
  get fault(): string | undefined {
    return this.#fault;
  }

  take(event: EngineEvent): void {
    const { linesMax, flushMs, clock, onLogged } = this.#options;
    if (!this.#wants(event)) return;
    // What cannot be written must not fill the memory.
    if (this.#lines.length >= linesMax) return onLogged(1, "failure");
    this.#lines.push(lineOf(event, this.#options));
    if (this.#fault === undefined && this.#lines.length >= linesMax) {
      return this.flush();
    }
    this.#cancelTimer ??= clock.after(flushMs, () => this.flush());
  }

  /** Writes what waits. Never throws. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { write, clock, flushMs, onLogged, name } = this.#options;
    if (this.#lines.length === 0) return;
    try {
      write(this.#lines);
      onLogged(this.#lines.length, "success");
      this.#lines = [];
      this.#tell(undefined);
    } catch (error) {
      this.#cancelTimer = clock.after(flushMs, () => this.flush());
      this.#tell(`Cannot write events to ${name}: ${messageOf(error)}`);
    }
  }

  /** Writes what waits, for the last time; what cannot be written is counted. */
  end(): void {
    this.flush();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const left = this.#lines.splice(0).length;
    if (left > 0) this.#options.onLogged(left, "failure");
  }

  #wants(event: EngineEvent): boolean {
    const { level, types, without } = this.#options;
    if (LEVELS.indexOf(levelOf(event)) < LEVELS.indexOf(level)) return false;
    const type = typeOf(event);
    const isOne = (filters: readonly string[]) =>
      filters.some((filter) => begins(type, filter));
    return types.every((filters) => filters.length === 0 || isOne(filters)) &&
      !isOne(without);
  }

  #tell(fault: string | undefined): void {
    const isNew = (fault === undefined) !== (this.#fault === undefined);
    this.#fault = fault;
    if (isNew) this.#options.onFault(fault);
  }
}

/** `run` and `run.*` are the beginning of `run.completed`, and `ru` is not. */
function begins(type: string, filter: string): boolean {
  const start = filter.replace(/\.?\*$/, "");
  return start === "" || type === start || type.startsWith(`${start}.`);
}
