/**
 * Changes a name together with everything that refers to it. What refers to it is
 * read from the schemas; texts in expressions, topics and files are not looked
 * into.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { Change } from "./change.ts";
import { PIPELINE_ID } from "../pipeline/grammar.ts";
import type { Document } from "./document.ts";
import { moduleEntries } from "./document_parts.ts";
import { keepImplied } from "./keep_implied.ts";
import { declarationsOf, namesOf, usesOf } from "./name_uses.ts";
import { missing, mustFit, set, taken } from "./rename_change.ts";
import type { Path } from "./problem.ts";
import { pipelineSteps } from "./pipeline_steps.ts";
import { withSharedModes } from "./shared_modes.ts";
import { isMap, valueAt } from "./value_path.ts";

/**
 * Renames a module, in `modules:` and wherever a field, a dependency or a step
 * names it. Further names that it gives itself stay. A reference that is left
 * out and would come to mean another module is written down.
 *
 * @throws {RangeError} if there is no such module, or the name is taken.
 */
export function renameModule(
  document: Document,
  catalog: Catalog,
  from: string,
  to: string,
): readonly Change[] {
  const entries = moduleEntries(document);
  if (!entries.some(({ entry }) => entry.name === from)) {
    missing("module", from);
  }
  if (entries.some(({ entry }) => entry.name === to)) taken("module", to);
  if (from === to) return [];
  const changes = [
    ...entries.flatMap(({ entry, path }) => [
      ...entry.name === from ? [set([...path, "name"], to)] : [],
      ...renamedTexts(entry.dependsOn, [...path, "dependsOn"], from, to),
      ...renamedTexts(entry.branches, [...path, "branches"], from, to),
    ]),
    ...namesOf(document, catalog).flatMap((name) => {
      if (name.kind !== "use" || name.isDefault) return [];
      if (name.scope === "module" && name.name === from) {
        return [set(name.path, to)];
      }
      return name.scope === "action" && name.name.startsWith(`${from}:`)
        ? [set(name.path, to + name.name.slice(from.length))]
        : [];
    }),
    ...renamedUses(document, { from: "module", name: from }, to),
    ...renamedUses(document, { from: "component", name: from }, to),
  ];
  return keepImplied(document, catalog, {
    changes: withSharedModes(document, changes),
    nameOf: (name) => name === from ? to : name,
  });
}

/**
 * Renames a pipeline, in `pipelines:` or where a section makes it.
 *
 * @throws {RangeError} if there is no such pipeline, or it cannot have the name.
 */
export function renamePipeline(
  document: Document,
  catalog: Catalog,
  from: string,
  to: string,
): readonly Change[] {
  const names = namesOf(document, catalog);
  const pipelines = valueAt(document.value, ["pipelines"]);
  const isOwn = isMap(pipelines) && Object.hasOwn(pipelines, from);
  const made = declarationsOf(names, ["pipeline"], from);
  if (!isOwn && made.length === 0) missing("pipeline", from);
  const isTaken = (isMap(pipelines) && Object.hasOwn(pipelines, to)) ||
    declarationsOf(names, ["pipeline", "workflow"], to).length > 0;
  if (isTaken) taken("pipeline", to);
  mustFit("pipeline", to, PIPELINE_ID);
  const changes = [
    ...made.map(({ path }) => set(path, to)),
    ...usesOf(names, ["pipeline", "workflow"], from)
      .map(({ path }) => set(path, to)),
    ...renamedUses(document, { from: "pipeline", name: from }, to),
  ];
  const key: Change = { do: "rename", path: ["pipelines", from], to };
  return [...withSharedModes(document, changes), ...isOwn ? [key] : []];
}

/**
 * Renames a state machine's definition.
 *
 * @throws {RangeError} if there is no such definition, or the name is taken.
 */
export function renameDefinition(
  document: Document,
  catalog: Catalog,
  from: string,
  to: string,
): readonly Change[] {
  const names = namesOf(document, catalog);
  const declared = declarationsOf(names, ["workflow"], from);
  if (declared.length === 0) missing("definition", from);
  if (declarationsOf(names, ["workflow", "pipeline"], to).length > 0) {
    taken("definition", to);
  }
  const used = usesOf(names, ["workflow", "definition"], from);
  return withSharedModes(
    document,
    [...declared, ...used].map(({ path }) => set(path, to)),
  );
}

/** What steps use: `pipeline:<name>`, `component:<name>`, `module:<name>.<action>`. */
function renamedUses(
  document: Document,
  { from, name }: { readonly from: string; readonly name: string },
  to: string,
): readonly Change[] {
  const old = `${from}:${name}`;
  return pipelineSteps(document).flatMap(({ step: { use }, path }) => {
    if (typeof use !== "string" || !use.startsWith(old)) return [];
    const rest = use.slice(old.length);
    // A name may have dots of its own; an action has none.
    const isMeant = from === "module" ? /^\.[^.]+$/.test(rest) : rest === "";
    return isMeant ? [set([...path, "use"], `${from}:${to}${rest}`)] : [];
  });
}

/** Every text below a value that is a name. */
function renamedTexts(
  value: unknown,
  path: Path,
  from: string,
  to: string,
): readonly Change[] {
  if (value === from) return [set(path, to)];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) =>
    renamedTexts(
      item,
      [...path, Array.isArray(value) ? Number(key) : key],
      from,
      to,
    )
  );
}
