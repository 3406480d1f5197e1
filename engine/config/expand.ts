/**
 * Replaces `${VAR}`, `${VAR:-default}` and `secret://…` by their values. The one
 * place that does so, with one syntax.
 *
 * @module
 */
import type { Document } from "./document.ts";
import type { Path } from "./problem.ts";

/** Where values come from. */
export interface ExpandSources {
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** The value of each `secret://` reference that could be resolved. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** A variable or secret that has no value. */
export interface Unset {
  readonly path: Path;
  /** The name of the variable, or the whole reference. */
  readonly name: string;
}

/** What `expand` made of a document. */
export interface Expanded {
  /**
   * The content with every replacement made. A string that is nothing but an
   * unset variable is absent.
   */
  readonly value: unknown;
  readonly unset: readonly Unset[];
  /** Values that came from secrets, for redaction. */
  readonly secretValues: ReadonlySet<string>;
}

const VARIABLE = /\$?\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Expands a document. Strings of modules and of the sections that configure
 * them are expanded, connectors and headers elsewhere too; what else stands in
 * `workflows:` and `triggers:` keeps its own `${step.field}` syntax.
 */
export function expand(document: Document, sources: ExpandSources): Expanded {
  const unset: Unset[] = [];
  const secretValues = new Set<string>();
  const leaf = (text: string, path: Path) => {
    if (!expandsAt(path)) return text;
    if (text.startsWith("secret://")) {
      const value = sources.secrets.get(text);
      if (value === undefined) unset.push({ path, name: text });
      else secretValues.add(value);
      return value;
    }
    return expandVariables(
      text,
      sources.env,
      (name) => unset.push({ path, name }),
    );
  };
  return { value: mapStrings(document.value, [], leaf), unset, secretValues };
}

/** Every `secret://` reference of a document, each once. */
export function secretReferences(document: Document): ReadonlySet<string> {
  const found = new Set<string>();
  mapStrings(document.value, [], (text, path) => {
    if (expandsAt(path) && text.startsWith("secret://")) found.add(text);
    return text;
  });
  return found;
}

function expandsAt(path: Path): boolean {
  if (path[0] === "modules") return path.length > 3 && path[2] === "config";
  if (!BY_PLACE.has(path[0])) return true;
  return path.includes("connectors") || path.includes("headers");
}

/** Sections in which only some places are expanded. */
const BY_PLACE: ReadonlySet<unknown> = new Set([
  "workflows",
  "triggers",
  "pipelines",
]);

/** `undefined` if the text is nothing but unset variables. */
function expandVariables(
  text: string,
  env: (name: string) => string | undefined,
  reportUnset: (name: string) => void,
): string | undefined {
  if (!text.includes("${")) return text;
  let isUnset = false;
  const expanded = text.replace(
    VARIABLE,
    (match, name: string, fallback?: string) => {
      if (match.startsWith("$$")) return match.slice(1);
      const value = env(name);
      // As in a shell, an empty value counts as unset where there is a default.
      if (fallback !== undefined) return value || fallback;
      if (value !== undefined) return value;
      isUnset = true;
      reportUnset(name);
      return "";
    },
  );
  return isUnset && expanded === "" ? undefined : expanded;
}

function mapStrings(
  value: unknown,
  path: Path,
  leaf: (text: string, path: Path) => string | undefined,
): unknown {
  if (typeof value === "string") return leaf(value, path);
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      mapStrings(item, [...path, index], leaf) ?? null
    );
  }
  if (value === null || typeof value !== "object") return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const mapped = mapStrings(item, [...path, key], leaf);
    if (mapped !== undefined) {
      // A key called __proto__ stays a key.
      Object.defineProperty(result, key, {
        value: mapped,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }
  return result;
}
