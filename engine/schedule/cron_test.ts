/**
 * Compares every time that a cron expression comes within a few days with what a
 * naive oracle finds, which looks at the wall clock minute by minute. The days
 * hold changes of the clock, leap days and ends of years.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCron } from "./cron.ts";

const MINUTE_MS = 60_000;

/** One minute as the wall clock shows it. */
interface Minute {
  readonly ms: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

interface Days {
  readonly timeZone: string;
  readonly minutes: readonly Minute[];
}

function days(timeZone: string, from: string, count = 3): Days {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const startMs = Date.parse(from);
  const minutes = Array.from({ length: count * 1_440 }, (_, index) => {
    const ms = startMs + index * MINUTE_MS;
    const parts = new Map(
      format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? NaN;
    const [year, month, day] = [part("year"), part("month"), part("day")];
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    const [hour, minute] = [part("hour"), part("minute")];
    return { ms, year, month, day, weekday, hour, minute };
  });
  return { timeZone, minutes };
}

const WINDOWS: readonly Days[] = [
  days("Europe/Berlin", "2026-03-28T12:00:00Z"),
  days("Europe/Berlin", "2026-10-24T12:00:00Z"),
  days("America/New_York", "2026-03-07T12:00:00Z"),
  days("America/New_York", "2026-10-31T12:00:00Z"),
  days("Asia/Kathmandu", "2028-02-27T12:00:00Z", 4),
  days("UTC", "2026-12-30T00:00:00Z", 4),
  days("UTC", "2026-05-28T00:00:00Z", 5),
];

type DayTest = (minute: Minute) => boolean;

/** A field as text, and what it means, by a way of its own. */
interface Field {
  readonly text: string;
  readonly isAny: boolean;
  /** The only value, where there is just one. */
  readonly only: number | undefined;
  readonly test: DayTest;
}

function fieldOf(
  values: ReadonlySet<number>,
  text: string,
  read: (minute: Minute) => number,
): Field {
  return {
    text,
    isAny: text === "*",
    only: values.size === 1 ? [...values][0] : undefined,
    test: (minute) => values.has(read(minute)),
  };
}

function numbers(
  min: number,
  max: number,
  read: (minute: Minute) => number,
): fc.Arbitrary<Field> {
  const value = fc.integer({ min, max });
  const item = fc.oneof(
    value.map((at) => ({ text: `${at}`, from: at, to: at, step: 1 })),
    fc.tuple(value, value).map(([a, b]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      return { text: `${from}-${to}`, from, to, step: 1 };
    }),
    fc.tuple(value, fc.integer({ min: 1, max: max - min })).map((
      [from, step],
    ) => ({ text: `${from}/${step}`, from, to: max, step })),
    fc.integer({ min: 2, max: max - min }).map((step) => ({
      text: `*/${step}`,
      from: min,
      to: max,
      step,
    })),
  );
  const list = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => {
    const values = new Set<number>();
    for (const { from, to, step } of items) {
      for (let at = from; at <= to; at += step) values.add(at);
    }
    return fieldOf(values, items.map(({ text }) => text).join(","), read);
  });
  const any = fieldOf(new Set(), "*", read);
  return fc.oneof(fc.constant({ ...any, test: () => true }), list);
}

function lengthOf({ year, month }: Minute): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The day that `nW` means: the nearest from Monday to Friday in the month. */
function nearestWeekday(minute: Minute, wanted: number): number | undefined {
  const length = lengthOf(minute);
  if (wanted > length) return undefined;
  const weekdayOf = (day: number) =>
    new Date(Date.UTC(minute.year, minute.month - 1, day)).getUTCDay();
  for (const step of [0, -1, 1, 2, -2]) {
    const day = wanted + step;
    if (day < 1 || day > length) continue;
    if (weekdayOf(day) !== 0 && weekdayOf(day) !== 6) return day;
  }
  return undefined;
}

function mark(text: string, test: DayTest): Field {
  return { text, isAny: false, only: undefined, test };
}

const dayOfMonth = fc.oneof(
  { weight: 3, arbitrary: numbers(1, 31, ({ day }) => day) },
  fc.constant(mark("L", (minute) => minute.day === lengthOf(minute))),
  fc.constant(mark("?", () => true)).map((field) => ({
    ...field,
    isAny: true,
  })),
  fc.integer({ min: 1, max: 31 }).map((wanted) =>
    mark(
      `${wanted}W`,
      (minute) => minute.day === nearestWeekday(minute, wanted),
    )
  ),
);

const DAY_NAMES = ["SUN", "mon", "TUE", "wed", "THU", "fri", "SAT"];

const dayOfWeek = fc.oneof(
  { weight: 3, arbitrary: numbers(0, 6, ({ weekday }) => weekday) },
  fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }).map((wanted) =>
    mark(
      wanted.map((day) => DAY_NAMES[day]).join(","),
      ({ weekday }) => wanted.includes(weekday),
    )
  ),
  fc.constant(
    mark("FRI-SUN", ({ weekday }) => weekday === 0 || weekday >= 5),
  ),
  fc.constant(mark("7", ({ weekday }) => weekday === 0)),
  fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 5 }))
    .map(([wanted, nth]) =>
      mark(
        `${wanted}#${nth}`,
        ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === nth,
      )
    ),
  fc.integer({ min: 0, max: 6 }).map((wanted) =>
    mark(
      `${wanted}L`,
      (minute) =>
        minute.weekday === wanted && minute.day + 7 > lengthOf(minute),
    )
  ),
);

const expression = fc.record({
  minute: numbers(0, 59, ({ minute }) => minute),
  hour: numbers(0, 23, ({ hour }) => hour),
  dayOfMonth,
  month: numbers(1, 12, ({ month }) => month),
  dayOfWeek,
});

type Expression = typeof expression extends fc.Arbitrary<infer T> ? T : never;

function textOf(
  { minute, hour, dayOfMonth, month, dayOfWeek }: Expression,
): string {
  return [minute, hour, dayOfMonth, month, dayOfWeek]
    .map(({ text }) => text).join(" ");
}

function isDay(
  { dayOfMonth, dayOfWeek, month }: Expression,
  minute: Minute,
): boolean {
  if (!month.test(minute)) return false;
  const [first, second] = [dayOfMonth, dayOfWeek];
  if (first.isAny || second.isAny) {
    return (first.isAny || first.test(minute)) &&
      (second.isAny || second.test(minute));
  }
  return first.test(minute) || second.test(minute);
}

/** Minute by minute, the first left out since `nextAfter` begins behind it. */
function oracle(of: Expression, minutes: readonly Minute[]): number[] {
  const { minute: minuteField, hour: hourField } = of;
  const isOneTime = minuteField.only !== undefined &&
    hourField.only !== undefined;
  const wanted = (hourField.only ?? 0) * 60 + (minuteField.only ?? 0);
  const found: number[] = [];
  let lastDay = "";
  minutes.forEach((now, index) => {
    if (index === 0 || !isDay(of, now)) return;
    if (!isOneTime) {
      if (minuteField.test(now) && hourField.test(now)) found.push(now.ms);
      return;
    }
    // Once a day, when the clock reaches the time or jumps over it.
    const before = minutes[index - 1] as Minute;
    const at = now.hour * 60 + now.minute;
    const was = before.day === now.day ? before.hour * 60 + before.minute : -1;
    const day = `${now.month}/${now.day}`;
    if (was < wanted && at >= wanted && lastDay !== day) {
      found.push(now.ms);
      lastDay = day;
    }
  });
  return found;
}

function cronTimes(text: string, { timeZone, minutes }: Days): number[] {
  const startMs = minutes[0]?.ms ?? 0;
  const endMs = startMs + minutes.length * MINUTE_MS;
  const cron = parseCron(text, timeZone);
  const found: number[] = [];
  let at = cron.nextAfter(startMs);
  while (at !== undefined && at < endMs) {
    found.push(at);
    at = cron.nextAfter(at);
  }
  return found;
}

Deno.test("parseCron() agrees with an oracle that looks at every minute", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      expression,
      fc.constantFrom(...WINDOWS),
      (of, window) => {
        const text = textOf(of);
        let found: number[];
        try {
          found = cronTimes(text, window);
        } catch (error) {
          // 31 February: refused, so it must never match either.
          assert.match(String(error), /names no day that any year has/);
          found = [];
        }
        const show = (times: number[]) =>
          times.map((ms) => new Date(ms).toISOString());
        const expected = oracle(of, window.minutes);
        compared += expected.length;
        assert.deepEqual(show(found), show(expected), text);
      },
    ),
    { numRuns: 120 },
  );
  assert.ok(compared > 100, "the expressions came often enough to compare");
});

Deno.test("parseCron() takes steps of a second where there are six fields", () => {
  const cron = parseCron("*/15 59 23 * * *");
  const times: string[] = [];
  let at = Date.parse("2026-01-01T23:59:14.999Z");
  for (let count = 0; count < 5; count++) {
    at = cron.nextAfter(at) ?? NaN;
    times.push(new Date(at).toISOString());
  }
  assert.deepEqual(times, [
    "2026-01-01T23:59:15.000Z",
    "2026-01-01T23:59:30.000Z",
    "2026-01-01T23:59:45.000Z",
    "2026-01-02T23:59:00.000Z",
    "2026-01-02T23:59:15.000Z",
  ]);
});

Deno.test("parseCron() looks years ahead", () => {
  const cron = parseCron("0 12 29 2 *");
  const first = cron.nextAfter(Date.parse("2096-03-01T00:00:00Z")) ?? NaN;
  assert.equal(new Date(first).toISOString(), "2104-02-29T12:00:00.000Z");
});

Deno.test("parseCron() knows the usual words", () => {
  const next = (word: string) =>
    new Date(
      parseCron(word).nextAfter(Date.parse("2026-05-06T07:08:09Z")) ?? NaN,
    ).toISOString();
  assert.equal(next("@hourly"), "2026-05-06T08:00:00.000Z");
  assert.equal(next("@daily"), "2026-05-07T00:00:00.000Z");
  assert.equal(next("@weekly"), "2026-05-10T00:00:00.000Z");
  assert.equal(next("@Monthly"), "2026-06-01T00:00:00.000Z");
  assert.equal(next("@yearly"), "2027-01-01T00:00:00.000Z");
});

Deno.test("parseCron() says what is wrong and where", () => {
  for (
    const [text, why] of [
      ["61 * * * *", /61 is no minute: it goes from 0 to 59 \(column 1\)/],
      ["0 0 * * MON,FOO", /"FOO" is no day of the week: .* \(column 13\)/],
      ["0 0 5-1 * *", /"5-1" begins after it ends \(column 5\)/],
      ["*/90 * * * *", /"\/90" is no step of a minute: .* \(column 3\)/],
      ["*/0 * * * *", /"\/0" is no step/],
      ["1/2/3 * * * *", /"1\/2\/3" is no minute \(column 1\)/],
      ["  0  0 1 13 *", /13 is no month: .* \(column 10\)/],
      ["0 0 1,,2 * *", /"" is no day of the month \(column 7\)/],
      ["0 0 LW,3 * *", /"LW" stands alone or not at all \(column 5\)/],
      ["0 0 32W * *", /"32W" is no day of the month/],
      ["0 0 * * 8L", /"8L" is no day of the week/],
      ["0 0 * * L", /"L" is no day of the week/],
      ["? * * * *", /"\?" is no minute/],
      ["* * *", /it has 3 fields, and 5 are wanted/],
      ["0 0 0 1 1 * 2030", /it has 7 fields/],
      ["", /it has 0 fields/],
      ["@every 5m", /known words are @yearly/],
      ["0 0 30 2 *", /it names no day that any year has/],
      [`0 ${"0,".repeat(600)}0 * * *`, /1000 characters at most/],
    ] as const
  ) {
    assert.throws(
      () => parseCron(text),
      { name: "RefusedError", code: "invalid-input", message: why },
      text,
    );
  }
  assert.throws(
    () => parseCron("* * * * *", "Europe/Berlim"),
    /Cannot use the time zone "Europe\/Berlim"/,
  );
});
