/**
 * Prints values the way their place is written: in lines or in brackets, in the
 * quotes of what stands there.
 *
 * @module
 */
import {
  Document as YamlDocument,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import { stableJson } from "../fingerprint.ts";
import type { Style } from "./text_style.ts";

/** How a scalar is written: plain, in quotes, or as a block. */
export type ScalarType = Scalar["type"] | undefined;

/** Where a value is printed. */
export interface PrintPlace {
  readonly style: Style;
  /** The quotes of strings there. */
  readonly quotes?: ScalarType;
  /** A line of spaces follows, which would become a part of a block. */
  readonly isBeforeSpaces?: boolean;
}

const PLAIN = {
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Infinity,
  flowCollectionPadding: false,
} as const;

/** The lines of a map or a list, from the first column on. */
export function blockLines(
  value: unknown,
  { style, quotes, isBeforeSpaces = false }: PrintPlace,
): readonly string[] {
  const document = print(value, quotes, isBeforeSpaces ? /\n/ : NO_BLOCK);
  visit(document, {
    Seq(key, list) {
      // The list that was asked for stands on lines.
      if (key !== null && style.flowLists && list.items.every(isShort)) {
        list.flow = true;
      }
    },
  });
  const text = document.toString({
    ...PLAIN,
    indent: style.mapStep,
    indentSeq: style.listStep > 0,
  });
  return text.replace(/\n$/, "").split("\n");
}

/** A value in brackets, on one line. */
export function flowText(value: unknown, place: PrintPlace): string {
  const { style } = place;
  if (style.isJson) return JSON.stringify(value);
  if (!isFilled(value)) return inlineText(value, { ...place, inFlow: true });
  if (Array.isArray(value)) {
    return `[${value.map((item) => flowText(item, place)).join(", ")}]`;
  }
  const entries = Object.entries(value).map(([key, item]) =>
    `${keyText(key, { style })}: ${flowText(item, place)}`
  );
  return `{${style.padding}${entries.join(", ")}${style.padding}}`;
}

/** JSON on several lines; all but the first begin with `indent`. */
export function jsonLines(
  value: unknown,
  { mapStep }: Pick<Style, "mapStep">,
  indent: string,
): string {
  return JSON.stringify(value, null, mapStep).replaceAll("\n", `\n${indent}`);
}

/** A scalar or an empty collection on one line. */
export function inlineText(
  value: unknown,
  place: PrintPlace & { readonly inFlow: boolean },
): string {
  const { style, quotes } = place;
  if (style.isJson) return JSON.stringify(value);
  if (typeof value === "string") {
    const isDouble = quotes === "QUOTE_DOUBLE";
    if (isDouble || value.includes("\n")) return JSON.stringify(value);
  }
  if (place.inFlow) {
    const list = print([value], quotes);
    if (isSeq(list.contents)) list.contents.flow = true;
    return list.toString(PLAIN).trimEnd().slice(1, -1);
  }
  return print({ k: value }, quotes).toString(PLAIN).trimEnd().slice(3);
}

/** The text of a key, in the quotes of the one that stands there. */
export function keyText(key: string, place: PrintPlace): string {
  if (place.style.isJson || place.quotes === "QUOTE_DOUBLE") {
    return JSON.stringify(key);
  }
  const document = new YamlDocument({ [key]: 0 });
  guardKeys(document);
  const { contents } = document;
  const [pair] = (contents as { items: { key: Scalar }[] }).items;
  if (pair && pair.key.type === undefined && place.quotes !== "PLAIN") {
    pair.key.type = place.quotes as "QUOTE_SINGLE";
  }
  // In brackets a plain key may hold less.
  document.contents && Object.assign(document.contents, { flow: true });
  return document.toString(PLAIN)
    .trimEnd().slice(1, -1).replace(/: 0$/, "");
}

/**
 * A string as a block, from its header on; `undefined` if a block cannot say it.
 *
 * @param head What follows the `|` or `>` up to the line end: a comment.
 * @param column Where its lines begin.
 */
export function blockScalar(
  value: string,
  { type, head, column }: {
    readonly type: "BLOCK_LITERAL" | "BLOCK_FOLDED";
    readonly head: string;
    readonly column: number;
  },
): string | undefined {
  const body = value.replace(/\n$/, "");
  if (body === "" || /^[ \t\n]|\n$/.test(body)) return undefined;
  const chomp = body === value ? "-" : "";
  const isFolded = type === "BLOCK_FOLDED";
  const lines = (isFolded ? body.replace(/\n+/g, "$&\n") : body).split("\n");
  const written = (pad: string) =>
    [
      `${isFolded ? ">" : "|"}${chomp}${head}`,
      ...lines.map((line) => line === "" ? "" : pad + line),
    ].join("\n");
  const read = parseDocument(`k: ${written("  ")}\n`, { logLevel: "silent" });
  if (read.errors.length === 0 && read.get("k") === value) {
    return written(" ".repeat(column));
  }
  return isFolded
    ? blockScalar(value, { type: "BLOCK_LITERAL", head, column })
    : undefined;
}

/** Whether the printed value stands on lines of its own. */
export function isFilled(value: unknown): value is object {
  return isComposite(value) && Object.keys(value).length > 0;
}

/** Whether two values are the same JSON, whatever the order of keys. */
export function isEqual(a: unknown, b: unknown): boolean {
  return a === b || stableJson(a) === stableJson(b);
}

/** Whether a value is a map or a list. */
export function isComposite(value: unknown): value is object {
  return value !== null && typeof value === "object";
}

/** The nodes of a value; nothing in it is an anchor, an alias or a merge. */
function print(
  value: unknown,
  quotes: ScalarType,
  noBlock = NO_BLOCK,
): YamlDocument {
  const document = new YamlDocument(value, { aliasDuplicateObjects: false });
  guardKeys(document);
  const isQuoted = quotes === "QUOTE_DOUBLE" || quotes === "QUOTE_SINGLE";
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || typeof node.value !== "string") return;
      if (isQuoted) node.type = quotes;
      if (noBlock.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document;
}

/** Blocks count the empty lines that follow, and the spaces that come first. */
const NO_BLOCK = /^\n|^[ \t][^]*\n|\n\n$/;

function isShort(node: unknown): boolean {
  return isScalar(node) && !String(node.value).includes("\n");
}

/** The text `<<` is no merge key. */
function guardKeys(document: YamlDocument): void {
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === "<<") key.type = "QUOTE_DOUBLE";
    },
  });
}
