/**
 * The steps of which changes are made, and what they do to plain data: that is
 * what the text must say afterwards.
 *
 * @module
 */
import { isFilled } from "./print_value.ts";
import type { Path } from "./problem.ts";
import { assignAt, isMap, valueAt } from "./value_path.ts";

/** One step; its path leads to what it changes or, of `add`, `insert` and `move`, into. */
export type Operation =
  | { readonly do: "replace"; readonly path: Path; readonly value: unknown }
  | {
    readonly do: "add";
    readonly path: Path;
    readonly entries: Readonly<Record<string, unknown>>;
  }
  | { readonly do: "remove"; readonly path: Path }
  | {
    readonly do: "insert";
    readonly path: Path;
    readonly index: number;
    readonly values: readonly unknown[];
  }
  | {
    readonly do: "move";
    readonly path: Path;
    readonly from: number;
    readonly to: number;
  }
  | { readonly do: "rename"; readonly path: Path; readonly to: string };

/** A value of its own; the root has a place as well. */
export interface Holder {
  readonly root: unknown;
}

/** The value after an operation. The value itself stays as it is. */
export function applyOperation(value: unknown, operation: Operation): unknown {
  const holder = { root: plain(value) };
  applyTo(holder, operation);
  return holder.root;
}

/** Makes an operation on what is held. */
export function applyTo(holder: Holder, operation: Operation): void {
  apply(holder, { ...operation, path: ["root", ...operation.path] });
}

/** A copy that shares nothing, as JSON has it. */
export function plain<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

function apply(value: unknown, operation: Operation): void {
  const { path } = operation;
  const target = valueAt(value, path);
  switch (operation.do) {
    case "replace":
      return assignAt(value, path, plain(operation.value));
    case "add":
      for (const [key, entry] of Object.entries(operation.entries)) {
        assignAt(value, [...path, key], plain(entry));
      }
      return;
    case "remove":
      return remove(valueAt(value, path.slice(0, -1)), path.at(-1));
    case "insert":
      return void (target as unknown[]).splice(
        operation.index,
        0,
        ...plain(operation.values),
      );
    case "move": {
      const list = target as unknown[];
      return void list.splice(
        operation.to,
        0,
        ...list.splice(operation.from, 1),
      );
    }
    case "rename":
      remove(valueAt(value, path.slice(0, -1)), path.at(-1));
      return assignAt(value, [...path.slice(0, -1), operation.to], target);
  }
}

function remove(parent: unknown, key: string | number | undefined): void {
  if (key === undefined) return;
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isMap(parent)) delete parent[key];
}

/** What becomes of a map or list of which nothing is left. */
export function emptied(value: unknown): unknown {
  return Array.isArray(value) ? [] : {};
}

/** Whether there is something at a path, even `null`. */
export function isThere(value: unknown, path: Path): boolean {
  const parent = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined) return true;
  return isFilled(parent) && Object.hasOwn(parent, key);
}
