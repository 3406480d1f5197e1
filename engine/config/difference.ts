/**
 * What has to be done to a value so that it becomes another one.
 *
 * @module
 */
import { stableJson } from "../fingerprint.ts";
import type { Operation } from "./operation.ts";
import { isEqual } from "./print_value.ts";
import type { Path } from "./problem.ts";
import { isMap } from "./value_path.ts";

/** Longer lists are compared item by item; a count of pairs. */
const PAIRS_MAX = 250_000;

/** The operations that lead from one value to another, for one after the other. */
export function difference(
  before: unknown,
  after: unknown,
  path: Path = [],
): readonly Operation[] {
  if (isEqual(before, after)) return [];
  if (isMap(before) && isMap(after)) return mapDifference(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    return listDifference(before, after, path);
  }
  return [{ do: "replace", path, value: after }];
}

type Plain = Readonly<Record<string, unknown>>;

function mapDifference(
  before: Plain,
  after: Plain,
  path: Path,
): readonly Operation[] {
  const removed = Object.keys(before).filter((key) =>
    !Object.hasOwn(after, key)
  );
  const kept = Object.keys(before).filter((key) => Object.hasOwn(after, key));
  const added = Object.entries(after).filter(([key]) =>
    !Object.hasOwn(before, key)
  );
  return [
    ...kept.flatMap((key) =>
      difference(before[key], after[key], [...path, key])
    ),
    // First, so that a map is never without keys in between.
    ...added.length === 0
      ? []
      : [{ do: "add", path, entries: Object.fromEntries(added) } as const],
    ...removed.map((
      key,
    ): Operation => ({ do: "remove", path: [...path, key] })),
  ];
}

function listDifference(
  before: readonly unknown[],
  after: readonly unknown[],
  path: Path,
): readonly Operation[] {
  if (before.length === 0 || after.length === 0) {
    return [{ do: "replace", path, value: after }];
  }
  const a = before.map((item) => stableJson(item) ?? "");
  const b = after.map((item) => stableJson(item) ?? "");
  const moves = movesBetween(a, b);
  if (moves !== undefined) {
    return moves.map((move) => ({ do: "move", path, ...move }));
  }
  // From the end, so that the indexes before stay what they are.
  return stretches(a, b).toReversed().flatMap((stretch) =>
    stretchDifference(before, after, stretch, path)
  );
}

/** Items from `a` to `aEnd` stand where items from `b` to `bEnd` are wanted. */
interface Stretch {
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

function stretchDifference(
  before: readonly unknown[],
  after: readonly unknown[],
  { a, aEnd, b, bEnd }: Stretch,
  path: Path,
): readonly Operation[] {
  const paired = Math.min(aEnd - a, bEnd - b);
  const removed = Array.from(
    { length: aEnd - a - paired },
    (_, index): Operation => ({
      do: "remove",
      path: [...path, aEnd - 1 - index],
    }),
  );
  const values = after.slice(b + paired, bEnd);
  return [
    ...removed,
    ...values.length === 0
      ? []
      : [{ do: "insert", path, index: a + paired, values } as const],
    ...Array.from(
      { length: paired },
      (_, index) =>
        difference(before[a + index], after[b + index], [...path, a + index]),
    ).flat(),
  ];
}

/** The parts in which two lists differ, by the longest common subsequence. */
function stretches(
  a: readonly string[],
  b: readonly string[],
): readonly Stretch[] {
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  let aEnd = a.length;
  let bEnd = b.length;
  while (aEnd > from && bEnd > from && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const whole = { a: from, aEnd, b: from, bEnd };
  if ((aEnd - from) * (bEnd - from) > PAIRS_MAX) return [whole];
  const found: Stretch[] = [];
  let start = { a: from, b: from };
  for (const match of [...commonItems(a, b, whole), { a: aEnd, b: bEnd }]) {
    if (match.a > start.a || match.b > start.b) {
      found.push({ a: start.a, aEnd: match.a, b: start.b, bEnd: match.b });
    }
    start = { a: match.a + 1, b: match.b + 1 };
  }
  return found;
}

function commonItems(
  a: readonly string[],
  b: readonly string[],
  { a: from, aEnd, bEnd }: Stretch,
): readonly { readonly a: number; readonly b: number }[] {
  const width = bEnd - from + 1;
  const lengths = new Uint32Array((aEnd - from + 1) * width);
  const at = (i: number, j: number) =>
    lengths[(i - from) * width + j - from] ?? 0;
  for (let i = aEnd - 1; i >= from; i--) {
    for (let j = bEnd - 1; j >= from; j--) {
      lengths[(i - from) * width + j - from] = a[i] === b[j]
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const matches: { a: number; b: number }[] = [];
  let [i, j] = [from, from];
  while (i < aEnd && j < bEnd) {
    if (a[i] === b[j]) matches.push({ a: i++, b: j++ });
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return matches;
}

/** How many items at most are put into another order one by one. */
const MOVES_MAX = 20;

/** The moves that make one list of another with the same items; few, or none. */
function movesBetween(
  a: readonly string[],
  b: readonly string[],
): readonly { readonly from: number; readonly to: number }[] | undefined {
  if (a.length !== b.length || !isEqual(a.toSorted(), b.toSorted())) {
    return undefined;
  }
  const current = [...a];
  const moves: { from: number; to: number }[] = [];
  for (const [to, wanted] of b.entries()) {
    const here = current[to];
    if (here === wanted) continue;
    // One that has to go far down makes room for all that follow.
    const target = b.lastIndexOf(here ?? "");
    const isOne = current[to + 1] === wanted && target > to;
    const from = isOne ? to : current.indexOf(wanted, to);
    const end = isOne ? target : to;
    moves.push({ from, to: end });
    current.splice(end, 0, ...current.splice(from, 1));
    if (moves.length > MOVES_MAX) return undefined;
    if (isOne && current[to] !== wanted) return undefined;
  }
  return isEqual(current, b) ? moves : undefined;
}
