/**
 * A routing table in the form in which requests are looked up: a tree of
 * segments. It never changes: a router compiles a new one after its routes have
 * changed.
 *
 * @module
 */
import {
  decodeSegment,
  type RouteKey,
  type RoutePattern,
} from "@engine/services/route_pattern.ts";
import { cleanPath, isClean, isPlainSegment } from "./_clean_path.ts";

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
  readonly #methods = new Map<string, Node<T>>();

  constructor(entries: Iterable<MatcherEntry<T>>) {
    for (const { key, value } of entries) {
      let root = this.#methods.get(key.method);
      if (!root) this.#methods.set(key.method, root = new Node());
      plant(root, key.pattern, value);
    }
  }

  /** The route for a request; `undefined` also if there is a redirect. */
  match(method: string, path: string): Match<T> | undefined {
    const query = new Query(path);
    const leaf = this.#find(method, query);
    if (leaf === undefined) return undefined;
    if (leaf.isRest && this.#isDirectory(method, path)) return undefined;
    const { value, names } = leaf;
    if (names.length === 0) return { value, params: NO_PARAMS };
    const params: Record<string, string> = {};
    for (let i = 0; i < names.length; i++) {
      params[names[i] ?? ""] = query.values[i] ?? "";
    }
    return { value, params };
  }

  /** What to answer where `match` found nothing. */
  miss(method: string, path: string): Miss {
    if (!isClean(path)) return { kind: "redirect", path: cleanPath(path) };
    if (decodeSegment(path) === undefined) return { kind: "malformed" };
    if (this.#isDirectory(method, path)) {
      return { kind: "redirect", path: `${path}/` };
    }
    const methods = this.at(path).map(([name]) => name);
    return methods.length > 0
      ? { kind: "method", allowed: withHead(methods) }
      : { kind: "nothing" };
  }

  /** Every method that a path answers, with its route. */
  at(path: string): readonly (readonly [method: string, value: T])[] {
    const found: (readonly [string, T])[] = [];
    for (const [method, root] of this.#methods) {
      const leaf = new Query(path).walk(root, 0) ??
        new Query(`${path}/`).walk(root, 0);
      if (leaf !== undefined) found.push([method, leaf.value]);
    }
    return found;
  }

  #find(method: string, query: Query): Leaf<T> | undefined {
    const root = this.#methods.get(method);
    const leaf = root && query.walk(root, 0);
    if (leaf !== undefined || method !== "HEAD") return leaf;
    const getRoot = this.#methods.get("GET");
    return getRoot && query.walk(getRoot, 0);
  }

  /**
   * Whether the path lacks a final slash and there is a route for exactly the
   * path with one, so that leaving it out is a slip.
   */
  #isDirectory(method: string, path: string): boolean {
    if (path.endsWith("/")) return false;
    const leaf = this.#find(method, new Query(`${path}/`));
    return leaf !== undefined && leaf.size === path.split("/").length;
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
  /** Of the parameters, in their order. */
  readonly names: readonly string[];
}

/** From this many texts on, a map finds one faster than comparing them. */
const TEXTS_COMPARED_MAX = 6;

/** What may follow a prefix, the most specific first. */
class Node<T> {
  /** The path ends here, without a slash. */
  leaf: Leaf<T> | undefined;
  /** The path ends with a slash after this. */
  end: Leaf<T> | undefined;
  /** Texts with what follows each. */
  readonly texts: { readonly text: string; readonly node: Node<T> }[] = [];
  readonly #byText = new Map<string, Node<T>>();
  one: Node<T> | undefined;
  /** Anything follows, after a slash. */
  rest: Leaf<T> | undefined;

  /** The node for a decoded text, made if there is none. */
  child(text: string): Node<T> {
    let node = this.#byText.get(text);
    if (node === undefined) {
      node = new Node();
      this.#byText.set(text, node);
      this.texts.push({ text, node });
    }
    return node;
  }

  /** The node for a decoded text. */
  find(text: string): Node<T> | undefined {
    return this.#byText.get(text);
  }

  /** The node for a text that stands in a path, without cutting it out. */
  findWithin(path: string, start: number, end: number): Node<T> | undefined {
    if (this.texts.length > TEXTS_COMPARED_MAX) {
      return this.#byText.get(path.slice(start, end));
    }
    for (const { text, node } of this.texts) {
      if (text.length === end - start && path.startsWith(text, start)) {
        return node;
      }
    }
    return undefined;
  }
}

/** Adds a pattern to the tree below `root`. */
function plant<T>(root: Node<T>, { segments }: RoutePattern, value: T): void {
  const names: string[] = [];
  let node = root;
  for (const segment of segments) {
    if (segment.kind === "literal") node = node.child(segment.text);
    else if (segment.kind === "one") {
      names.push(segment.name);
      node = node.one ??= new Node();
    } else if (segment.kind === "rest" && segment.name !== "") {
      names.push(segment.name);
    }
  }
  const kind = segments.at(-1)?.kind;
  const isRest = kind === "rest";
  const leaf = { value, names, isRest, size: segments.length };
  node[isRest ? "rest" : kind === "end" ? "end" : "leaf"] = leaf;
}

/** A path on its way down a tree. */
class Query {
  readonly #path: string;
  readonly #isEncoded: boolean;
  /** The parameters so far, decoded. */
  readonly values: string[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#isEncoded = path.includes("%");
  }

  /**
   * Descends from the slash at `at`. Visits each node at most once, so that no
   * path is slow. Only what becomes a parameter has to be looked at for dots
   * and empty segments: no text of a pattern has them.
   */
  walk<T>(node: Node<T>, at: number): Leaf<T> | undefined {
    const path = this.#path;
    if (at === path.length) return node.leaf;
    const start = at + 1;
    if (start === path.length) return node.end ?? this.#takeRest(node, start);
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    const segment = this.#isEncoded
      ? decodeSegment(path.slice(start, end))
      : undefined;
    if (this.#isEncoded && segment === undefined) return undefined;
    const next = segment === undefined
      ? node.findWithin(path, start, end)
      : node.find(segment);
    const found = next && this.walk(next, end);
    if (found !== undefined) return found;
    if (node.one !== undefined && isPlainSegment(path, start, end)) {
      const count = this.values.length;
      this.values.push(segment ?? path.slice(start, end));
      const found = this.walk(node.one, end);
      if (found !== undefined) return found;
      this.values.length = count;
    }
    if (node.rest === undefined || !isClean(path, at)) return undefined;
    return this.#takeRest(node, start);
  }

  #takeRest<T>({ rest }: Node<T>, start: number): Leaf<T> | undefined {
    if (rest === undefined || rest.names.length === this.values.length) {
      return rest;
    }
    const value = decodeSegment(this.#path.slice(start));
    if (value === undefined) return undefined;
    this.values.push(value);
    return rest;
  }
}
