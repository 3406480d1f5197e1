/**
 * Times and lengths of time, short, for people.
 *
 * @module
 */

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** The time of day; with the date, if it is another day. */
export function timeText(at: number | string, now = Date.now()): string {
  const date = new Date(at);
  const isToday = new Date(now).toDateString() === date.toDateString();
  return (isToday ? CLOCK : DAY).format(date);
}

/** A length: `340 ms`, `2.5 s`, `3 min 20 s`. */
export function lengthText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  const index = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[index] ?? UNITS[3];
  const rest = UNITS[index + 1];
  const whole = Math.floor(ms / size);
  const left = rest === undefined
    ? 0
    : Math.floor((ms - whole * size) / rest[1]);
  return `${whole} ${unit}` + (left > 0 && rest ? ` ${left} ${rest[0]}` : "");
}
