/**
 * What a builder can put on its canvas, with the form of each type.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { ModuleDefinition, Stability } from "../define.ts";
import { type FormField, formFields } from "./form.ts";
import { jsonSchema } from "./json_schema.ts";
import { labelOf } from "./label.ts";

/** One module type, as JSON. */
export interface PaletteEntry {
  readonly type: string;
  /** The title of the definition's config, else the type in words. */
  readonly label: string;
  /** The first part of the type. */
  readonly category: string;
  readonly summary: string;
  readonly stability: Stability;
  /** The services that it provides, by id. */
  readonly provides: readonly string[];
  readonly configFields: readonly FormField[];
}

/** Every module type of a catalog, in order of type. */
export function palette(catalog: Catalog): readonly PaletteEntry[] {
  return [...catalog.modules.values()].map(paletteEntry);
}

function paletteEntry(definition: ModuleDefinition): PaletteEntry {
  const { type, summary, stability, provides } = definition;
  return {
    type,
    label: jsonSchema(definition.config).title ?? labelOf(type),
    category: type.split(".")[0] ?? type,
    summary,
    stability,
    provides: provides.map(({ id }) => id),
    configFields: formFields(definition),
  };
}
