/**
 * Numbers with a unit, in the largest unit in which they are whole.
 *
 * @module
 */
import type { FormField } from "../../engine/derive/form.ts";

/** A unit, and how many of the smallest it is. */
export interface Unit {
  readonly name: string;
  readonly size: number;
}

const BYTES: readonly Unit[] = [
  { name: "bytes", size: 1 },
  { name: "KiB", size: 1024 },
  { name: "MiB", size: 1024 ** 2 },
  { name: "GiB", size: 1024 ** 3 },
];

const TIME: readonly Unit[] = [
  { name: "ms", size: 1 },
  { name: "s", size: 1_000 },
  { name: "min", size: 60_000 },
  { name: "h", size: 3_600_000 },
  { name: "d", size: 86_400_000 },
];

/** The units in which a number may be written; none if there is but one. */
export function unitsOf(unit: FormField["unit"]): readonly Unit[] {
  switch (unit) {
    case "bytes":
      return BYTES;
    case "ms":
      return TIME;
    case "s":
      return TIME.slice(1).map(({ name, size }) => ({
        ...{ name, size: size / 1_000 },
      }));
    default:
      return [];
  }
}

/** The largest unit in which a number is whole; the smallest for nothing. */
export function unitFor(value: unknown, units: readonly Unit[]): Unit {
  const fits = units.filter(({ size }) =>
    typeof value === "number" && value !== 0 && value % size === 0
  );
  return fits.at(-1) ?? units[0] ?? { name: "", size: 1 };
}

/** The units that a duration is written in, and how people read them. */
export const DURATION_UNITS: readonly {
  readonly written: string;
  readonly name: string;
}[] = [
  { written: "ms", name: "ms" },
  { written: "s", name: "s" },
  { written: "m", name: "min" },
  { written: "h", name: "h" },
];

/** A duration of one number and one unit; `undefined` for any other, as `1h30m`. */
export function durationParts(
  text: unknown,
): { readonly number: string; readonly unit: string } | undefined {
  if (text === undefined || text === "") return { number: "", unit: "s" };
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(text)) ??
    [];
  return number === undefined || unit === undefined
    ? undefined
    : { number, unit };
}
