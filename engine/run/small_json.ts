/**
 * Tells at once that a value is small and is JSON, which most are. Only the
 * others must be written out to know how long they are.
 *
 * @module
 */

/** What a value may have to be small, in characters of JSON. */
const SMALL = 4_096;

/** Whether a value is surely JSON, and of no more than 4,096 characters. */
export function isSmallJson(value: unknown): boolean {
  return spend(SMALL, value) >= 0;
}

/** What is left of so many characters; below 0 also for what may be no JSON. */
function spend(left: number, value: unknown): number {
  switch (typeof value) {
    case "string":
      // A control character, or half of a pair, becomes six.
      return left - 6 * value.length - 2;
    case "number":
      return Number.isFinite(value) ? left - 25 : -1;
    case "boolean":
      return left - 5;
    case "object":
      return value === null ? left - 4 : spendOnObject(left - 2, value);
    default:
      return -1;
  }
}

function spendOnObject(left: number, value: object): number {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i++) {
      left = spend(left - 1, value[i]);
    }
    return left;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return -1;
  const fields = value as Readonly<Record<string, unknown>>;
  // deno-lint-ignore guard-for-in -- of these prototypes there is nothing to filter
  for (const key in fields) {
    if (left < 0 || key === "toJSON") return -1;
    left = spend(left - 6 * key.length - 4, fields[key]);
  }
  return left;
}
