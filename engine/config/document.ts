/**
 * A parsed text in which every value still knows its line and column.
 *
 * @module
 */
import {
  type Alias,
  type Document as YamlDocument,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import {
  formatPath,
  type Path,
  type Problem,
  type ProblemCode,
  type Severity,
} from "./problem.ts";
import { isMergeKey } from "./structure.ts";

/** What a problem says beside its place. */
export interface ProblemFields {
  readonly code: ProblemCode;
  readonly path: Path;
  readonly message: string;
  /** Mark the key rather than the value. @default {"value"} */
  readonly mark?: "key" | "value";
  readonly severity?: Severity;
  readonly found?: string | undefined;
  readonly expected?: string | undefined;
  readonly nearest?: string | undefined;
  readonly help?: string | undefined;
  /** The page that explains it. @default the page of the code */
  readonly docs?: string | undefined;
}

/** A place in the text: offsets from its start, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What stands somewhere in the text. */
export interface Standing {
  readonly path: Path;
  readonly mark: "key" | "value";
}

/** A parsed document: the nouns of the other stages are made from it. */
export class Document {
  readonly file: string;
  readonly text: string;
  /** The content as plain data. Maps are objects; nothing is expanded yet. */
  readonly value: unknown;
  readonly #yaml: YamlDocument;
  /** Where each line begins. The parser's own count misses some after an error. */
  readonly #lineStarts: readonly number[];
  readonly #targets: ReadonlyMap<Alias, Node>;
  readonly #parsed: ConstructorParameters<typeof Document>[1];

  constructor(
    source: { readonly file: string; readonly text: string },
    parsed: {
      readonly yaml: YamlDocument;
      /** What each alias stands for. */
      readonly targets: ReadonlyMap<Alias, Node>;
      readonly value: unknown;
    },
  ) {
    this.file = source.file;
    this.text = source.text;
    this.value = parsed.value;
    this.#parsed = parsed;
    this.#yaml = parsed.yaml;
    this.#lineStarts = [
      0,
      ...source.text.matchAll(/\n/g).map(({ index }) => index + 1),
    ];
    this.#targets = parsed.targets;
  }

  /** The file's name without folders and ending: the document's id. */
  get id(): string {
    const name = this.file.split(/[/\\]/).at(-1) ?? "";
    return name.replace(/\.(ya?ml|json)$/i, "");
  }

  /**
   * The same text with further entries at the end of `modules:`. Their problems
   * stand where `modules:` does. One whose name the text has is left out.
   */
  withModules(
    added: readonly { readonly name: string }[],
  ): Document {
    const { value } = this;
    if (added.length === 0 || value === null || typeof value !== "object") {
      return this;
    }
    const { modules = [] } = value as { readonly modules?: unknown };
    if (!Array.isArray(modules)) return this;
    const names = new Set(modules.map((module) => module?.name));
    const fresh = added.filter(({ name }) => !names.has(name));
    return new Document(this, {
      ...this.#parsed,
      value: { ...value, modules: [...modules, ...fresh] },
    });
  }

  /** Makes a problem at a path; at the nearest place above, if it is absent. */
  problem(fields: ProblemFields): Problem {
    const span = this.span(fields.path, fields.mark ?? "value");
    return this.problemAt(span, fields);
  }

  /** Makes a problem at a place in the text. */
  problemAt(span: Span, fields: ProblemFields): Problem {
    const start = this.#position(span.start);
    const end = this.#position(Math.max(span.end, span.start));
    const { path, mark: _, severity, docs, ...rest } = fields;
    return {
      ...withoutUndefined(rest),
      code: fields.code,
      message: fields.message,
      severity: severity ?? "error",
      file: this.file,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      path: formatPath(path),
      docs: docs ?? `/docs/problems/${fields.code}`,
    };
  }

  /** Where a key or value stands; the nearest place above, if it is absent. */
  span(path: Path, mark: "key" | "value"): Span {
    let found: Span = { start: 0, end: 0 };
    let node: unknown = this.#yaml.contents;
    found = spanOf(node) ?? found;
    for (const [depth, part] of path.entries()) {
      const step = child(this.#resolve(node), part, (n) => this.#resolve(n));
      if (step === undefined) return firstOf(found, this.text);
      const isLast = depth === path.length - 1;
      const wanted = (isLast && mark === "key") || isBlock(step.value)
        ? step.key ?? step.value
        : step.value;
      found = spanOf(wanted) ?? spanOf(step.key) ?? found;
      node = step.value;
    }
    return firstOf(found, this.text);
  }

  /**
   * What stands at an offset: the path to it, and whether it is the key or the
   * value; absent between them.
   */
  at(offset: number): Standing | undefined {
    const path: (string | number)[] = [];
    let node: unknown = this.#yaml.contents;
    while (isCollection(node)) {
      const found = entryAt(node, offset);
      if (found === undefined) return undefined;
      path.push(found.part);
      if (found.mark === "key") return { path, mark: "key" };
      node = found.value;
    }
    return isWithin(node, offset) ? { path, mark: "value" } : undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  #position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}

/** The entry of a map or list that an offset is in. */
function entryAt(
  { items }: YAMLMap | YAMLSeq,
  offset: number,
):
  | Pick<Standing, "mark"> & {
    readonly part: string | number;
    readonly value: unknown;
  }
  | undefined {
  for (const [index, item] of items.entries()) {
    if (!isPair(item)) {
      if (isWithin(item, offset)) {
        return { part: index, mark: "value", value: item };
      }
      continue;
    }
    const { key, value } = item;
    const part = isScalar(key) ? String(key.value) : String(key);
    if (isWithin(key, offset)) return { part, mark: "key", value };
    if (isWithin(value, offset)) return { part, mark: "value", value };
  }
  return undefined;
}

function isWithin(node: unknown, offset: number): boolean {
  const range = (node as Node | null | undefined)?.range;
  return !!range && range[0] <= offset && offset <= range[1];
}

/** A block that spans lines is marked by its first line only. */
function firstOf(span: Span, text: string): Span {
  const lineEnd = text.indexOf("\n", span.start);
  const end = lineEnd < 0 ? span.end : Math.min(span.end, lineEnd);
  return { start: span.start, end };
}

function spanOf(node: unknown): Span | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
}

/** A map or list on lines of its own: its key says better what it is. */
function isBlock(node: unknown): boolean {
  return isCollection(node) && !node.flow;
}

interface Child {
  readonly key: unknown;
  readonly value: unknown;
}

function child(
  node: unknown,
  part: string | number,
  resolve: (node: unknown) => unknown,
): Child | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(part)];
    return value === undefined ? undefined : { key: undefined, value };
  }
  if (!isMap(node)) return undefined;
  const own = pairOf(node, part);
  if (own) return { key: own.key, value: own.value };
  for (const merged of mergedMaps(node, resolve)) {
    const inherited = child(merged, part, resolve);
    if (inherited) return inherited;
  }
  return undefined;
}

function pairOf(map: YAMLMap, part: string | number): Pair | undefined {
  let pairs = pairsOf.get(map);
  if (pairs === undefined) {
    const known = map.items.flatMap((pair) =>
      isScalar(pair.key) && !isMergeKey(pair.key)
        ? [[String(pair.key.value), pair] as const]
        : []
    );
    pairs = new Map(known);
    pairsOf.set(map, pairs);
  }
  return pairs.get(String(part));
}

/** A document with many problems looks for many keys in the same map. */
const pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function mergedMaps(
  map: YAMLMap,
  resolve: (node: unknown) => unknown,
): readonly unknown[] {
  return map.items.filter(({ key }) => isMergeKey(key)).flatMap(({ value }) => {
    const merged = resolve(value);
    return isSeq(merged) ? merged.items.map(resolve) : [merged];
  });
}

function withoutUndefined<T extends object>(
  object: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) =>
    value !== undefined
  );
  return Object.fromEntries(entries) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
