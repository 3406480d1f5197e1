/**
 * A value that a schema accepts, for inputs of actions.
 *
 * @module
 */
import type { JsonValue } from "../../engine/define.ts";
import type { JsonSchema } from "../../engine/derive/json_schema.ts";
import { isSchema, variantsOf } from "../../engine/derive/map_schema.ts";

/** What is sent wherever an application takes anything. */
export const PAYLOAD = {
  id: "1",
  name: "lamp",
  type: "lamp",
  status: "ok",
  state: "new",
  amount: 5,
  text: "hello",
  ok: true,
} as const;

/** Every key of a map is given. */
export function sample(schema: JsonSchema, name = "lamp"): JsonValue {
  const [variant] = variantsOf(schema);
  if (variant !== undefined) return sample(variant, name);
  const known = schema.const ?? schema.enum?.[0] ?? schema.examples?.[0] ??
    schema.default;
  if (known !== undefined) return known as JsonValue;
  switch (schema.type) {
    case "boolean":
      return true;
    case "integer":
    case "number":
      return Math.max(1, schema.minimum ?? 1);
    case "string":
      return name === "id" ? PAYLOAD.id : name;
    case "array":
      return isSchema(schema.items) ? [sample(schema.items)] : [];
    case "object":
      return schema.properties === undefined ? PAYLOAD : Object.fromEntries(
        Object.entries(schema.properties)
          .map(([key, part]) => [key, sample(part, key)]),
      );
    default:
      return PAYLOAD;
  }
}
