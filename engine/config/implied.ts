/**
 * Whether a reference that the document leaves out is to be filled in.
 *
 * @module
 */
import type { JsonSchema } from "../derive/json_schema.ts";

/** Whether an absent field may stand for a module, given those beside it. */
export function isImplied(
  field: JsonSchema,
  config: Readonly<Record<string, unknown>>,
): boolean {
  if (field.implied === "never") return false;
  if (field.implied === undefined) return true;
  const sibling = config[field.implied.when];
  return sibling !== undefined && sibling !== "" && sibling !== false;
}
