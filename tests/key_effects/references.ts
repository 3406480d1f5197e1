/**
 * Fields that name modules: documents in which they can name another one.
 *
 * @module
 */
import type { Catalog } from "../../engine/catalog.ts";
import type { JsonSchema } from "../../engine/derive/json_schema.ts";
import { schemaParts } from "../../engine/derive/map_schema.ts";
import type { DocumentData } from "./places.ts";

/** The services of which a field names a module; of a list, its items. */
export function refersTo(schema: JsonSchema): readonly string[] {
  return [...schemaParts(schema)].flatMap(({ schema: { ref } }) => ref ?? []);
}

/** A document with a twin of a module that provides one of some services. */
export interface WithTwin {
  readonly document: DocumentData;
  readonly name: string;
  readonly twin: string;
}

/** One document for each module that fits; if none does, for some that are added. */
export function withTwins(
  document: DocumentData,
  services: readonly string[],
  catalog: Catalog,
): readonly WithTwin[] {
  const modules: readonly Module[] = Array.isArray(document.modules)
    ? document.modules
    : [];
  const fits = (type: string) =>
    catalog.modules.get(type)?.provides.some(({ id }) => services.includes(id));
  const fitting = modules.filter(({ type }) => fits(type));
  const added = [...catalog.modules.keys()].filter(fits)
    .map((type) => ({ name: "added", type }));
  return [
    ...fitting.map((module) => [module, modules] as const),
    ...added.map((module) => [module, [...modules, module]] as const),
  ].map(([module, all]) => {
    const twin = { ...module, name: `${module.name}-twin` };
    return {
      name: module.name,
      twin: twin.name,
      document: { ...document, modules: [...all, twin] },
    };
  });
}

interface Module {
  readonly name: string;
  readonly type: string;
}
