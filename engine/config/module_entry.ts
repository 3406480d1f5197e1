/**
 * What an entry of `modules:` is, whatever its type.
 *
 * @module
 */
import { z } from "zod";
import type { ModuleDefinition } from "../define.ts";
import { jsonSchema } from "../derive/json_schema.ts";

/** The settings in `config` are checked by the type. */
export const moduleEntry = z.strictObject({
  name: z.string().min(1).max(256).describe("What others call it"),
  type: z.string().min(1).describe("What it is"),
  config: z.record(z.string(), z.unknown()).optional().describe(
    "Its settings, which its type defines",
  ),
  dependsOn: z.array(z.string().min(1)).optional().describe(
    "The modules that start before it",
  ),
  branches: z.record(z.string(), z.string().min(1)).optional().describe(
    "The modules to which the ways of a conditional lead, by label",
  ),
});

/** The keys of an entry that have no effect for a type, and why. */
export function inertOfEntry(
  definition: ModuleDefinition | undefined,
): Readonly<Record<string, string>> {
  const keys = definition && jsonSchema(definition.config).properties;
  // What stands beside the config is as good as in it.
  if (keys && Object.hasOwn(keys, "branches")) return {};
  return { branches: "only a conditional has ways that lead to others" };
}
