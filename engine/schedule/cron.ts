/**
 * Cron expressions: five fields, or six with seconds in front, on the wall clock
 * of a time zone. What stands in them is read here; when they come next is
 * croner's to say.
 *
 * @module
 */
import { Cron as Croner } from "croner";
import { RefusedError } from "../errors.ts";
import {
  type CronField,
  DAYS,
  FieldFault,
  type FieldKind,
  fieldText,
  parseField,
} from "./cron_field.ts";

/** The longest expression, in characters. */
export const CRON_CHARACTERS_MAX = 1_000;

/** The time zone where none is stated. */
export const DEFAULT_TIME_ZONE = "UTC";

/** Words for common expressions. */
const WORDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const MONTHS = [
  ...["JAN", "FEB", "MAR", "APR", "MAY", "JUN"],
  ...["JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
];

const KINDS: readonly FieldKind[] = [
  { name: "second", min: 0, max: 59 },
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31, mark: monthDay, isDay: true },
  { name: "month", min: 1, max: 12, words: MONTHS },
  {
    name: "day of the week",
    min: 0,
    max: 7,
    words: DAYS,
    mark: weekDay,
    isDay: true,
  },
];

/** An expression that was read. */
export interface Cron {
  /**
   * The first time it comes after `ms` (milliseconds since 1970), or `undefined`
   * if it never does.
   *
   * Where clocks change: one time of day comes once on each day, after the gap
   * if it falls into one; of several times, those in a gap are left out and
   * those in a repeated hour come twice, as the wall clock shows them.
   */
  nextAfter(ms: number): number | undefined;
}

/**
 * Reads an expression: numbers, names, ranges, steps and lists; `L`, `LW` and
 * `15W` as day of the month, `5L` and `5#2` as day of the week; `@daily` and the
 * like. If both days are restricted, either will do.
 *
 * @param timeZone An IANA name. @default {"UTC"}
 * @throws {RefusedError} `invalid-input`, saying what is wrong and at which column.
 */
export function parseCron(
  text: string,
  timeZone: string = DEFAULT_TIME_ZONE,
): Cron {
  const pattern = text.trim().startsWith("@")
    ? wordPattern(text)
    : fieldsPattern(text);
  assertTimeZone(timeZone);
  const croner = new Croner(pattern, { timezone: timeZone, paused: true });
  const cron = {
    nextAfter: (ms: number) => croner.nextRun(new Date(ms))?.getTime(),
  };
  if (cron.nextAfter(LEAP_CYCLE_START_MS) === undefined) {
    throw refusal(text, "it names no day that any year has");
  }
  return cron;
}

/** From here on every day of the calendar comes within a few years. */
const LEAP_CYCLE_START_MS = 1_704_067_200_000;

/** @throws {RefusedError} `invalid-input` if no such time zone is known. */
export function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    throw new RefusedError(
      "invalid-input",
      `Cannot use the time zone "${timeZone}": an IANA name such as ` +
        '"Europe/Berlin" or "UTC" is wanted',
      { cause },
    );
  }
}

function wordPattern(text: string): string {
  const pattern = WORDS[text.trim().toLowerCase()];
  if (pattern !== undefined) return pattern;
  throw refusal(text, `known words are ${Object.keys(WORDS).join(", ")}`);
}

/** The expression in the form that croner reads, with seconds. */
function fieldsPattern(text: string): string {
  if (text.length > CRON_CHARACTERS_MAX) {
    throw refusal(
      `${text.slice(0, 20)}…`,
      `it may have ${CRON_CHARACTERS_MAX} characters at most`,
    );
  }
  const parts = [...text.matchAll(/\S+/g)];
  if (parts.length !== 5 && parts.length !== 6) {
    throw refusal(
      text,
      `it has ${parts.length} fields, and 5 are wanted (minute, hour, day of ` +
        "the month, month, day of the week), or 6 with the second in front",
    );
  }
  const kinds = KINDS.slice(6 - parts.length);
  const fields = parts.map((part, index) =>
    // There are as many kinds as parts.
    readField(text, part, kinds[index] as FieldKind)
  );
  const pattern = fields.map(fieldText);
  return (parts.length === 5 ? ["0", ...pattern] : pattern).join(" ");
}

function readField(
  text: string,
  part: RegExpExecArray,
  kind: FieldKind,
): CronField {
  try {
    return parseField(part[0], kind);
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error;
    throw refusal(
      text,
      `${error.message} (column ${part.index + error.offset + 1})`,
    );
  }
}

function refusal(text: string, why: string): RefusedError {
  return new RefusedError(
    "invalid-input",
    `Cannot read the cron expression "${text}": ${why}`,
  );
}

/** `L` is the last day, `LW` the last from Monday to Friday, `15W` the nearest. */
function monthDay(item: string): string | undefined {
  if (item === "L" || item === "LW") return item;
  const day = /^(\d{1,2})W$/.exec(item)?.[1];
  const isDay = day !== undefined && Number(day) >= 1 && Number(day) <= 31;
  return isDay ? `${Number(day)}W` : undefined;
}

/** `5L` and `FRIL` are the last Friday of a month, `5#2` and `FRI#2` its second. */
function weekDay(item: string): string | undefined {
  const match = /^([0-7]|[A-Z]{3})(?:L|#([1-5]))$/.exec(item);
  if (match === null) return undefined;
  const [, name = "", nth] = match;
  const day = DAYS.includes(name) ? DAYS.indexOf(name) : Number(name) % 7;
  if (Number.isNaN(day)) return undefined;
  return nth === undefined ? `${day}#L` : `${day}#${nth}`;
}
