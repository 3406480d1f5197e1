/**
 * What renames are made of, and why they are refused.
 *
 * @module
 */
import type { Change } from "./change.ts";
import type { Path } from "./problem.ts";

/** Puts a text into a place. */
export function set(path: Path, value: unknown): Change {
  return { do: "set", path, value };
}

/** Refuses to rename what is not there. */
export function missing(kind: string, name: string): never {
  throw new RangeError(`Cannot rename: no ${kind} is called "${name}"`);
}

/** Refuses a name that something else has. */
export function taken(kind: string, name: string): never {
  throw new RangeError(
    `Cannot rename: the name "${name}" of a ${kind} is taken`,
  );
}

/** Refuses a name that its kind cannot have. */
export function mustFit(
  kind: string,
  name: string,
  { pattern, words }: { readonly pattern: RegExp; readonly words: string },
): void {
  if (pattern.test(name)) return;
  throw new RangeError(
    `Cannot rename: a ${kind} cannot be called "${name}"; expected ${words}`,
  );
}
