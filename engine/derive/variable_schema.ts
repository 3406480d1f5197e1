/**
 * Lets a schema accept what is expanded at load: `${VAR}` and `secret://…` may
 * stand for any value, and a number or a boolean may come as a string.
 *
 * @module
 */
import type { JsonSchema } from "./json_schema.ts";
import { mapSchema } from "./map_schema.ts";

/** A regular expression for a string that is not known before it is expanded. */
const EXPANDED = "\\$\\{[A-Za-z_]|^secret://";

/** The schema of what may be written where strings are expanded. */
export function allowVariables(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, allow);
}

function allow(schema: JsonSchema): JsonSchema {
  const { oneOf, ...rest } = schema;
  // A variable may fit several branches, which `oneOf` would refuse.
  const part = oneOf ? { ...rest, anyOf: oneOf } : rest;
  if (part.enum !== undefined || part.const !== undefined) {
    return orVariable(part);
  }
  switch (part.type) {
    case "integer":
    case "number":
      return {
        ...part,
        type: [part.type, "string"],
        pattern: `^\\s*[-+]?\\d[\\d.eE+-]*\\s*$|${EXPANDED}`,
      };
    case "boolean":
      return {
        ...part,
        type: ["boolean", "string"],
        pattern: `^\\s*(true|false)\\s*$|${EXPANDED}`,
      };
    case "string":
      return part.pattern === undefined
        ? part
        : { ...part, pattern: `(?:${part.pattern})|${EXPANDED}` };
    default:
      return part;
  }
}

/** Keeps the words for people outside, where editors look for them. */
function orVariable(schema: JsonSchema): JsonSchema {
  const { type, enum: values, const: constant, ...outer } = schema;
  return {
    ...outer,
    anyOf: [
      {
        ...(type === undefined ? {} : { type }),
        ...(values === undefined ? {} : { enum: values }),
        ...(constant === undefined ? {} : { const: constant }),
      },
      { type: "string", pattern: EXPANDED },
    ],
  };
}
