/**
 * The places of a schema at which a module can be named, whether or not a config
 * has them yet.
 *
 * @module
 */
import { isSchema, variantsOf } from "./map_schema.ts";
import type { JsonSchema } from "./json_schema.ts";

/** Stands for any item of a list. */
export const ITEM = Symbol("item");

/** A place that can name a module. */
export interface ReferenceSlot {
  /** From the config downwards. */
  readonly steps: readonly (string | typeof ITEM)[];
  /** The schema of the name. */
  readonly schema: JsonSchema;
  /** The schema of the map in which the field stands. */
  readonly map: JsonSchema;
  /** The description of the field. */
  readonly help: string;
}

/** Every slot of a schema, in its order. Maps with any keys are passed over. */
export function referenceSlots(schema: JsonSchema): readonly ReferenceSlot[] {
  return [...walk(schema, [], { map: schema, help: "" })];
}

function* walk(
  schema: JsonSchema,
  steps: ReferenceSlot["steps"],
  around: Pick<ReferenceSlot, "map" | "help">,
): Generator<ReferenceSlot> {
  if (schema.ref !== undefined) yield { steps, schema, ...around };
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const help = field.description ?? "";
    yield* walk(field, [...steps, key], { map: schema, help });
  }
  if (isSchema(schema.items)) {
    yield* walk(schema.items, [...steps, ITEM], around);
  }
  for (const part of variantsOf(schema)) yield* walk(part, steps, around);
}
