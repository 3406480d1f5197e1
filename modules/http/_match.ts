/**
 * A routing table in the form in which requests are looked up. It never
 * changes: a router compiles a new one after its routes have changed. A path
 * without parameters costs one lookup in a map, any other a walk down a tree of
 * segments.
 *
 * @module
 */
import {
  decodeSegment,
  isLiteral,
  type RouteKey,
} from "@engine/services/route_pattern.ts";
import { cleanPath, isClean } from "./_clean_path.ts";

/** The decoded values of parameters. */
export type Params = Readonly<Record<string, string>>;

/** What a request has found. */
export interface Match<T> {
  readonly value: T;
  readonly params: Params;
}

/** Why a request has found nothing. */
export type Miss =
  /** There is something at this other path. */
  | { readonly kind: "redirect"; readonly path: string }
  /** The path is badly percent-encoded. */
  | { readonly kind: "malformed" }
  /** The path answers other methods, in alphabetical order. */
  | { readonly kind: "method"; readonly allowed: readonly string[] }
  | { readonly kind: "nothing" };

/** A route of a table: no two may clash. */
export interface MatcherEntry<T> {
  readonly key: RouteKey;
  readonly value: T;
}

const NO_PARAMS: Params = Object.freeze({});

/** Finds the most specific route for a request. */
export class Matcher<T> {
  readonly #methods = new Map<string, MethodTable<T>>();

  constructor(entries: Iterable<MatcherEntry<T>>) {
    for (const { key, value } of entries) {
      let table = this.#methods.get(key.method);
      if (!table) this.#methods.set(key.method, table = new MethodTable());
      table.add(key, value);
    }
  }

  /** The route for a request; `undefined` also if there is a redirect. */
  match(method: string, path: string): Match<T> | undefined {
    const literal = this.#literal(method, path);
    if (literal !== undefined) return literal;
    if (!isClean(path)) return undefined;
    const segments = split(path);
    if (segments === undefined) return undefined;
    const leaf = this.#find(method, segments);
    if (leaf === undefined) return undefined;
    if (leaf.isRest && this.#isDirectory(method, segments)) return undefined;
    const { value, params } = leaf;
    if (params.length === 0) return { value, params: NO_PARAMS };
    return { value, params: valuesOf(params, segments) };
  }

  /** What to answer where `match` found nothing. */
  miss(method: string, path: string): Miss {
    if (!isClean(path)) return { kind: "redirect", path: cleanPath(path) };
    const segments = split(path);
    if (segments === undefined) return { kind: "malformed" };
    if (this.#isDirectory(method, segments)) {
      return { kind: "redirect", path: `${path}/` };
    }
    const methods = this.#at(segments).map(([name]) => name);
    return methods.length > 0
      ? { kind: "method", allowed: withHead(methods) }
      : { kind: "nothing" };
  }

  /** Every method that a path answers, with its route. */
  at(path: string): readonly (readonly [method: string, value: T])[] {
    const segments = isClean(path) ? split(path) : undefined;
    return segments === undefined ? [] : this.#at(segments);
  }

  #at(segments: readonly string[]): (readonly [string, T])[] {
    const found: (readonly [string, T])[] = [];
    for (const [method, table] of this.#methods) {
      const leaf = table.find(segments) ?? table.find([...segments, ""]);
      if (leaf !== undefined) found.push([method, leaf.value]);
    }
    return found;
  }

  #literal(method: string, path: string): Match<T> | undefined {
    const match = this.#methods.get(method)?.literals.get(path);
    if (match !== undefined || method !== "HEAD") return match;
    return this.#methods.get("GET")?.literals.get(path);
  }

  #find(method: string, segments: readonly string[]): Leaf<T> | undefined {
    const leaf = this.#methods.get(method)?.find(segments);
    if (leaf !== undefined || method !== "HEAD") return leaf;
    return this.#methods.get("GET")?.find(segments);
  }

  /**
   * Whether the path lacks a final slash and there is a route for exactly the
   * path with one, so that leaving it out is a slip.
   */
  #isDirectory(method: string, segments: readonly string[]): boolean {
    if (segments.at(-1) === "") return false;
    return this.#find(method, [...segments, ""])?.size === segments.length;
  }
}

/** In alphabetical order; `GET` answers `HEAD` as well. */
export function withHead(methods: readonly string[]): readonly string[] {
  const all = new Set(methods);
  if (all.has("GET")) all.add("HEAD");
  return [...all].sort();
}

/** The end of a route in the tree. */
interface Leaf<T> {
  readonly value: T;
  /** How many segments the pattern has. */
  readonly size: number;
  readonly isRest: boolean;
  readonly params: readonly Param[];
}

interface Param {
  readonly name: string;
  /** The segment at which the value begins; the first is 1. */
  readonly index: number;
  readonly isRest: boolean;
}

/** What may follow a prefix, the most specific first. */
interface Node<T> {
  /** The path ends here, without a slash. */
  leaf?: Leaf<T>;
  /** The path ends with a slash after this. */
  end?: Leaf<T>;
  readonly literals: Map<string, Node<T>>;
  one?: Node<T>;
  /** Anything follows, after a slash. */
  rest?: Leaf<T>;
}

/** The routes of one method. */
class MethodTable<T> {
  /** The routes without parameters, by the one path that each answers. */
  readonly literals = new Map<string, Match<T>>();
  readonly #root: Node<T> = { literals: new Map() };

  add({ pattern }: RouteKey, value: T): void {
    const params: Param[] = [];
    let node = this.#root;
    const last = pattern.segments.at(-1);
    pattern.segments.forEach((segment, at) => {
      const index = at + 1;
      if (segment.kind === "literal") {
        node = childOf(node.literals, segment.text);
      } else if (segment.kind === "one") {
        params.push({ name: segment.name, index, isRest: false });
        node = node.one ??= { literals: new Map() };
      } else if (segment.kind === "rest" && segment.name !== "") {
        params.push({ name: segment.name, index, isRest: true });
      }
    });
    const isRest = last?.kind === "rest";
    const leaf = { value, params, isRest, size: pattern.segments.length };
    if (last?.kind === "end") node.end = leaf;
    else if (isRest) node.rest = leaf;
    else node.leaf = leaf;
    if (isLiteral(pattern)) this.#addLiteral(pattern.segments, value);
  }

  #addLiteral(segments: RouteKey["pattern"]["segments"], value: T): void {
    const path = segments
      .map((segment) => segment.kind === "literal" ? `/${segment.text}` : "/")
      .join("");
    // Text that a request can only send encoded is found by the tree.
    if (path.includes("%")) return;
    this.literals.set(path, { value, params: NO_PARAMS });
  }

  find(segments: readonly string[]): Leaf<T> | undefined {
    return walk(this.#root, segments, 1);
  }
}

function childOf<T>(literals: Map<string, Node<T>>, text: string): Node<T> {
  let child = literals.get(text);
  if (!child) literals.set(text, child = { literals: new Map() });
  return child;
}

/** The decoded segments; the first stands before the first slash and is empty. */
function split(path: string): readonly string[] | undefined {
  const segments: (string | undefined)[] = path.split("/");
  if (path.includes("%")) {
    for (let i = 1; i < segments.length; i++) {
      segments[i] = decodeSegment(segments[i] ?? "");
      if (segments[i] === undefined) return undefined;
    }
  }
  return segments as string[];
}

/**
 * The most specific leaf below `node` for the segments from `index` on. Visits
 * each node at most once, so that no path is slow.
 */
function walk<T>(
  node: Node<T>,
  segments: readonly string[],
  index: number,
): Leaf<T> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.leaf;
  if (segment === "" && index === segments.length - 1) {
    return node.end ?? node.rest;
  }
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = walk(literal, segments, index + 1);
    if (found !== undefined) return found;
  }
  if (node.one !== undefined) {
    const found = walk(node.one, segments, index + 1);
    if (found !== undefined) return found;
  }
  return node.rest;
}

function valuesOf(
  params: readonly Param[],
  segments: readonly string[],
): Params {
  const values: Record<string, string> = {};
  for (const { name, index, isRest } of params) {
    values[name] = isRest
      ? segments.slice(index).join("/")
      : segments[index] ?? "";
  }
  return values;
}
