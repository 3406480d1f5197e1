/**
 * The ways in which two modules can be tied, and how an edge is cut, as changes
 * of the document. All of it follows from the words of the schemas.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { type Change, changeDocument } from "../config/change.ts";
import type { Document } from "../config/document.ts";
import { moduleEntries } from "../config/document_parts.ts";
import { dryPlan } from "../config/dry_plan.ts";
import { parse } from "../config/parse.ts";
import { parsePath } from "../config/problem.ts";
import { valueAt } from "../config/value_path.ts";
import type { PlanEdge } from "../plan.ts";
import { jsonSchema } from "./json_schema.ts";
import { labelOf } from "./label.ts";
import { type Around, type Connection, type End, fits } from "./connection.ts";
import { ITEM, type ReferenceSlot, referenceSlots } from "./reference_slots.ts";
import { sectionConnections } from "./section_connections.ts";
import { stepConnections } from "./step_connections.ts";

/**
 * The ways in which two modules can be tied, those from `source` to `target`
 * first. Each leaves the document without a new error. A pipeline is called
 * `pipeline:<id>`, as in the edges of a plan.
 */
export function connectionsBetween(
  document: Document,
  catalog: Catalog,
  source: string,
  target: string,
): readonly Connection[] {
  const { plan, problems } = dryPlan(document, catalog);
  const around = { document, catalog, plan };
  const to = endOf(around, target);
  if (to === undefined || source === target) return [];
  const from = endOf(around, source);
  const found = from === undefined ? stepConnections(around, source, to) : [
    ...sectionConnections(around, from, to),
    ...fieldConnections(from, to),
    ...sectionConnections(around, to, from),
    ...fieldConnections(to, from),
    ...dependency(from, to),
  ];
  const known = new Set(problems.map(errorText));
  return found.filter(({ changes }) => {
    const result = changeDocument(document, changes, { shared: "all" });
    if (result.shared !== undefined) return true;
    const after = parse(result.text, document.file).document;
    return after !== undefined && dryPlan(after, catalog).problems.every((
      problem,
    ) => problem.severity !== "error" || known.has(errorText(problem)));
  });
}

/**
 * The changes that take an edge of a plan out of the document: the item of a list
 * that is there for it, else the field. Nothing for an edge that is implied, since
 * the document does not say it.
 */
export function disconnect(
  document: Document,
  edge: Pick<PlanEdge, "path" | "implied">,
): readonly Change[] {
  const path = parsePath(edge.path);
  if (edge.implied && valueAt(document.value, path) === undefined) return [];
  if (typeof path.at(-1) === "number") {
    return [{ do: "remove", path, prune: true }];
  }
  // What undoes a step is nothing without what does it.
  const entry = path.at(-2) === "compensate" ? path.slice(0, -1) : path;
  const isItem = typeof path.at(-2) === "number";
  return [{
    do: "remove",
    path: isItem ? path.slice(0, -1) : entry,
    // Of a module that has no config left, the word goes as well.
    ...path[0] === "modules" ? { prune: true } : {},
  }];
}

function errorText({ code, message }: {
  readonly code: string;
  readonly message: string;
}): string {
  return `${code} ${message}`;
}

function endOf({ document, catalog }: Around, name: string): End | undefined {
  const found = moduleEntries(document).find(({ entry }) =>
    entry.name === name
  );
  const definition = catalog.modules.get(String(found?.entry.type));
  return found && definition && {
    name,
    definition,
    path: found.path,
    config: found.entry.config,
    dependsOn: Array.isArray(found.entry.dependsOn)
      ? found.entry.dependsOn
      : [],
  };
}

/** The fields of a module's config that can name the other. */
function fieldConnections(from: End, to: End): readonly Connection[] {
  return referenceSlots(jsonSchema(from.definition.config))
    .filter(({ schema }) => fits(to, schema.ref))
    .flatMap((slot) => {
      const change = fieldChange(from, to, slot);
      if (change === undefined) return [];
      const key = slot.steps.findLast((step) => step !== ITEM) ?? "";
      return [{
        id: `${from.name}.${String(key)}`,
        kind: "ref" as const,
        label: `${labelOf(String(key))} of ${from.name}`,
        help: slot.help,
        source: from.name,
        target: to.name,
        changes: [change],
        toFill: [],
      }];
    });
}

/** Of lists of maps a new item would need more than a name. */
function fieldChange(
  from: End,
  to: End,
  { steps }: ReferenceSlot,
): Change | undefined {
  const isList = steps.at(-1) === ITEM;
  const keys = isList ? steps.slice(0, -1) : steps;
  const names = keys.filter((step) => typeof step === "string");
  if (names.length !== keys.length) return undefined;
  const path = [...from.path, "config", ...names];
  const present = valueAt(from.config, names);
  if (!isList) {
    return present === to.name
      ? undefined
      : { do: "set", path, value: to.name };
  }
  return Array.isArray(present) && present.includes(to.name)
    ? undefined
    : { do: "insert", path, value: to.name };
}

function dependency(from: End, to: End): readonly Connection[] {
  const { dependsOn } = from;
  if (dependsOn.includes(to.name)) return [];
  return [{
    id: `${from.name}.dependsOn`,
    kind: "dependsOn",
    label: `${from.name} starts after ${to.name}`,
    help: "The modules that start before it",
    source: from.name,
    target: to.name,
    changes: [{
      do: "insert",
      path: [...from.path, "dependsOn"],
      value: to.name,
    }],
    toFill: [],
  }];
}
