/**
 * Renames states and transitions together with everything that refers to them.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { Change } from "./change.ts";
import type { Document } from "./document.ts";
import {
  declarationsOf,
  type Names,
  namesOf,
  type NameUse,
  usesOf,
} from "./name_uses.ts";
import { missing, set, taken } from "./rename_change.ts";
import { withSharedModes } from "./shared_modes.ts";

/** Which state or transition is renamed. */
export interface MachineRename {
  /** The name of the state machine's definition. */
  readonly definition: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Renames a state of a definition. A hook that speaks of several definitions
 * keeps the name for those that still have it.
 *
 * @throws {RangeError} if there is no such state, or the name is taken.
 */
export function renameState(
  document: Document,
  catalog: Catalog,
  rename: MachineRename,
): readonly Change[] {
  return renameScoped(document, catalog, { ...rename, scopes: ["state"] });
}

/**
 * Renames a transition of a definition, also where handlers, steps and triggers
 * fire it. Without a workflow beside it, a name counts as this definition's if no
 * other declares it.
 *
 * @throws {RangeError} if there is no such transition, or the name is taken.
 */
export function renameTransition(
  document: Document,
  catalog: Catalog,
  rename: MachineRename,
): readonly Change[] {
  const scopes = ["action", "transition"];
  return renameScoped(document, catalog, { ...rename, scopes });
}

function renameScoped(
  document: Document,
  catalog: Catalog,
  { definition, from, to, scopes }: MachineRename & {
    readonly scopes: readonly string[];
  },
): readonly Change[] {
  const names = namesOf(document, catalog);
  const own = (name: string) =>
    declarationsOf(names, scopes, name)
      .filter(({ inside }) => inside === definition);
  const [declared] = own(from);
  const kind = scopes.at(-1) ?? "";
  if (declared === undefined) return missing(kind, from);
  if (from === to) return [];
  if (own(to).length > 0) taken(kind, to);
  const meaning = {
    names,
    definition,
    from,
    isOnly: isOnly(names, scopes, from),
  };
  const changes = usesOf(names, scopes, from).flatMap((use): Change[] => {
    const means = meansOf(use, meaning);
    if (means === "this") {
      return [set(use.path, use.name.replace(/[^:]*$/, () => to))];
    }
    // Others still have the name: both are meant from now on.
    const isItem = typeof use.path.at(-1) === "number";
    return means === "several" && isItem && !use.isDefault
      ? [{ do: "insert", path: use.path.slice(0, -1), value: to }]
      : [];
  });
  return [
    ...withSharedModes(document, changes),
    { do: "rename", path: declared.path, to, shared: "all" },
  ];
}

/** Whether no other definition declares the name. */
function isOnly(
  names: Names,
  scopes: readonly string[],
  name: string,
): boolean {
  return new Set(
    declarationsOf(names, scopes, name).map(({ inside }) => inside),
  ).size === 1;
}

/** Whose state or transition a name means. */
function meansOf(
  use: NameUse,
  { names, definition, isOnly }: {
    readonly names: Names;
    readonly definition: string;
    readonly isOnly: boolean;
  },
): "this" | "other" | "several" {
  const stated = use.inside ?? use.definition ?? use.workflow;
  if (stated === definition) return "this";
  // The type of a section stands for all of its definitions.
  const isWhole = names.some(({ part }) => part.section === stated);
  if (stated !== undefined && !isWhole) return "other";
  // A default is nobody's text: what it means is said beside it.
  if (use.isDefault) return "other";
  if (isOnly) return "this";
  const around = new Set(definitionsThatUse(names, use.part.module));
  if (around.size === 0) return "several";
  return around.has(definition)
    ? around.size === 1 ? "this" : "several"
    : "other";
}

/** The definitions beside which a module is named. */
function definitionsThatUse(
  names: Names,
  module: string | undefined,
): readonly string[] {
  return names.flatMap((name) =>
    name.kind === "use" && name.scope === "module" && name.name === module &&
      module !== undefined && name.definition !== undefined
      ? [name.definition]
      : []
  );
}
