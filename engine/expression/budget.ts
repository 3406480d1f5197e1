/**
 * The work that one evaluation may do. CEL has no endless loops, but loops over
 * loops and lists that grow can take as long as one; so everything that costs
 * more than a constant pays here first. Evaluations are synchronous and never
 * nest, which is why one counter is enough.
 *
 * @module
 */

/** Steps of one evaluation: about one a syntax node, list item or 16 characters. */
export const STEPS_MAX = 1_000_000;

/** Items of one list or map that an expression may loop over. */
export const LIST_ITEMS_MAX = 10_000;

/** Characters of text that cost one step. */
const CHARACTERS_PER_STEP = 16;

let stepsLeft = 0;
let failure: RangeError | undefined;

/**
 * Runs one evaluation.
 *
 * @throws {RangeError} naming the limit that was exceeded, also where the
 * expression itself swallowed the error: `||` and `exists` go on after one.
 */
export function withBudget<T>(evaluate: () => T): T {
  stepsLeft = STEPS_MAX;
  failure = undefined;
  const result = evaluate();
  if (failure !== undefined) throw failure;
  return result;
}

/** Pays for the size of a value that is read, or copied, so many times. */
export function spend(value: unknown, times: bigint): unknown {
  pay(1 + sizeOf(value) * Number(times));
  return value;
}

/** Pays for a loop over a value whose body has `nodes` syntax nodes. */
export function spendLoop(value: unknown, nodes: bigint): unknown {
  const items = sizeOf(value);
  if (items > LIST_ITEMS_MAX && typeof value === "object") {
    fail(
      `Cannot loop over ${items} items: the limit is ${LIST_ITEMS_MAX} items`,
    );
  }
  pay(1 + items * Number(nodes));
  return value;
}

/** Pays for everything in a value, as often as it is reached. */
export function spendDeep(value: unknown): unknown {
  pay(1);
  if (typeof value === "string") pay(value.length / CHARACTERS_PER_STEP);
  else if (Array.isArray(value)) value.forEach(spendDeep);
  else if (isPlain(value)) Object.values(value).forEach(spendDeep);
  return value;
}

function pay(steps: number): void {
  if (failure !== undefined) throw failure;
  stepsLeft -= steps;
  if (stepsLeft < 0) {
    fail(`Cannot evaluate further: the limit is ${STEPS_MAX} steps`);
  }
}

function fail(message: string): never {
  failure = new RangeError(message);
  throw failure;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length / CHARACTERS_PER_STEP;
  if (Array.isArray(value)) return value.length;
  return isPlain(value) ? Object.keys(value).length : 0;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
