/**
 * Keeps rows sorted by a string id, for a store whose point reads go through a
 * `Map`. A list of leaves with at most 512 rows each: an ascending id is a push,
 * a random one a binary search and a small move, at a million rows too. A removed
 * row stays in its leaf until half of the leaf is dead, so removing is constant.
 *
 * @module
 */

/** A row's place in the index. The index owns `leaf` and `isDead`. */
export interface Indexed<Row> {
  readonly id: string;
  leaf: Leaf<Row> | undefined;
  isDead: boolean;
}

/** A run of rows: those with `first <= id < behind`. */
export interface Leaf<Row> {
  rows: Row[];
  first: string;
  /** The `first` of the next leaf; `undefined` in the last. */
  behind: string | undefined;
  dead: number;
}

const ROWS_MAX = 512;

/** Recently used leaves: as many streams of ascending ids stay cheap at once. */
const HINTS = 4;

/** Sorted rows. The ids of living rows are distinct; the caller sees to it. */
export class SortedIndex<Row extends Indexed<Row>> {
  #leaves: Leaf<Row>[] = [leaf("", undefined, [])];
  #hints: (Leaf<Row> | undefined)[] = Array.from({ length: HINTS });
  #nextHint = 0;

  /** Adds a row. */
  insert(row: Row): void {
    const { id } = row;
    const home = this.#hinted(id);
    const { rows } = home;
    const last = rows[rows.length - 1];
    row.leaf = home;
    const isLast = last === undefined || last.id < id;
    if (isLast) rows.push(row);
    else rows.splice(lowerBound(rows, id), 0, row);
    // After an append more are likely to follow, so the full part stays full.
    if (rows.length > ROWS_MAX) {
      this.#split(home, isLast ? ROWS_MAX : ROWS_MAX / 2);
    }
  }

  /** Takes a row out. */
  remove(row: Row): void {
    const home = row.leaf;
    if (home === undefined || row.isDead) return;
    row.isDead = true;
    home.dead++;
    if (home.dead * 2 > home.rows.length) this.#compact(home);
  }

  /** Calls `visit` for rows with `start <= id < end` in order until it says false. */
  scan(start: string, end: string, visit: (row: Row) => boolean): void {
    for (let at = this.#find(start); at < this.#leaves.length; at++) {
      const { rows, first } = this.#at(at);
      if (first >= end) return;
      const from = first < start ? lowerBound(rows, start) : 0;
      for (let i = from; i < rows.length; i++) {
        const row = rows[i];
        if (row === undefined || row.id >= end) return;
        if (!row.isDead && !visit(row)) return;
      }
    }
  }

  /** The same from the last to the first. */
  scanBack(start: string, end: string, visit: (row: Row) => boolean): void {
    for (let at = this.#find(end); at >= 0; at--) {
      const { rows, behind } = this.#at(at);
      if (behind !== undefined && behind <= start) return;
      for (let i = lowerBound(rows, end) - 1; i >= 0; i--) {
        const row = rows[i];
        if (row === undefined || row.id < start) return;
        if (!row.isDead && !visit(row)) return;
      }
    }
  }

  #hinted(id: string): Leaf<Row> {
    const hints = this.#hints;
    for (let i = 0; i < HINTS; i++) {
      const hint = hints[i];
      if (
        hint !== undefined && hint.first <= id &&
        (hint.behind === undefined || id < hint.behind)
      ) return hint;
    }
    const found = this.#at(this.#find(id));
    hints[this.#nextHint] = found;
    this.#nextHint = (this.#nextHint + 1) % HINTS;
    return found;
  }

  /** The position of the leaf that holds `id`: the last whose `first <= id`. */
  #find(id: string): number {
    let low = 0;
    let high = this.#leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#at(middle).first <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #at(position: number): Leaf<Row> {
    const found = this.#leaves[position];
    if (found === undefined) {
      throw new Error(`Cannot read the index: no leaf at ${position}`);
    }
    return found;
  }

  /** The rows from `cut` on move to a new leaf. */
  #split(home: Leaf<Row>, cut: number): void {
    const moved = home.rows.splice(cut);
    const first = moved[0];
    if (first === undefined) return;
    const right = leaf(first.id, home.behind, moved);
    home.behind = first.id;
    home.dead -= right.dead;
    this.#leaves.splice(this.#find(home.first) + 1, 0, right);
  }

  /** Drops dead rows; a leaf with few rows left joins the one before it. */
  #compact(home: Leaf<Row>): void {
    home.rows = home.rows.filter((row) => !row.isDead);
    home.dead = 0;
    const at = this.#find(home.first);
    if (at === 0) return;
    const before = this.#at(at - 1);
    if (before.rows.length + home.rows.length > ROWS_MAX / 2) return;
    for (const row of home.rows) row.leaf = before;
    before.rows.push(...home.rows);
    before.behind = home.behind;
    this.#leaves.splice(at, 1);
    // An empty span: no hint leads here any more.
    home.behind = home.first;
  }
}

function leaf<Row extends Indexed<Row>>(
  first: string,
  behind: string | undefined,
  rows: Row[],
): Leaf<Row> {
  const created: Leaf<Row> = { rows, first, behind, dead: 0 };
  for (const row of rows) {
    row.leaf = created;
    if (row.isDead) created.dead++;
  }
  return created;
}

/** The position of the first row whose id is `id` or behind it. */
function lowerBound<Row extends Indexed<Row>>(
  rows: readonly Row[],
  id: string,
): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && row.id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
