/**
 * Finds the known name that a person most likely meant.
 *
 * @module
 */

/**
 * The candidate with the smallest edit distance to `name` (insert, delete,
 * replace, swap of neighbours), if it is at most a third of the name's length,
 * and at least 1, away. Case does not count. Ties go to the first.
 */
export function nearestName(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? sharedLastWord(name, candidates);
}

/** `http.routers` is far from `router`, yet the last word gives it away. */
function sharedLastWord(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  const last = lastWord(name);
  if (last.length < 4) return undefined;
  for (const candidate of candidates) {
    if (lastWord(candidate) === last) return candidate;
  }
  return undefined;
}

function lastWord(name: string): string {
  return name.toLowerCase().split(/[.\-_/]/).at(-1) ?? "";
}

/** The optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
