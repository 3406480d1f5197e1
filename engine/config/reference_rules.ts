/**
 * What the words of a reference mean: who fits, when it may be left out, and
 * what its edge is called.
 *
 * @module
 */
import type { JsonSchema } from "../derive/json_schema.ts";
import type { EdgeMeta } from "../meta.ts";
import type { Reference } from "./references.ts";
import type { ModuleConfig } from "./validate.ts";

/** Whether a module provides one of some services. */
export function provides(
  module: ModuleConfig,
  services: readonly string[] | undefined,
): boolean {
  return module.definition.provides.some(({ id }) => services?.includes(id));
}

/** Whether an absent reference stands for a module that fits. */
export function isImplied(
  field: JsonSchema,
  config: Readonly<Record<string, unknown>>,
): boolean {
  if (field.implied === "never") return false;
  if (field.implied === undefined) return true;
  const sibling = config[field.implied.when];
  return sibling !== undefined && sibling !== "" && sibling !== false;
}

/** What an edge carries, from the fields beside the reference. */
export function labelOf(edge: EdgeMeta, reference: Reference): string {
  return (edge.label ?? [])
    .map((key) => reference.siblings[key])
    .filter((value) => value !== undefined)
    .map((value) => Array.isArray(value) ? value.join(", ") : String(value))
    .join(" ");
}
