/**
 * Keeps references that a document leaves out: where a change of names would let
 * them mean another module, the module is named.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { jsonSchema } from "../derive/json_schema.ts";
import { type Change, changeDocument } from "./change.ts";
import type { Document } from "./document.ts";
import { dryPlan } from "./dry_plan.ts";
import { parse } from "./parse.ts";
import { formatPath, type Path } from "./problem.ts";
import { isThere } from "./operation.ts";

/** The changes, and those that name what was implied. */
export function keepImplied(
  document: Document,
  catalog: Catalog,
  { changes, nameOf }: {
    readonly changes: readonly Change[];
    /** What a module is called afterwards. */
    readonly nameOf: (name: string) => string;
  },
): readonly Change[] {
  const changed = changeDocument(document, changes);
  if (changed.shared !== undefined) return changes;
  const { document: after } = parse(changed.text, document.file);
  if (after === undefined) return changes;
  const now = impliedNames(after, catalog);
  const kept = [...impliedNames(document, catalog)].flatMap(
    ([place, { path, name }]): Change[] =>
      now.get(place)?.name === nameOf(name)
        ? []
        : [{ do: "set", path, value: nameOf(name), shared: "override" }],
  );
  return [...changes, ...kept];
}

interface Implied {
  readonly path: Path;
  readonly name: string;
}

/** The modules that references at the top of a config stand for. */
function impliedNames(
  document: Document,
  catalog: Catalog,
): ReadonlyMap<string, Implied> {
  const { plan: planned } = dryPlan(document, catalog);
  const parts = [
    ...planned.modules.map((part) => ({
      ...part,
      path: [...part.path, "config"],
    })),
    ...planned.sections,
  ];
  return new Map(parts.flatMap(({ definition, config, path }) => {
    const { properties = {} } = jsonSchema(definition.config);
    return Object.entries(properties).flatMap(([key, field]) => {
      const name = config[key];
      const place = [...path, key];
      return field.ref === undefined || typeof name !== "string" ||
          isThere(document.value, place)
        ? []
        : [[formatPath(place), { path: place, name }] as const];
    });
  }));
}
