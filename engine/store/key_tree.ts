/**
 * Rows under keys, as a tree with one level a part. Finding a row is a few `Map`
 * lookups of strings and numbers that the caller has anyway, which is twice as
 * fast as making one string of a key and looking that up. Keys are validated only
 * where a node is missing: what is in the tree has been validated.
 *
 * @module
 */
import { latin1, partBytes, sortableText } from "./key.ts";
import { type Atom, type Sibling, Siblings } from "./siblings.ts";
import type { Entry, Key, KeyPart, Value, Version } from "./store.ts";

/** One part of one or more keys, and the row of the key that ends here. */
export class KeyNode implements Sibling {
  readonly part: KeyPart;
  readonly atom: Atom;
  readonly order: Atom;
  readonly parent: KeyNode | undefined;
  /** The size of the key that ends here. */
  readonly keyBytes: number;
  children: Siblings<KeyNode> | undefined = undefined;
  /** `undefined`: no row has this key. */
  value: Value | undefined = undefined;
  version: Version = "";
  /** Milliseconds since the epoch; `undefined`: never, or there is no row. */
  expiresAt: number | undefined = undefined;
  /** What readers share; made at the first read, since many rows have none. */
  entry: Entry | undefined = undefined;

  constructor(part: KeyPart, atom: Atom, parent: KeyNode | undefined) {
    this.part = part;
    this.atom = atom;
    const bytes = partBytes(part);
    // As many bytes as characters: there is nothing in it that sorts oddly.
    const isAscii = typeof part === "string" && bytes === part.length + 2;
    this.order = isAscii ? atom : orderOf(part);
    this.parent = parent;
    this.keyBytes = parent === undefined ? 0 : parent.keyBytes + bytes;
  }

  /** The key that ends here, made anew. */
  get key(): KeyPart[] {
    const key = this.parent?.parent === undefined ? [] : this.parent.key;
    const { part } = this;
    key.push(typeof part === "object" ? new Uint8Array(part) : part);
    return key;
  }
}

/** The rows to visit: under a prefix, between two keys under it. */
export interface Span {
  readonly prefix: Key;
  /** A key under the prefix; rows before it are left out. */
  readonly low?: Key | undefined;
  /** Whether a row at `low` itself is left out, too. */
  readonly isBehindLow?: boolean;
  /** A key under the prefix; rows at or behind it are left out. */
  readonly high?: Key | undefined;
}

/** All rows of a store. */
export class KeyTree {
  readonly #root = new KeyNode("", "", undefined);

  /** The node of a key; it may have no row. The empty key has none. */
  find(key: Key): KeyNode | undefined {
    return key.length === 0 ? undefined : this.#follow(key);
  }

  /** The node of a valid key, made if it is missing. Give it a value. */
  make(key: Key): KeyNode {
    let node = this.#root;
    for (let i = 0; i < key.length; i++) {
      const part = key[i] as KeyPart;
      const atom = atomOf(part);
      const children = node.children ??= new Siblings();
      let child = children.get(atom);
      if (child === undefined) {
        child = new KeyNode(ownPart(part), atom, node);
        children.add(child);
      }
      node = child;
    }
    return node;
  }

  /** Takes the row off a node, and all nodes out that lead to no row any more. */
  remove(node: KeyNode): void {
    node.value = undefined;
    node.entry = undefined;
    node.expiresAt = undefined;
    let at = node;
    while (at.value === undefined && at.children === undefined) {
      const { parent } = at;
      if (parent?.children === undefined) return;
      parent.children.remove(at);
      if (!parent.children.isEmpty) return;
      parent.children = undefined;
      at = parent;
    }
  }

  /**
   * Calls `visit` for the nodes of a span that have rows, in order or from the
   * last to the first, until it says false. The tree must not change meanwhile.
   */
  scan(
    span: Span,
    isReverse: boolean,
    visit: (node: KeyNode) => boolean,
  ): void {
    const top = this.#follow(span.prefix);
    if (top === undefined) return;
    const low = span.low?.map(orderOf);
    const high = span.high?.map(orderOf);
    const isBehindLow = span.isBehindLow ?? false;
    const walk = new Walk(isReverse, isBehindLow, visit);
    walk.under(top, span.prefix.length, low, high);
  }

  #follow(key: Key): KeyNode | undefined {
    let node: KeyNode | undefined = this.#root;
    for (let i = 0; i < key.length; i++) {
      node = node.children?.get(atomOf(key[i] as KeyPart));
      if (node === undefined) return undefined;
    }
    return node;
  }
}

/** One scan. A bound is followed down only where the path equals it so far. */
class Walk {
  readonly #isReverse: boolean;
  readonly #isBehindLow: boolean;
  readonly #visit: (node: KeyNode) => boolean;

  constructor(
    isReverse: boolean,
    isBehindLow: boolean,
    visit: (node: KeyNode) => boolean,
  ) {
    this.#isReverse = isReverse;
    this.#isBehindLow = isBehindLow;
    this.#visit = visit;
  }

  /** Visits what is under a node; says whether to go on. */
  under(
    { children }: KeyNode,
    depth: number,
    low: readonly Atom[] | undefined,
    high: readonly Atom[] | undefined,
  ): boolean {
    if (children === undefined) return true;
    const from = low?.[depth];
    const to = high?.[depth];
    const enter = (child: KeyNode): boolean => {
      const isAtLow = low !== undefined && child.order === from;
      const isAtHigh = high !== undefined && child.order === to;
      return this.#enter(
        child,
        depth + 1,
        isAtLow ? low : undefined,
        isAtHigh ? high : undefined,
      );
    };
    return this.#isReverse
      ? children.scanBack(from, to, enter)
      : children.scan(from, to, enter);
  }

  #enter(
    node: KeyNode,
    depth: number,
    low: readonly Atom[] | undefined,
    high: readonly Atom[] | undefined,
  ): boolean {
    // The high bound itself ends a walk, or is passed at the start of a reverse
    // one; either way nothing at or under it is in the span.
    if (high !== undefined && high.length === depth) return this.#isReverse;
    const isOut = low !== undefined &&
      (low.length > depth || this.#isBehindLow);
    const lowUnder = low !== undefined && low.length > depth ? low : undefined;
    if (this.#isReverse) {
      return this.under(node, depth, lowUnder, high) &&
        (isOut || this.#own(node));
    }
    return (isOut || this.#own(node)) &&
      this.under(node, depth, lowUnder, high);
  }

  #own(node: KeyNode): boolean {
    return node.value === undefined || this.#visit(node);
  }
}

/**
 * Tells bytes from text, and both from the rest: the empty text and text that
 * starts with NUL get a mark behind that of bytes, so that atoms sort like parts.
 */
function atomOf(part: KeyPart): Atom {
  if (typeof part === "string") {
    return part.charCodeAt(0) > 0 ? part : `\0s${part}`;
  }
  return part instanceof Uint8Array ? `\0b${latin1(part)}` : part;
}

function orderOf(part: KeyPart): Atom {
  const atom = atomOf(part);
  return typeof atom === "string" ? sortableText(atom) : atom;
}

function ownPart(part: KeyPart): KeyPart {
  if (typeof part === "object") return new Uint8Array(part);
  return typeof part === "number" ? part + 0 : part;
}
