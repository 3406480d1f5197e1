/**
 * The language of `Route.pattern`: what a pattern matches, which of two is more
 * specific, and when two cannot stand side by side. Pure; a document's check
 * and a router read patterns with the same code.
 *
 * @module
 */

/** A pattern, read. */
export interface RoutePattern {
  /** As it was written. */
  readonly text: string;
  /** The same with every parameter as `{name}`, for logs and metrics. */
  readonly canonical: string;
  /** One for each `/`; never empty. */
  readonly segments: readonly PatternSegment[];
  /** Two patterns of one shape match the same paths. */
  readonly shape: string;
}

/** What stands between two slashes of a pattern. */
export type PatternSegment =
  /** This text, percent-decoded. */
  | { readonly kind: "literal"; readonly text: string }
  /** Exactly one segment that is not empty: `{id}` or `:id`. */
  | { readonly kind: "one"; readonly name: string }
  /** All the rest, maybe nothing: `{path...}`, or without a name a final `/`. */
  | { readonly kind: "rest"; readonly name: string }
  /** Nothing: the path ends with this slash. Written `{$}`. */
  | { readonly kind: "end" };

/** A method with a pattern: what a router keeps apart. */
export interface RouteKey {
  /** In capitals. `GET` stands for `HEAD` as well. */
  readonly method: string;
  readonly pattern: RoutePattern;
}

const NAME = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/**
 * Reads a pattern.
 *
 * @throws {RangeError} if it is malformed, or could never match a path because
 * requests for such paths are redirected to their clean form.
 */
export function parsePattern(text: string): RoutePattern {
  const refuse = (reason: string) =>
    new RangeError(`Cannot use the route pattern "${text}": ${reason}`);
  if (!text.startsWith("/")) throw refuse('it does not start with "/"');
  if (/[?#]/.test(text)) throw refuse("a path holds neither ? nor #");
  const parts = text.slice(1).split("/");
  const names = new Set<string>();
  const segments = parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    const segment = parseSegment(part, isLast);
    if (typeof segment === "string") throw refuse(segment);
    if (segment.kind === "one" || segment.kind === "rest") {
      if (names.has(segment.name)) {
        throw refuse(`the parameter "${segment.name}" occurs twice`);
      }
      names.add(segment.name);
    }
    return segment;
  });
  return {
    text,
    segments,
    canonical: segments.map((s, index) => canonicalText(s, parts[index])).join(
      "",
    ),
    shape: segments.map(shapeText).join(""),
  };
}

/** The segment, or why there is none. */
function parseSegment(part: string, isLast: boolean): PatternSegment | string {
  if (part === "") {
    return isLast ? { kind: "rest", name: "" } : "it has an empty segment";
  }
  if (part.startsWith(":") && NAME.test(part.slice(1))) {
    return { kind: "one", name: part.slice(1) };
  }
  if (part.startsWith("{") && part.endsWith("}")) {
    return parseParameter(part.slice(1, -1), isLast);
  }
  if (/[{}]/.test(part)) {
    return `a parameter fills a whole segment, unlike "${part}"`;
  }
  const literal = decodeSegment(part);
  if (literal === undefined) return `"${part}" is badly percent-encoded`;
  if (literal === "." || literal === "..") {
    return `it has a segment "${literal}"`;
  }
  return { kind: "literal", text: literal };
}

function parseParameter(
  inner: string,
  isLast: boolean,
): PatternSegment | string {
  const isRest = inner.endsWith("...");
  const name = isRest ? inner.slice(0, -"...".length) : inner;
  if ((isRest || inner === "$") && !isLast) {
    return `{${inner}} may only stand at its end`;
  }
  if (inner === "$") return { kind: "end" };
  // An own key of this name would vanish from the object of parameters.
  if (!NAME.test(name) || name === "__proto__") {
    return `"${name}" is no name of a parameter`;
  }
  return { kind: isRest ? "rest" : "one", name };
}

/** Percent-decodes one segment; `undefined` if the encoding is malformed. */
export function decodeSegment(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // The only error that it throws is the one that the caller asks about.
    return undefined;
  }
}

function canonicalText(
  segment: PatternSegment,
  part: string | undefined,
): string {
  return segment.kind === "one" ? `/{${segment.name}}` : `/${part ?? ""}`;
}

function shapeText(segment: PatternSegment): string {
  switch (segment.kind) {
    case "literal":
      return `/${encodeURIComponent(segment.text.toWellFormed())}`;
    case "one":
      return "/{}";
    case "rest":
      return "/{...}";
    case "end":
      return "/{$}";
  }
}

/** Whether the pattern is nothing but text, so that it matches a single path. */
export function isLiteral({ segments }: RoutePattern): boolean {
  return segments.every(({ kind }) => kind === "literal" || kind === "end");
}

/**
 * Why two routes cannot stand side by side, as the end of a sentence about the
 * first; `undefined` if they can, because no request fits both or because one
 * of them is more specific.
 */
export function clashOf(first: RouteKey, second: RouteKey): string | undefined {
  if (!methodsOverlap(first.method, second.method)) return undefined;
  if (!pathsOverlap(first.pattern, second.pattern)) return undefined;
  const isGeneral = covers(first, second);
  const isSpecial = covers(second, first);
  if (isGeneral && isSpecial) {
    return `it answers the same requests as "${nameOf(second)}"`;
  }
  if (isGeneral || isSpecial) return undefined;
  const path = commonPath(first.pattern, second.pattern);
  return `it conflicts with "${
    nameOf(second)
  }": both answer "${path}" and neither is more specific`;
}

/** A route as messages write it: `GET /api/orders/{id}`. */
export function nameOf({ method, pattern }: RouteKey): string {
  return `${method} ${pattern.text}`;
}

function methodsOverlap(a: string, b: string): boolean {
  return methodCovers(a, b) || methodCovers(b, a);
}

function methodCovers(general: string, special: string): boolean {
  return general === special || (general === "GET" && special === "HEAD");
}

/** Whether `general` answers every request that `special` answers. */
function covers(general: RouteKey, special: RouteKey): boolean {
  return methodCovers(general.method, special.method) &&
    pathCovers(general.pattern.segments, special.pattern.segments);
}

function pathCovers(
  general: readonly PatternSegment[],
  special: readonly PatternSegment[],
): boolean {
  for (const [index, segment] of general.entries()) {
    const other = special[index];
    if (other === undefined) return false;
    if (segment.kind === "rest") return true;
    const fits = segment.kind === "one"
      ? other.kind === "one" || other.kind === "literal"
      : isSame(segment, other);
    if (!fits) return false;
  }
  return general.length === special.length;
}

function pathsOverlap(a: RoutePattern, b: RoutePattern): boolean {
  for (const [index, first] of a.segments.entries()) {
    const second = b.segments[index];
    if (second === undefined) return false;
    if (first.kind === "rest" || second.kind === "rest") return true;
    const fits = first.kind === "one" || second.kind === "one"
      ? first.kind !== "end" && second.kind !== "end"
      : isSame(first, second);
    if (!fits) return false;
  }
  return a.segments.length === b.segments.length;
}

function isSame(a: PatternSegment, b: PatternSegment): boolean {
  if (a.kind === "literal" && b.kind === "literal") return a.text === b.text;
  return a.kind === b.kind;
}

/** A path that both match, for people. Only for patterns that overlap. */
function commonPath(a: RoutePattern, b: RoutePattern): string {
  const longer = a.segments.length >= b.segments.length ? a : b;
  return longer.segments.map((segment, index) => {
    const other = (longer === a ? b : a).segments[index];
    const text = segment.kind === "literal" ? segment : other;
    if (text?.kind === "literal") return `/${text.text}`;
    const isOne = segment.kind === "one" || other?.kind === "one";
    return isOne ? "/x" : "/";
  }).join("");
}
