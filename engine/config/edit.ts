/**
 * Changes a document's text so that it says something else as a whole.
 *
 * @module
 */
import type { SharedMode, SharedPlace } from "./change.ts";
import { difference } from "./difference.ts";
import type { Document } from "./document.ts";
import { Editing } from "./editing.ts";
import { type Operation, plain } from "./operation.ts";
import { isEqual } from "./print_value.ts";
import { isMap, valueAt } from "./value_path.ts";

/** More operations than this replace whole sections: each may take a parse. */
const OPERATIONS_MAX = 400;

/** How often places that are shared are looked at anew. */
const ROUNDS_MAX = 50;

type Plain = Readonly<Record<string, unknown>>;

/**
 * The text of `document`, changed so that it parses to `next`. A place that is
 * shared is changed for all of its users if they are to stay alike.
 */
export function editDocument(document: Document, next: Plain): string {
  const wanted = plain(next);
  const editing = new Editing(document);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (runAll(editing, wanted)) break;
  }
  for (const operation of operations(editing.value, wanted)) {
    editing.run(operation, "override");
  }
  return editing.finish().text;
}

/** False if a place was changed for all, so that less is left to do. */
function runAll(editing: Editing, wanted: Plain): boolean {
  for (const operation of operations(editing.value, wanted)) {
    const shared = editing.run(operation, undefined);
    if (shared === undefined) continue;
    const mode = modeFor(shared, wanted);
    editing.run(operation, mode);
    if (mode === "all") return false;
  }
  return true;
}

function modeFor({ users }: SharedPlace, wanted: Plain): SharedMode {
  const [first, ...others] = users.map((path) => valueAt(wanted, path));
  return others.every((other) => isEqual(first, other)) ? "all" : "override";
}

function operations(before: unknown, wanted: Plain): readonly Operation[] {
  const found = difference(before, wanted);
  return found.length > OPERATIONS_MAX && isMap(before)
    ? found.flatMap(asSection(before, wanted))
    : found;
}

/** One operation for all that changes in a section. */
function asSection(before: Plain, wanted: Plain) {
  const seen = new Set<unknown>();
  return (operation: Operation): readonly Operation[] => {
    const [key] = operation.path;
    const isBoth = typeof key === "string" && Object.hasOwn(before, key) &&
      Object.hasOwn(wanted, key);
    if (!isBoth) return [operation];
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ do: "replace", path: [key], value: wanted[key] }];
  };
}
