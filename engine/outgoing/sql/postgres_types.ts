/**
 * How values of PostgreSQL are read and written where the library does it with a
 * loss: by local time, or through numbers.
 *
 * @module
 */

/** JSON in a column of text. */
function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function asItIs(text: string): string {
  return text;
}

/** A moment, which has no place in JSON where it is infinite. */
function momentOf(text: string): Date | string {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : moment;
}

/** By the numbers that PostgreSQL gives its types; 1114 has no time zone. */
export const TYPES = {
  text: { to: 25, from: [25], serialize: textOf, parse: asItIs },
  varchar: { to: 1043, from: [1043], serialize: textOf, parse: asItIs },
  day: { to: 1082, from: [1082], serialize: String, parse: asItIs },
  local: {
    to: 1114,
    from: [1114],
    serialize: String,
    parse: (text: string) => text.replace(" ", "T"),
  },
  date: { to: 1184, from: [1184], serialize: String, parse: momentOf },
};
