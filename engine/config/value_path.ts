/**
 * Reads and changes plain data by path.
 *
 * @module
 */
import type { Path } from "./problem.ts";

/** The value at a path; `undefined` if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const part of path) {
    if (here === null || typeof here !== "object") return undefined;
    if (!Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here;
}

/** Puts a value at a path, if there is a map or list to put it into. */
export function assignAt(
  value: unknown,
  path: Path,
  replacement: unknown,
): void {
  const parent = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  if (parent === null || typeof parent !== "object") return;
  if (key === undefined) return;
  // A key called __proto__ stays a key.
  Object.defineProperty(parent, key, {
    value: replacement,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** Takes a key out of the map at a path. Lists keep their items. */
export function removeAt(value: unknown, path: Path): void {
  const parent = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof key === "string" && isMap(parent)) delete parent[key];
}

/** Whether two paths lead to the same place. */
export function isSamePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** Whether a value is a map: an object that is no list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
