/**
 * An action of an HTTP connector: a method and a path, in which `{name}` stands
 * for a parameter.
 *
 * @module
 */
import { TerminalError } from "../errors.ts";
import type { JsonValue } from "../store/store.ts";

/** A method and a path. */
export interface HttpAction {
  readonly method: string;
  readonly path: string;
}

type Params = Readonly<Record<string, JsonValue | undefined>>;

/** Reads `METHOD /path`; nothing if it is written otherwise. */
export function parseHttpAction(text: string): HttpAction | undefined {
  const [, method, path] = ACTION.exec(text.trim()) ?? [];
  if (method === undefined || path === undefined) return undefined;
  return { method: method.toUpperCase(), path };
}

const ACTION = /^(get|head|post|put|patch|delete|options)\s+(\/\S*)$/i;

/** The parameters that a path holds, in order. */
export function paramsOf({ path }: HttpAction): readonly string[] {
  return [...path.matchAll(PARAM)].map(([, name = ""]) => name);
}

const PARAM = /\{([^{}/]+)\}/g;

/**
 * Puts parameters into the path, and returns those that are left over.
 *
 * @throws {TerminalError} if one is missing, or would change which path it is.
 */
export function fillPath(
  { method, path }: HttpAction,
  params: Params,
): { readonly path: string; readonly rest: Params } {
  const used = new Set<string>();
  const filled = path.replace(PARAM, (_, name: string) => {
    used.add(name);
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    const text = textOf(value);
    // An empty segment or dots would lead to another path than was written.
    if (text === undefined || /^\.{0,2}$/.test(text)) {
      throw new TerminalError(
        `Cannot call "${method} ${path}": the parameter "${name}" is ` +
          `${value === undefined ? "missing" : JSON.stringify(value)}, ` +
          "expected a text or a number for a segment of the path",
      );
    }
    return encodeURIComponent(text);
  });
  const rest = Object.entries(params).filter(([name]) => !used.has(name));
  return { path: filled, rest: Object.fromEntries(rest) };
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value === null || typeof value === "object") return undefined;
  return value === undefined ? undefined : String(value);
}
