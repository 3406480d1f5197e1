/**
 * What a change comes to on a given value: nothing, if that already is so.
 *
 * @module
 */
import type { Change } from "./change.ts";
import { difference } from "./difference.ts";
import { isThere, type Operation } from "./operation.ts";
import { isFilled } from "./print_value.ts";
import { formatPath, type Path } from "./problem.ts";
import { isMap, valueAt } from "./value_path.ts";

/**
 * The operations of a change, for one after the other.
 *
 * @throws {RangeError} if there is no such place.
 */
export function requestedOperations(
  value: unknown,
  change: Change,
): readonly Operation[] {
  switch (change.do) {
    case "set":
      return set(value, change.path, change.value);
    case "remove":
      return remove(value, change.path, change.prune ?? false);
    case "insert":
      return insert(value, change);
    case "move":
      return move(value, change);
    case "rename":
      return rename(value, change);
  }
}

function set(
  value: unknown,
  path: Path,
  wanted: unknown,
): readonly Operation[] {
  for (const [depth, part] of path.entries()) {
    const place = path.slice(0, depth);
    const here = valueAt(value, place);
    const below = () => built(path.slice(depth + 1), wanted);
    if (here === null || here === undefined) {
      return [{
        do: "replace",
        path: place,
        value: built(path.slice(depth), wanted),
      }];
    }
    if (Array.isArray(here)) {
      const index = Number(part);
      if (index === here.length) {
        return [{ do: "insert", path: place, index, values: [below()] }];
      }
      if (!isThere(value, [...place, part])) refuse("set", path, place);
    } else if (!isMap(here)) {
      refuse("set", path, place);
    } else if (!Object.hasOwn(here, part)) {
      return [{ do: "add", path: place, entries: entry(part, below()) }];
    }
  }
  return difference(valueAt(value, path), wanted, path);
}

/** The value with all that has to be around it. */
function built(path: Path, value: unknown): unknown {
  return path.reduceRight((inner, part) => {
    if (typeof part !== "number") return entry(part, inner);
    if (part !== 0) refuse("set", path, path);
    return [inner];
  }, value);
}

function entry(key: string | number, value: unknown): Record<string, unknown> {
  return Object.fromEntries([[String(key), value]]);
}

function remove(
  value: unknown,
  path: Path,
  prune: boolean,
): readonly Operation[] {
  if (path.length === 0) throw new RangeError("Cannot remove a whole document");
  if (!isThere(value, path)) return [];
  const parent = valueAt(value, path.slice(0, -1)) as object;
  return prune && path.length > 1 && Object.keys(parent).length === 1
    ? remove(value, path.slice(0, -1), prune)
    : [{ do: "remove", path }];
}

function insert(
  value: unknown,
  { path, index, value: item }: Extract<Change, { do: "insert" }>,
): readonly Operation[] {
  const list = valueAt(value, path);
  if (list === undefined || list === null) return set(value, path, [item]);
  if (!Array.isArray(list)) return refuse("insert", path, path);
  const at = Math.min(Math.max(index ?? list.length, 0), list.length);
  return [{ do: "insert", path, index: at, values: [item] }];
}

function move(
  value: unknown,
  { path, from, to }: Extract<Change, { do: "move" }>,
): readonly Operation[] {
  const list = valueAt(value, path);
  const isInside = (index: number) =>
    Array.isArray(list) && Number.isInteger(index) && index >= 0 &&
    index < list.length;
  if (!isInside(from) || !isInside(to)) return refuse("move", path, path);
  return from === to ? [] : [{ do: "move", path, from, to }];
}

function rename(
  value: unknown,
  { path, to }: Extract<Change, { do: "rename" }>,
): readonly Operation[] {
  const parent = valueAt(value, path.slice(0, -1));
  if (!isMap(parent) || !isThere(value, path)) {
    return refuse("rename", path, path);
  }
  if (path.at(-1) === to) return [];
  if (isFilled(parent) && Object.hasOwn(parent, to)) {
    throw new RangeError(
      `Cannot rename ${formatPath(path)}: "${to}" is there already`,
    );
  }
  return [{ do: "rename", path, to }];
}

function refuse(verb: string, path: Path, place: Path): never {
  throw new RangeError(
    `Cannot ${verb} ${formatPath(path)}: ${
      formatPath(place) || "the document"
    } has no such place`,
  );
}
