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

/** So much text is parsed while it changes; then whole sections are printed. */
const PARSED_CHARACTERS_MAX = 4_000_000;

/** More sections than this are printed as one. */
const SECTIONS_MAX = 20;

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
  for (const operation of sectionsBetween(editing.value, wanted)) {
    editing.run(operation, "override");
  }
  return editing.finish().text;
}

/** False if a place was changed for all, so that less is left to do. */
function runAll(editing: Editing, wanted: Plain): boolean {
  for (const operation of difference(editing.value, wanted)) {
    if (editing.parsedCharacters > PARSED_CHARACTERS_MAX) return true;
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

/** What still differs, a section at a time. */
function sectionsBetween(
  before: unknown,
  wanted: Plain,
): readonly Operation[] {
  const found = difference(before, wanted);
  if (!isMap(before) || found.length === 0) return found;
  const keys = new Set(found.map(({ path: [key] }) => key));
  if (keys.size > SECTIONS_MAX) {
    return [{ do: "replace", path: [], value: wanted }];
  }
  const own = found.filter(({ do: what, path }) =>
    path.length === (what === "remove" ? 1 : 0)
  );
  const inner = Object.keys(before)
    .filter((key) => keys.has(key) && Object.hasOwn(wanted, key))
    .map((key): Operation => ({
      do: "replace",
      path: [key],
      value: wanted[key],
    }));
  return [...inner, ...own];
}
