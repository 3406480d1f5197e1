/**
 * A text with its nodes, for those who change it: where keys, dashes, colons and
 * values stand, and in which style the text is written.
 *
 * @module
 */
import {
  type Alias,
  type CST,
  type Document as YamlDocument,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { PARSE_OPTIONS } from "./parse.ts";
import { startOf, type Style, styleOf } from "./text_style.ts";
import type { Span } from "./document.ts";
import { examine } from "./structure.ts";

/** A map or a list. */
export type Collection = YAMLMap | YAMLSeq;

/** A key with its value, or an item. Positions are offsets in the text. */
export interface Entry {
  /** Of the key, of the dash, or of the item in brackets. */
  readonly start: number;
  /** Behind the colon or the dash, and behind anchor and tag of the value. */
  readonly valueFrom: number;
  /** The text of the anchor, with its `&`. */
  readonly anchor?: Span;
  /** The text of the tag, with its `!`. */
  readonly tag?: Span;
  readonly value: Node;
}

/** See the module comment. */
export class SourceTree {
  readonly text: string;
  readonly yaml: YamlDocument;
  /** What each alias stands for, in the order of the text. */
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly style: Style;
  readonly #parents = new Map<Node, Parent>();
  #value?: { readonly value: unknown };

  /** @throws {RangeError} if the text is nested too deep for the parser. */
  constructor(text: string) {
    this.text = text;
    this.yaml = parseDocument(text, {
      ...PARSE_OPTIONS,
      keepSourceTokens: true,
    });
    this.targets = examine(this.yaml).targets;
    this.#note(this.yaml.contents);
    this.style = styleOf(this.yaml.contents, text);
  }

  get root(): Node | null {
    return this.yaml.contents;
  }

  /** The content as plain data. */
  get value(): unknown {
    this.#value ??= { value: this.yaml.toJS({ maxAliasCount: -1 }) };
    return this.#value.value;
  }

  /** What a node says, as plain data. */
  valueOf(node: Node): unknown {
    return node.toJS(this.yaml, { maxAliasCount: -1 });
  }

  /** In which collection a node stands, and where there. */
  parentOf(node: Node): Parent | undefined {
    return this.#parents.get(node);
  }

  /** What an alias stands for; any other node itself. */
  resolve(node: Node): Node {
    return this.targets.get(node as Alias) ?? node;
  }

  /** The aliases of an anchored node, in the order of the text. */
  aliasesOf(node: Node): readonly Alias[] {
    return [...this.targets].flatMap(([alias, target]) =>
      target === node ? [alias] : []
    );
  }

  #note(node: unknown): void {
    if (!isCollection(node)) return;
    for (const [index, item] of node.items.entries()) {
      const value = isPair(item) ? item.value : item;
      if (!isNode(value)) continue;
      this.#parents.set(value, { collection: node as Collection, index });
      this.#note(value);
    }
    placeEmpty(node as Collection);
  }
}

/** Where a node stands. */
export interface Parent {
  readonly collection: Collection;
  readonly index: number;
}

/** The entries of a collection that is not odd. */
export function entriesOf(collection: Collection): readonly Entry[] {
  if (isMap(collection)) return collection.items.map(pairEntry);
  const tokens = itemTokens(collection);
  return collection.items.map((item, index) => {
    const value = item as Node;
    const props = tokens[index]?.start ?? [];
    const dash = props.find(({ type }) => type === "seq-item-ind");
    const start = dash?.offset ?? props.find(isProp)?.offset ?? startOf(value);
    return {
      start,
      ...valuePart(props, dash === undefined ? start : start + 1),
      value,
    };
  });
}

/** Whether a collection is written in a way that only printing it anew can change. */
export function isOdd(collection: Collection, text: string): boolean {
  const opening = text[startOf(collection)];
  if (collection.flow && opening !== "{" && opening !== "[") return true;
  if (!isMap(collection)) {
    return itemTokens(collection).length !== collection.items.length;
  }
  return collection.items.some((pair) => {
    const { key, value } = pair;
    const token = pair.srcToken as CST.CollectionItem | undefined;
    return !isScalar(key) || key.anchor !== undefined ||
      key.tag !== undefined || !isNode(value) ||
      token?.start.some(({ type }) => type === "explicit-key-ind") ||
      !token?.sep?.some(({ type }) => type === "map-value-ind");
  });
}

/** The name of a key as plain data has it. */
export function keyOf(pair: Pair): string {
  const key = isScalar(pair.key) ? pair.key.value : pair.key;
  return key === null ? "" : String(key);
}

/** A value that is left out stands behind its colon, and not behind a comment. */
function placeEmpty(collection: Collection): void {
  const { items } = collection;
  const hasEmpty = items.some((item) =>
    isEmpty(isPair(item) ? item.value : item)
  );
  if (!hasEmpty) return;
  for (const { value, valueFrom } of entriesOf(collection)) {
    if (isEmpty(value)) value.range = [valueFrom, valueFrom, valueFrom];
  }
}

function isEmpty(node: unknown): node is Scalar {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

function pairEntry(pair: Pair): Entry {
  const { sep = [] } = (pair.srcToken ?? {}) as Partial<CST.CollectionItem>;
  const colon = sep.find(({ type }) => type === "map-value-ind");
  return {
    start: startOf(pair.key),
    ...valuePart(sep, (colon?.offset ?? startOf(pair.value) - 1) + 1),
    // An odd map may have keys alone.
    value: (pair.value ?? pair.key) as Node,
  };
}

function valuePart(
  tokens: readonly CST.SourceToken[],
  from: number,
): Omit<Entry, "start" | "value"> {
  const props = tokens.filter((token) => isProp(token) && token.offset >= from);
  const spanOf = (wanted: string) =>
    props.filter(({ type }) => type === wanted).map(({ offset, source }) => ({
      start: offset,
      end: offset + source.length,
    }))[0];
  const anchor = spanOf("anchor");
  const tag = spanOf("tag");
  return {
    valueFrom: Math.max(from, anchor?.end ?? 0, tag?.end ?? 0),
    ...anchor && { anchor },
    ...tag && { tag },
  };
}

function isProp({ type }: CST.SourceToken): boolean {
  return type === "anchor" || type === "tag";
}

/** The tokens of the items; comments behind the last one are none. */
function itemTokens(list: YAMLSeq): readonly CST.CollectionItem[] {
  const { items = [] } = (list.srcToken ?? {}) as {
    readonly items?: readonly CST.CollectionItem[];
  };
  return list.flow
    ? items.filter(({ key, value, sep, start }) =>
      key || value || sep || start.some(isProp)
    )
    : items.filter(({ start }) =>
      start.some(({ type }) => type === "seq-item-ind")
    );
}
