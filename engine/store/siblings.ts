/**
 * The children of one node of a key tree: found by their part, and kept sorted.
 * An ascending part is a push; a random one among a million is a binary search
 * and a small move, because the sorted nodes are kept in leaves of at most 512.
 *
 * @module
 */

/** What identifies a node among its siblings. */
export type Atom = string | number | bigint | boolean;

/** A node as its siblings see it. */
export interface Sibling {
  readonly atom: Atom;
  /** What it sorts by: see `compareOrders`. */
  readonly order: Atom;
}

/** So many siblings are found faster by looking at each than through a `Map`. */
const FEW_MAX = 8;

const LEAF_MAX = 512;

const RANKS: Readonly<Record<string, number>> = {
  string: 0,
  bigint: 1,
  number: 2,
  boolean: 3,
};

/** Sorted nodes with distinct parts. */
export class Siblings<Node extends Sibling> {
  /** Sorted, and never empty but for the only one. */
  readonly #leaves: Node[][] = [[]];
  #byAtom: Map<Atom, Node> | undefined = undefined;
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get(atom: Atom): Node | undefined {
    if (this.#byAtom !== undefined) return this.#byAtom.get(atom);
    const leaf = this.#leaves[0];
    if (leaf === undefined) return undefined;
    for (let i = 0; i < leaf.length; i++) {
      const node = leaf[i];
      if (node !== undefined && node.atom === atom) return node;
    }
    return undefined;
  }

  /** Adds a node that is not there yet. */
  add(node: Node): void {
    this.#size++;
    let at = this.#leaves.length - 1;
    let leaf = this.#leaf(at);
    let isLast = endsBefore(leaf, node.order);
    if (!isLast && at > 0) {
      at = this.#leafOf(node.order);
      leaf = this.#leaf(at);
      isLast = endsBefore(leaf, node.order);
    }
    if (isLast) leaf.push(node);
    else leaf.splice(lowerBound(leaf, node.order), 0, node);
    if (leaf.length > LEAF_MAX) {
      // After an append more are likely to follow, so the full part stays full.
      const moved = leaf.splice(isLast ? LEAF_MAX : LEAF_MAX / 2);
      this.#leaves.splice(at + 1, 0, moved);
    }
    if (this.#byAtom !== undefined) this.#byAtom.set(node.atom, node);
    else if (this.#size > FEW_MAX) {
      this.#byAtom = new Map(leaf.map((each) => [each.atom, each]));
    }
  }

  /** Takes out a node that is there. */
  remove(node: Node): void {
    this.#size--;
    this.#byAtom?.delete(node.atom);
    const at = this.#leafOf(node.order);
    const leaf = this.#leaf(at);
    // Queues take from the front, for which a shift is much cheaper.
    if (leaf[0] === node) leaf.shift();
    else leaf.splice(lowerBound(leaf, node.order), 1);
    const next = this.#leaves[at + 1];
    if (next !== undefined && leaf.length + next.length <= LEAF_MAX / 2) {
      leaf.push(...next);
      this.#leaves.splice(at + 1, 1);
    } else if (leaf.length === 0 && this.#leaves.length > 1) {
      this.#leaves.splice(at, 1);
    }
  }

  /**
   * Calls `visit` for the nodes from `low` to `high`, both inclusive, or without
   * that bound, in order until it says false; says whether it never did. The
   * nodes must not change meanwhile.
   */
  scan(
    low: Atom | undefined,
    high: Atom | undefined,
    visit: (node: Node) => boolean,
  ): boolean {
    const start = low === undefined ? 0 : this.#leafOf(low);
    for (let at = start; at < this.#leaves.length; at++) {
      const leaf = this.#leaf(at);
      const from = low !== undefined && at === start
        ? lowerBound(leaf, low)
        : 0;
      for (let i = from; i < leaf.length; i++) {
        const node = leaf[i];
        if (node === undefined) break;
        if (high !== undefined && isBefore(high, node.order)) return true;
        if (!visit(node)) return false;
      }
    }
    return true;
  }

  /** The same from the last to the first. */
  scanBack(
    low: Atom | undefined,
    high: Atom | undefined,
    visit: (node: Node) => boolean,
  ): boolean {
    const start = high === undefined
      ? this.#leaves.length - 1
      : this.#leafOf(high);
    for (let at = start; at >= 0; at--) {
      const leaf = this.#leaf(at);
      for (let i = leaf.length - 1; i >= 0; i--) {
        const node = leaf[i];
        if (node === undefined) break;
        if (high !== undefined && isBefore(high, node.order)) continue;
        if (low !== undefined && isBefore(node.order, low)) return true;
        if (!visit(node)) return false;
      }
    }
    return true;
  }

  /** The position of the leaf where `order` is or belongs. */
  #leafOf(order: Atom): number {
    let low = 0;
    let high = this.#leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#startsAtOrBefore(middle, order)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #startsAtOrBefore(position: number, order: Atom): boolean {
    const first = this.#leaves[position]?.[0];
    return first !== undefined && !isBefore(order, first.order);
  }

  #leaf(position: number): Node[] {
    const found = this.#leaves[position];
    if (found === undefined) {
      throw new Error(`Cannot read siblings: no leaf at ${position}`);
    }
    return found;
  }
}

/** Whether `a` sorts before `b`: first by type, then in the type's own order. */
function isBefore(a: Atom, b: Atom): boolean {
  return typeof a === typeof b ? a < b : rank(a) < rank(b);
}

function endsBefore<Node extends Sibling>(
  leaf: readonly Node[],
  order: Atom,
): boolean {
  const last = leaf[leaf.length - 1];
  return last === undefined || isBefore(last.order, order);
}

function rank(atom: Atom): number {
  return RANKS[typeof atom] ?? 0;
}

/** The position of the first node that does not sort before `order`. */
function lowerBound<Node extends Sibling>(
  leaf: readonly Node[],
  order: Atom,
): number {
  let low = 0;
  let high = leaf.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const node = leaf[middle];
    if (node !== undefined && isBefore(node.order, order)) low = middle + 1;
    else high = middle;
  }
  return low;
}
