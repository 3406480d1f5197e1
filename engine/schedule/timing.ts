/**
 * When a schedule comes: by a cron expression, at an interval, or once.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import { durationMs } from "../meta.ts";
import { DEFAULT_TIME_ZONE, parseCron } from "./cron.ts";

/** The shortest interval, in milliseconds. */
export const EVERY_MS_MIN = 1_000;

/** When a schedule comes, as a person writes it: exactly one of the first three. */
export interface When {
  readonly cron?: string | undefined;
  /** A duration such as `15m`. */
  readonly every?: string | undefined;
  /** A moment, in RFC 3339. */
  readonly at?: string | undefined;
  /** Where the clock hangs that `cron` means. @default {"UTC"} */
  readonly timeZone?: string | undefined;
}

/** When a schedule comes, as the engine asks it. */
export interface Timing {
  /** The first due time after `ms`, or `undefined` behind the last one. */
  nextAfter(ms: number): number | undefined;
}

/**
 * Reads when a schedule comes.
 *
 * @param anchorMs Where intervals begin: the first is due one interval later.
 * @throws {RefusedError} `invalid-input`, saying what is wrong.
 */
export function timingOf(when: When, anchorMs: number): Timing {
  const { cron, every, at, timeZone } = when;
  const given = [cron, every, at].filter((part) => part !== undefined);
  if (given.length !== 1) {
    throw refusal(
      `it has ${given.length} of "cron", "every" and "at", and one is wanted`,
    );
  }
  if (timeZone !== undefined && cron === undefined) {
    throw refusal('"timeZone" has no effect without "cron"');
  }
  if (cron !== undefined) return parseCron(cron, timeZone ?? DEFAULT_TIME_ZONE);
  return every !== undefined ? interval(every, anchorMs) : moment(at ?? "");
}

function interval(every: string, anchorMs: number): Timing {
  const everyMs = Math.round(durationMs(every));
  if (!(everyMs >= EVERY_MS_MIN)) {
    throw refusal(`the shortest interval is ${EVERY_MS_MIN} ms: "${every}"`);
  }
  return {
    nextAfter(ms) {
      const passed = Math.floor((ms - anchorMs) / everyMs);
      return anchorMs + Math.max(1, passed + 1) * everyMs;
    },
  };
}

function moment(at: string): Timing {
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) {
    throw refusal(`"${at}" is no moment such as "2030-01-31T12:00:00Z"`);
  }
  return { nextAfter: (ms) => atMs > ms ? atMs : undefined };
}

function refusal(why: string): RefusedError {
  return new RefusedError("invalid-input", `Cannot use a schedule: ${why}`);
}

/**
 * The last due time up to `untilMs`, given that `dueMs` is one. Halves the time
 * between, since a minute's schedule has half a million due times in a year.
 */
export function lastDue(
  timing: Timing,
  dueMs: number,
  untilMs: number,
): number {
  let last = dueMs;
  let free = untilMs;
  while (last < free) {
    const middle = last + Math.floor((free - last) / 2);
    const next = timing.nextAfter(middle);
    if (next !== undefined && next <= untilMs) last = next;
    else if (middle === last) return last;
    else free = middle;
  }
  return last;
}
