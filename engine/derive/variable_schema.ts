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

/** A regular expression for a string that a run works out. */
const EXPRESSION = "\\$\\{\\{";

/**
 * The schema of what may be written where a run works values out: `${{ … }}` may
 * stand for any value, and `${VAR}` is expanded before.
 */
export function allowExpressions(schema: JsonSchema): JsonSchema {
  const { properties, ...rest } = allowVariables(schema);
  return {
    ...rest,
    ...properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, part]) =>
          [key, mapSchema(part, orExpression)] as const
        ),
      ),
    },
  };
}

/** A text that is free may hold one anyway. */
function orExpression(schema: JsonSchema): JsonSchema {
  const { description, default: preset, examples, ...rules } = schema;
  const isFree = rules.type === "string" && rules.pattern === undefined &&
    rules.enum === undefined && rules.maxLength === undefined;
  if (isFree || Object.keys(rules).length === 0) return schema;
  return {
    ...description === undefined ? {} : { description },
    ...preset === undefined ? {} : { default: preset },
    ...examples === undefined ? {} : { examples },
    anyOf: [rules, { type: "string", pattern: EXPRESSION }],
  };
}
