/**
 * The parts of a document that a definition describes, as they are written: what
 * looks for names in a document walks these.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { type JsonSchema, jsonSchema } from "../derive/json_schema.ts";
import type { Document } from "./document.ts";
import type { Path } from "./problem.ts";
import { pipelineSteps } from "./pipeline_steps.ts";
import { isMap, valueAt } from "./value_path.ts";

/** A part of a document with its schema. */
export interface DocumentPart {
  readonly schema: JsonSchema;
  /** As it is written: neither expanded nor filled up. */
  readonly value: unknown;
  readonly path: Path;
  /** The module whose config it is. */
  readonly module?: string;
  /** The key of a part of `workflows:` or `triggers:`. */
  readonly section?: string;
}

/** Every part whose type is known. */
export function documentParts(
  document: Document,
  catalog: Catalog,
): readonly DocumentPart[] {
  return [
    ...moduleConfigs(document, catalog),
    ...defaultConfigs(document, catalog),
    ...sections(document, catalog, "workflows"),
    ...sections(document, catalog, "triggers"),
    ...stepInputs(document, catalog),
  ];
}

/** The entries of `modules:` that are maps, with where they stand. */
export function moduleEntries(
  document: Document,
): readonly {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly path: Path;
}[] {
  const entries = valueAt(document.value, ["modules"]);
  return (Array.isArray(entries) ? entries : []).flatMap((entry, index) =>
    isMap(entry) ? [{ entry, path: ["modules", index] }] : []
  );
}

function moduleConfigs(
  document: Document,
  { modules }: Catalog,
): readonly DocumentPart[] {
  return moduleEntries(document).flatMap(({ entry, path }) => {
    const { type, name } = entry;
    const definition = modules.get(String(type));
    return definition === undefined || typeof name !== "string" ? [] : [{
      schema: jsonSchema(definition.config),
      value: entry.config ?? {},
      path: [...path, "config"],
      module: name,
    }];
  });
}

/** Keys at the top of a document that hold the default config of a type. */
function defaultConfigs(
  document: Document,
  { modules }: Catalog,
): readonly DocumentPart[] {
  return [...modules.values()].flatMap(({ section, config }) => {
    const value = section && valueAt(document.value, [section]);
    return section === undefined || !isMap(value)
      ? []
      : [{ schema: jsonSchema(config), value, path: [section] }];
  });
}

function sections(
  document: Document,
  catalog: Catalog,
  kind: "workflows" | "triggers",
): readonly DocumentPart[] {
  const written = valueAt(document.value, [kind]);
  return Object.entries(isMap(written) ? written : {}).flatMap(
    ([type, value]) => {
      const definition = catalog[kind].get(type);
      return definition === undefined ? [] : [{
        schema: jsonSchema(definition.config),
        value,
        path: [kind, type],
        section: type,
      }];
    },
  );
}

/** What steps of pipelines are given. */
function stepInputs(
  document: Document,
  catalog: Catalog,
): readonly DocumentPart[] {
  const types = new Map(
    moduleEntries(document).map(({ entry }) => [entry.name, entry.type]),
  );
  return pipelineSteps(document).flatMap(({ step, path }) => {
    const { use, with: value } = step;
    if (typeof use !== "string" || value === undefined) return [];
    const action = /^module:(.+)\.([^.]+)$/.exec(use);
    const type = String(types.get(action?.[1] ?? ""));
    const input = action === null
      ? catalog.steps.get(use)?.config
      : catalog.modules.get(type)?.actions?.[action[2] ?? ""]?.input;
    return input === undefined
      ? []
      : [{ schema: jsonSchema(input), value, path: [...path, "with"] }];
  });
}
