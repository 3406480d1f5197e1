/**
 * One field of a cron expression: which values it names. A fault says what is
 * wrong and how far into the field it stands.
 *
 * @module
 */

/** A kind of field: the values that it may hold and the words for them. */
export interface FieldKind {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for values, in order, from `min` on. */
  readonly words?: readonly string[];
  /** Further items of this kind (`L`, `15W`, `5#2`), written as croner reads them. */
  readonly mark?: (item: string) => string | undefined;
  /** May be `?`, which says the same as `*`. */
  readonly isDay?: boolean;
}

/** What a field names. */
export interface CronField {
  /** Every value there is. */
  readonly isAny: boolean;
  /** Ascending; empty where marks are all there is. */
  readonly values: readonly number[];
  readonly marks: readonly string[];
}

/** A field that cannot be read. Stays inside `cron.ts`. */
export class FieldFault extends Error {
  override readonly name = "FieldFault";
  /** Characters from the start of the field. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads one field.
 *
 * @throws {FieldFault}
 */
export function parseField(text: string, kind: FieldKind): CronField {
  if (text === "*" || (text === "?" && kind.isDay)) {
    return { isAny: true, values: [], marks: [] };
  }
  const values = new Set<number>();
  const marks: string[] = [];
  let offset = 0;
  const items = text.split(",");
  for (const item of items) {
    const mark = kind.mark?.(item.toUpperCase());
    if (mark === undefined) addValues(item, kind, offset, values);
    else marks.push(mark);
    if (mark === "LW" && items.length > 1) {
      throw new FieldFault('"LW" stands alone or not at all', offset);
    }
    offset += item.length + 1;
  }
  if (items.includes("*")) return { isAny: true, values: [], marks: [] };
  return { isAny: false, values: [...values].sort((a, b) => a - b), marks };
}

/** The field as croner reads it. */
export function fieldText({ isAny, values, marks }: CronField): string {
  return isAny ? "*" : [...values, ...marks].join(",");
}

function addValues(
  item: string,
  kind: FieldKind,
  offset: number,
  values: Set<number>,
): void {
  const [range = "", stepText, ...more] = item.split("/");
  if (item === "" || more.length > 0) {
    throw new FieldFault(`"${item}" is no ${kind.name}`, offset);
  }
  const { from, to } = rangeOf(range, stepText !== undefined, kind, offset);
  const step = stepText === undefined
    ? 1
    : stepOf(stepText, kind, offset + range.length + 1);
  for (let value = from; value <= to; value += step) {
    // Sunday is 0 and 7.
    values.add(kind.words === DAYS ? value % 7 : value);
  }
}

function rangeOf(
  text: string,
  hasStep: boolean,
  kind: FieldKind,
  offset: number,
): { readonly from: number; readonly to: number } {
  if (text === "*" || (text === "?" && kind.isDay)) {
    return { from: kind.min, to: kind.words === DAYS ? 6 : kind.max };
  }
  const dash = text.indexOf("-");
  const from = valueOf(dash < 0 ? text : text.slice(0, dash), kind, offset);
  if (dash < 0) {
    const end = kind.words === DAYS ? 6 : kind.max;
    return { from, to: hasStep ? Math.max(from, end) : from };
  }
  const last = text.slice(dash + 1);
  const end = valueOf(last, kind, offset + dash + 1);
  // A week may end on Sunday: FRI-SUN.
  const to = kind.words === DAYS && end === 0 && from > 0 ? 7 : end;
  if (to < from) {
    throw new FieldFault(`"${text}" begins after it ends`, offset);
  }
  return { from, to };
}

function valueOf(text: string, kind: FieldKind, offset: number): number {
  const { name, min, max, words } = kind;
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return min + word;
  if (!/^\d+$/.test(text)) {
    const hint = words === undefined ? "" : ` or a name such as ${words[1]}`;
    throw new FieldFault(
      `"${text}" is no ${name}: a number from ${min} to ${max}${hint} is`,
      offset,
    );
  }
  const value = Number(text);
  if (value < min || value > max) {
    throw new FieldFault(
      `${text} is no ${name}: it goes from ${min} to ${max}`,
      offset,
    );
  }
  return value;
}

function stepOf(text: string, kind: FieldKind, offset: number): number {
  const { name, min, max } = kind;
  const step = Number(text);
  if (/^\d+$/.test(text) && step >= 1 && step <= max - min) return step;
  throw new FieldFault(
    `"/${text}" is no step of a ${name}: 1 to ${max - min} are`,
    offset,
  );
}

/** The words for days of the week. */
export const DAYS: readonly string[] = [
  ...["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
];
