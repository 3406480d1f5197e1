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
  return best;
}

/**
 * The candidate that is closest to a dotted name, however far that is: the
 * nearest name, else one that shares a word (the last words count most), else
 * the one with the smallest edit distance.
 */
export function closestType(
  name: string,
  candidates: readonly string[],
): string | undefined {
  return nearestName(name, candidates) ?? sharedWord(name, candidates) ??
    candidates.toSorted((a, b) =>
      editDistance(name.toLowerCase(), a) - editDistance(name.toLowerCase(), b)
    )[0];
}

/** `chimux.router` is far from `http.router`, yet the last word gives it away. */
function sharedWord(
  name: string,
  candidates: readonly string[],
): string | undefined {
  for (const word of wordsOf(name).reverse()) {
    const found = candidates.find((candidate) =>
      wordsOf(candidate).at(-1) === word
    ) ??
      candidates.find((candidate) => wordsOf(candidate).includes(word));
    if (found !== undefined) return found;
  }
  return undefined;
}

function wordsOf(name: string): string[] {
  return name.toLowerCase().split(/[.\-_]/);
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
