/**
 * Changes a document's text so that it says something else, and leaves every
 * byte alone that does not have to change: comments, order, quotes, layout.
 *
 * @module
 */
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { stableJson } from "../fingerprint.ts";
import type { Document } from "./document.ts";
import { parse } from "./parse.ts";

/** Replaces the text from `start` to `end` (exclusive). */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * The text of `document`, changed so that it parses to `next`. New entries are
 * printed with the indentation of their neighbours and the file's line ends.
 */
export function editDocument(document: Document, next: Plain): string {
  const edited = new Editor(document.text).edit(document.value, next);
  // A text with constructs that splices cannot express (an alias that two
  // places share, a merge key) is printed anew rather than wrong.
  const { document: check } = parse(edited, document.file);
  return check && stableJson(check.value) === stableJson(next)
    ? edited
    : withLineEnds(stringify(next, { lineWidth: 0 }), lineEndOf(document.text));
}

/** Collects the splices of one edit. */
class Editor {
  readonly #text: string;
  readonly #splices: Splice[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  edit(before: unknown, after: Plain): string {
    const root = parseDocument(this.#text, { merge: true }).contents;
    if (!isMap(root) || !isObject(before)) {
      return stringify(after, { lineWidth: 0 });
    }
    this.#map(root, before, after);
    const sorted = this.#splices.toSorted((a, b) =>
      b.start - a.start || b.end - a.end
    );
    let text = this.#text;
    for (const splice of sorted) {
      text = text.slice(0, splice.start) + splice.text + text.slice(splice.end);
    }
    return text;
  }

  #value(node: unknown, before: unknown, after: unknown): void {
    if (stableJson(before) === stableJson(after)) return;
    if (isMap(node) && !node.flow && isObject(before) && isObject(after)) {
      return this.#map(node, before, after);
    }
    if (
      isSeq(node) && !node.flow && Array.isArray(before) && Array.isArray(after)
    ) {
      return this.#list(node, before, after);
    }
    if (isNode(node)) this.#replace(node, after);
  }

  #map(node: YAMLMap, before: Plain, after: Plain): void {
    const kept = node.items.filter((pair) => keyOf(pair) in after);
    if (kept.length === 0) return this.#replace(node, after);
    node.items.forEach((pair, index) => {
      const key = keyOf(pair);
      if (!(key in after)) return this.#remove(pair, node.items[index + 1]);
      this.#value(pair.value, before[key], after[key]);
    });
    const added = Object.entries(after).filter(([key]) => !(key in before));
    if (added.length > 0) {
      this.#insert(kept.at(-1), stringify(Object.fromEntries(added), PRINT));
    }
  }

  #list(
    node: YAMLSeq,
    before: readonly unknown[],
    after: readonly unknown[],
  ): void {
    if (after.length < before.length || before.length === 0) {
      return this.#replace(node, after);
    }
    node.items.forEach((item, index) =>
      this.#value(item, before[index], after[index])
    );
    const added = after.slice(before.length);
    if (added.length > 0) {
      this.#insert(node.items.at(-1), stringify(added, PRINT));
    }
  }

  /** JSON is YAML and fits wherever a value may stand. */
  #replace(node: Node, after: unknown): void {
    const [start, end] = node.range ?? [0, 0];
    const text = isScalar(node) && !isComposite(after)
      ? printScalar(after, node.type)
      : JSON.stringify(after);
    this.#splices.push({ start, end: this.#trimmed(start, end), text });
  }

  #remove(pair: Pair, next: Pair | undefined): void {
    const start = this.#lineStart(startOf(pair));
    const end = next ? this.#lineStart(startOf(next)) : this.#endOf(pair);
    const lineEnd = this.#text.indexOf("\n", end);
    const past = lineEnd < 0 ? this.#text.length : lineEnd + 1;
    this.#splices.push({ start, end: next ? end : past, text: "" });
  }

  /** Puts printed entries behind the last one, indented like it. */
  #insert(last: unknown, printed: string): void {
    const anchor = this.#lineStart(startOf(last));
    const line = this.#text.slice(anchor, startOf(last));
    // In a list the first key stands behind its dash: the dash indents like a space.
    const indent = isPair(last)
      ? line.replace("-", " ")
      : line.replace(/-\s*$/, "");
    const end = this.#endOf(last);
    const lineEnd = lineEndOf(this.#text);
    const lines = printed.trimEnd().split("\n").map((text) => indent + text);
    this.#splices.push({
      start: end,
      end,
      text: lineEnd + withLineEnds(lines.join("\n"), lineEnd),
    });
  }

  #endOf(entry: unknown): number {
    const value = isPair(entry) ? entry.value ?? entry.key : entry;
    const [start, end] = (value as Node | undefined)?.range ?? [0, 0];
    const trimmed = this.#trimmed(start, end);
    // A comment behind the value belongs to it.
    const lineEnd = this.#text.indexOf("\n", trimmed);
    const rest = this.#text.slice(trimmed, lineEnd < 0 ? undefined : lineEnd);
    return /^\s*#/.test(rest) ? trimmed + rest.trimEnd().length : trimmed;
  }

  #trimmed(start: number, end: number): number {
    let at = end;
    while (at > start && /\s/.test(this.#text.charAt(at - 1))) at--;
    return at;
  }

  #lineStart(offset: number): number {
    return this.#text.lastIndexOf("\n", offset - 1) + 1;
  }
}

const PRINT = { lineWidth: 0 } as const;

/** A string keeps the kind of quotes that its place has. */
function printScalar(value: unknown, type: string | undefined): string {
  const isQuoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
  const print = isQuoted
    ? { ...PRINT, defaultStringType: type, defaultKeyType: "PLAIN" } as const
    : PRINT;
  const text = stringify(value, print).trimEnd();
  // A block scalar needs an indentation that this place may not have.
  return text.includes("\n") ? JSON.stringify(value) : text;
}

function startOf(entry: unknown): number {
  const node = isPair(entry) ? entry.key : entry;
  return (node as Node | undefined)?.range?.[0] ?? 0;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function isPair(entry: unknown): entry is Pair {
  return entry !== null && typeof entry === "object" && "key" in entry;
}

function isComposite(value: unknown): boolean {
  return value !== null && typeof value === "object";
}

function isObject(value: unknown): value is Plain {
  return isComposite(value) && !Array.isArray(value);
}

function lineEndOf(text: string): "\r\n" | "\n" {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function withLineEnds(text: string, lineEnd: string): string {
  return lineEnd === "\n" ? text : text.replaceAll("\n", lineEnd);
}
