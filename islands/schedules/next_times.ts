/**
 * When a cron expression comes next.
 *
 * @module
 */
import { parseCron } from "../../engine/schedule/cron.ts";

/** How many of the next times are shown. */
const TIMES = 3;

/**
 * The next times, in milliseconds since 1970.
 *
 * @throws {RefusedError} saying what is wrong with it.
 */
export function nextCronTimes(
  cron: string,
  timeZone: string,
  now: number,
): readonly number[] {
  const parsed = parseCron(cron.trim(), timeZone);
  const times: number[] = [];
  for (let ms: number | undefined = now; times.length < TIMES;) {
    ms = parsed.nextAfter(ms);
    if (ms === undefined) break;
    times.push(ms);
  }
  return times;
}
