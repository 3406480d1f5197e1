/**
 * Common cron expressions in words; others stay as they are written.
 *
 * @module
 */

const WORDS: Readonly<Record<string, string>> = {
  "@hourly": "Every hour",
  "@daily": "Every day at 00:00",
  "@midnight": "Every day at 00:00",
  "@weekly": "Every Sunday at 00:00",
  "@monthly": "On the 1st of the month at 00:00",
  "@yearly": "On 1 January at 00:00",
  "@annually": "On 1 January at 00:00",
};

const DAYS: Readonly<Record<string, string>> = {
  "MON-FRI": "Monday to Friday",
  "1-5": "Monday to Friday",
  ...Object.fromEntries(
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
      .concat("Saturday").flatMap((day, index) => [
        [String(index), `every ${day}`],
        [day.slice(0, 3).toUpperCase(), `every ${day}`],
      ]),
  ),
};

/** See the module comment. */
export function cronWords(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  const word = WORDS[cron.trim().toLowerCase()];
  if (word !== undefined) return word;
  const [second = "0", minute = "", hour = "", day, month, weekday = ""] =
    fields.length === 5 ? ["0", ...fields] : fields;
  if (day !== "*" || month !== "*" || fields.length > 6) return cron;
  if (weekday === "*" && hour === "*") {
    return stepWords(second, minute) ?? cron;
  }
  const time = timeOf(second, minute, hour);
  if (time === undefined) return cron;
  if (weekday === "*") return `Every day at ${time}`;
  const days = DAYS[weekday.toUpperCase()];
  if (days === undefined) return cron;
  return `${days.charAt(0).toUpperCase()}${days.slice(1)} at ${time}`;
}

/** `*\/10` and `*` of the seconds or minutes. */
function stepWords(second: string, minute: string): string | undefined {
  if (minute === "*") {
    return second === "0" ? "Every minute" : step(second, "s");
  }
  if (second !== "0") return undefined;
  if (/^\d+$/.test(minute)) {
    return minute === "0" ? "Every hour" : `Every hour at :${pad(minute)}`;
  }
  return step(minute, "min");
}

function step(field: string, unit: string): string | undefined {
  if (field === "*") return `Every ${unit === "s" ? "second" : "minute"}`;
  const [, size] = /^\*\/(\d+)$/.exec(field) ?? [];
  // A step that does not divide the hour is uneven at its end.
  return size === undefined || 60 % Number(size) !== 0
    ? undefined
    : `Every ${size} ${unit}`;
}

function timeOf(
  second: string,
  minute: string,
  hour: string,
): string | undefined {
  const isPlain = [minute, hour].every((field) => /^\d+$/.test(field));
  return isPlain && second === "0" ? `${pad(hour)}:${pad(minute)}` : undefined;
}

function pad(number: string): string {
  return number.padStart(2, "0");
}
