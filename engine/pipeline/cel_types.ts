/**
 * What expressions know of the values they are over: types from schemas, so that
 * a misspelt field is found when a document loads.
 *
 * @module
 */
import type { JsonSchema } from "../derive/json_schema.ts";
import type { CelType } from "../expression/environment.ts";
import type { INPUT_TYPES } from "./grammar.ts";

/** How deep fields are known; below that anything goes. */
const FIELDS_DEPTH_MAX = 8;

/** The type of what a JSON Schema describes. */
export function celTypeOf(schema: JsonSchema, depth = 0): CelType {
  switch (schema.type) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "bool";
    case "array":
      return "list";
    case "object":
      return mapType(schema, depth);
    default:
      // Alternatives, or nothing said.
      return "any";
  }
}

function mapType(schema: JsonSchema, depth: number): CelType {
  const { properties, additionalProperties } = schema;
  const isClosed = additionalProperties === false;
  if (!properties || !isClosed || depth >= FIELDS_DEPTH_MAX) return "map";
  const fields = Object.entries(properties).map(([name, part]) =>
    [name, celTypeOf(part, depth + 1)] as const
  );
  return { fields: Object.fromEntries(fields) };
}

/** The type of an input field. */
export function celTypeOfInput(type: (typeof INPUT_TYPES)[number]): CelType {
  switch (type) {
    case "boolean":
      return "bool";
    case "integer":
      return "number";
    default:
      return type;
  }
}
