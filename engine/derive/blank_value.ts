/**
 * A value to begin with, from a schema: what is required, with examples where
 * nothing else is known. People are asked to look at it.
 *
 * @module
 */
import { isSchema, variantsOf } from "./map_schema.ts";
import type { JsonSchema } from "./json_schema.ts";
import type { Path } from "../config/problem.ts";

/** What is known of the value that is made. */
export interface BlankOptions {
  /** The module for which it is made, to name things after. */
  readonly name: string;
  /** Values of required fields that are known, by key. */
  readonly known: Readonly<Record<string, unknown>>;
}

/** A value, and where in it something was made up. */
export interface Blank {
  readonly value: unknown;
  readonly madeUp: readonly Path[];
}

/** A map with its required fields; `undefined` if a module cannot be made up. */
export function blankMap(
  schema: JsonSchema,
  options: BlankOptions,
): Blank | undefined {
  const value: Record<string, unknown> = {};
  const madeUp: Path[] = [];
  // In the order of the definition.
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(options.known, key)) {
      value[key] = options.known[key];
      continue;
    }
    if (!schema.required?.includes(key)) continue;
    const inner = blank(field, { ...options, known: {} });
    if (inner === undefined) return undefined;
    value[key] = inner.value;
    madeUp.push(...inner.madeUp.map((path) => [key, ...path]));
  }
  return { value, madeUp };
}

function blank(schema: JsonSchema, options: BlankOptions): Blank | undefined {
  if (schema.ref !== undefined) return undefined;
  if (schema.properties !== undefined) return blankMap(schema, options);
  const [variant] = variantsOf(schema);
  if (variant !== undefined) return blank(variant, options);
  if (schema.type === "array") return blankList(schema, options);
  return { value: blankScalar(schema, options), madeUp: [[]] };
}

function blankList(
  schema: JsonSchema,
  options: BlankOptions,
): Blank | undefined {
  const [example] = schema.examples ?? [];
  if (example !== undefined) return { value: example, madeUp: [[]] };
  if ((schema.minItems ?? 0) === 0 || !isSchema(schema.items)) {
    return { value: [], madeUp: [] };
  }
  const item = blank(schema.items, options);
  return item && {
    value: [item.value],
    madeUp: item.madeUp.map((path) => [0, ...path]),
  };
}

function blankScalar(
  { const: only, enum: choices, examples, type, widget, minimum }: JsonSchema,
  { name }: BlankOptions,
): unknown {
  if (only !== undefined) return only;
  if (choices !== undefined) return choices[0];
  const [example] = examples ?? [];
  // A path after the module is more use than that of an example.
  if (typeof example === "string" && example.startsWith("/")) return `/${name}`;
  if (example !== undefined) return example;
  if (widget === "duration") return "1m";
  switch (type) {
    case "integer":
    case "number":
      return Math.max(minimum ?? 0, 0);
    case "boolean":
      return false;
    case "object":
      return {};
    default:
      return name;
  }
}
