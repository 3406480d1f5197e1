/**
 * The `${…}` of integration steps: `${data.total}` is of what the run is given,
 * `${charge.id}` of the result of the step "charge", `${charge_error}` why it
 * failed, and `${a.b || c.d || "none"}` is the first of them that there is.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";

type Json = NonNullable<JsonObject[string]>;

/** What a `${…}` may be made of. */
export type Alternative =
  | { readonly kind: "path"; readonly path: readonly (string | number)[] }
  | { readonly kind: "literal"; readonly value: Json };

/** A part of a text. */
type Part =
  | string
  | { readonly alternatives: readonly Alternative[]; readonly written: string };

/** `${{ … }}` is an expression of ours and stays as it is. */
const SUBSTITUTION = /\$\{(?!\{)([^}]*)\}/g;
const PATH = /^[\w-]+(?:\.[\w-]+|\[\d+\])*$/;

/** The parts of a text; nothing where a `${…}` cannot be read, with its text. */
function partsOf(text: string): readonly Part[] | { readonly fault: string } {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(SUBSTITUTION)) {
    const [written, inside = ""] = match;
    const alternatives = inside.split("||").map(alternativeOf);
    const known = alternatives.filter((one) => one !== undefined);
    if (known.length < alternatives.length) return { fault: written };
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ alternatives: known, written });
    end = match.index + written.length;
  }
  if (end < text.length || parts.length === 0) parts.push(text.slice(end));
  return parts;
}

function alternativeOf(text: string): Alternative | undefined {
  const trimmed = text.trim();
  const quoted = /^'([^']*)'$/.exec(trimmed)?.[1];
  if (quoted !== undefined) return { kind: "literal", value: quoted };
  if (/^("|-?\d|true$|false$|null$)/.test(trimmed)) {
    try {
      return { kind: "literal", value: JSON.parse(trimmed) };
    } catch {
      // It may still be the path of a name that begins with a digit.
    }
  }
  if (!PATH.test(trimmed)) return undefined;
  const path = trimmed.matchAll(/([\w-]+)|\[(\d+)\]/g);
  return {
    kind: "path",
    path: [...path].map(([, name, index]) =>
      index === undefined ? name ?? "" : Number(index)
    ),
  };
}

/** Where a value cannot be read, and what it refers to. */
export interface Reading {
  readonly faults: readonly {
    readonly path: readonly (string | number)[];
    readonly written: string;
  }[];
  readonly references: readonly {
    readonly path: readonly (string | number)[];
    /** The first name. */
    readonly name: string;
    /** Whether more names follow. */
    readonly isDotted: boolean;
  }[];
}

/** Everything that the texts of a value refer to. */
export function read(value: unknown): Reading {
  const faults: Reading["faults"][number][] = [];
  const references: Reading["references"][number][] = [];
  mapTexts(value, [], (text, path) => {
    const parts = partsOf(text);
    if ("fault" in parts) {
      faults.push({ path, written: parts.fault });
      return text;
    }
    for (const part of parts) {
      if (typeof part === "string") continue;
      for (const one of part.alternatives) {
        if (one.kind === "literal") continue;
        const name = String(one.path[0]);
        references.push({ path, name, isDotted: one.path.length > 1 });
      }
    }
    return text;
  });
  return { faults, references };
}

/**
 * A value with each `${…}` written as an expression of a pipeline, over `input`
 * and the steps of these names. What is not there is null.
 */
export function asExpressions(
  value: unknown,
  steps: ReadonlySet<string>,
): unknown {
  return mapTexts(value, [], (text) => {
    const parts = partsOf(text);
    if ("fault" in parts) return text;
    return parts.map((part, index) =>
      typeof part === "string"
        ? plain(part, parts[index + 1] !== undefined)
        : `\${{ ${expressionOf(part.alternatives, steps)} }}`
    ).join("");
  });
}

/** A dollar sign right in front of an expression would turn it into text. */
function plain(text: string, isFollowed: boolean): string {
  return isFollowed
    ? text.replace(/\$+$/, (dollars) => `\${{ "${dollars}" }}`)
    : text;
}

function expressionOf(
  [first, ...rest]: readonly Alternative[],
  steps: ReadonlySet<string>,
): string {
  if (first === undefined) return "null";
  // What is written out is there, so that nothing behind it counts.
  if (first.kind === "literal" && first.value !== null) {
    return JSON.stringify(first.value);
  }
  if (first.kind === "literal") return expressionOf(rest, steps);
  const text = pathExpression(first.path, steps);
  if (rest.length === 0) return text;
  return `(${text} != null ? ${text} : ${expressionOf(rest, steps)})`;
}

function pathExpression(
  [name, ...fields]: readonly (string | number)[],
  steps: ReadonlySet<string>,
): string {
  const root = String(name);
  if (root === "data") return select("input", fields);
  if (steps.has(root)) {
    return select(`steps[${JSON.stringify(root)}].output`, fields);
  }
  const failed = stepOfError(root, steps);
  if (failed !== undefined) {
    const error = `steps[${JSON.stringify(failed)}].error`;
    return select(error, ["message", ...fields]);
  }
  return select("input", [root, ...fields]);
}

/** Optional all the way: a field that is not there must not fail the step. */
function select(root: string, fields: readonly (string | number)[]): string {
  if (fields.length === 0) return root;
  const path = fields.map((field) => `[?${JSON.stringify(field)}]`).join("");
  return `${root}${path}.orValue(null)`;
}

/** The step of which this is the error: `charge_error` is of "charge". */
export function stepOfError(
  name: string,
  steps: ReadonlySet<string>,
): string | undefined {
  const step = name.endsWith("_error") ? name.slice(0, -"_error".length) : "";
  return steps.has(step) ? step : undefined;
}

/** A value with each `${…}` replaced by what it refers to, or null. */
export function substitute(
  value: unknown,
  data: JsonObject,
  results: JsonObject,
): unknown {
  const scope = { ...data, ...results, data };
  return mapTexts(value, [], (text) => {
    const parts = partsOf(text);
    if ("fault" in parts) return text;
    const values = parts.map((part) =>
      typeof part === "string" ? part : valueOf(part.alternatives, scope)
    );
    const [only] = values;
    return values.length === 1 ? only ?? null : values.map(asText).join("");
  });
}

function valueOf(
  alternatives: readonly Alternative[],
  scope: JsonObject,
): Json | null {
  for (const one of alternatives) {
    const value = one.kind === "literal" ? one.value : at(scope, one.path);
    if (value !== null) return value;
  }
  return null;
}

function at(scope: unknown, path: readonly (string | number)[]): Json | null {
  let value: unknown = scope;
  for (const part of path) {
    if (value === null || typeof value !== "object") return null;
    if (!Object.hasOwn(value, part)) return null;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return (value ?? null) as Json | null;
}

function asText(value: Json | null): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

type Path = readonly (string | number)[];

/** A value in which each text is replaced. */
function mapTexts(
  value: unknown,
  path: Path,
  replace: (text: string, path: Path) => unknown,
): unknown {
  if (typeof value === "string") return replace(value, path);
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      mapTexts(item, [...path, index], replace)
    );
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [key, item],
    ) => [key, mapTexts(item, [...path, key], replace)]),
  );
}
