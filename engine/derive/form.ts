/**
 * The fields of a property panel, from the schema of a config. Every type is
 * edited with these; none has a form of its own.
 *
 * @module
 */
import type { AnyDefinition } from "../define.ts";
import type { CelVariables } from "../expression/environment.ts";
import type { FieldMeta } from "../meta.ts";
import { type JsonSchema, jsonSchema } from "./json_schema.ts";
import { labelOf } from "./label.ts";
import { below, isSchema } from "./map_schema.ts";

/**
 * What edits a field: `object`, `list`, `map` and `variants` hold further
 * fields, `reference` names a module, `json` takes anything.
 */
export type Control =
  | "string"
  | "number"
  | "boolean"
  | "select"
  | "secret"
  | "reference"
  | "duration"
  | "path"
  | "expression"
  | "template"
  | "cron"
  | "code"
  | "url"
  | "object"
  | "list"
  | "map"
  | "variants"
  | "json";

/** One field of a form, as JSON. */
export interface FormField {
  /** The key in its map; empty for an item of a list or a map. */
  readonly key: string;
  /** From the config downwards: `routes[].path`, `pipelines.*`. */
  readonly path: string;
  readonly label: string;
  readonly type: Control;
  readonly help?: string;
  readonly required: boolean;
  /** What holds where the field is left out. */
  readonly defaultValue?: unknown;
  readonly examples?: readonly unknown[];
  /** The values to choose from. */
  readonly options?: readonly unknown[];
  readonly integer?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly unit?: FieldMeta["unit"];
  /** An `expression`: what it may speak of, where that does not hang on its place. */
  readonly variables?: CelVariables;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** A `reference`: the services of which the module must provide one, by id. */
  readonly services?: readonly string[];
  /**
   * A `reference` that is left out stands for a module that fits: always, never,
   * or where a sibling is set.
   */
  readonly implied?: boolean | { readonly when: string };
  /** Names that are declared elsewhere in the section, e.g. states. */
  readonly scope?: string;
  /** An `object`: its fields, in the order of the definition. */
  readonly fields?: readonly FormField[];
  /** A `list` or `map`: what each item is. */
  readonly item?: FormField;
  /** A `map`: the keys that it may have, where they are known. */
  readonly keys?: readonly unknown[];
  /** A `variants` field: one of these, each with a label of its own. */
  readonly variants?: readonly FormField[];
}

/** Where a field stands. */
interface Place {
  readonly key: string;
  readonly path: string;
  readonly required: boolean;
}

/** The fields of a definition's config, in its order. */
export function formFields(
  definition: Pick<AnyDefinition, "config">,
): readonly FormField[] {
  return fieldsOf(jsonSchema(definition.config), "");
}

function fieldsOf(schema: JsonSchema, path: string): readonly FormField[] {
  return Object.entries(schema.properties ?? {}).map(([key, part]) =>
    fieldOf(part, {
      key,
      path: below(path, key),
      required: schema.required?.includes(key) ?? false,
    })
  );
}

function fieldOf(written: JsonSchema, place: Place): FormField {
  const schema = withoutNull(written);
  const { examples, default: defaultValue, unit, scope, variables } = schema;
  return {
    ...place,
    label: schema.title ?? labelOf(place.key),
    type: controlOf(schema),
    ...(schema.description && { help: schema.description }),
    ...(defaultValue !== undefined && { defaultValue }),
    ...(examples && { examples }),
    ...(unit && { unit }),
    ...(scope && { scope }),
    ...(variables && { variables }),
    ...detailsOf(schema, place.path),
  };
}

function controlOf(schema: JsonSchema): Control {
  if (schema.ref) return "reference";
  if (schema.secret) return "secret";
  if (optionsOf(schema)) return "select";
  if (schema.widget) return schema.widget;
  switch (schema.type) {
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
      return schema.type;
    case "array":
      return isSchema(schema.items) ? "list" : "json";
    case "object":
      if (schema.properties) return "object";
      return isSchema(schema.additionalProperties) ? "map" : "json";
    default:
      return choicesOf(schema).length > 0 ? "variants" : "json";
  }
}

function detailsOf(schema: JsonSchema, path: string): Partial<FormField> {
  switch (controlOf(schema)) {
    case "reference":
      return {
        services: schema.ref ?? [],
        implied: impliedOf(schema, path),
      };
    case "select":
      return { options: optionsOf(schema) ?? [] };
    case "number":
      return {
        integer: schema.type === "integer",
        ...numberBounds(schema),
      };
    case "object":
      return { fields: fieldsOf(schema, path) };
    case "list":
      return { ...listBounds(schema), ...itemOf(schema.items, `${path}[]`) };
    case "map":
      return {
        ...itemOf(schema.additionalProperties, below(path, "*")),
        ...(schema.propertyNames?.enum && { keys: schema.propertyNames.enum }),
      };
    case "variants":
      return {
        variants: choicesOf(schema).map((choice) => variantOf(choice, path)),
      };
    case "json":
    case "boolean":
      return {};
    default:
      return textBounds(schema);
  }
}

/** Only the keys at the top of a config are filled in. */
function impliedOf(
  { implied }: JsonSchema,
  path: string,
): boolean | { readonly when: string } {
  if (implied === "never" || /[.[]/.test(path)) return false;
  return implied ?? true;
}

function itemOf(schema: unknown, path: string): Partial<FormField> {
  if (!isSchema(schema)) return {};
  return { item: fieldOf(schema, { key: "", path, required: true }) };
}

/** A variant is called after its title, its constant, or what edits it. */
function variantOf(schema: JsonSchema, path: string): FormField {
  const field = fieldOf(schema, { key: "", path, required: true });
  if (schema.title) return field;
  const constant = Object.values(schema.properties ?? {})
    .find((part) => part.const !== undefined)?.const;
  return { ...field, label: labelOf(String(constant ?? field.type)) };
}

/** The values of a closed list, also where it is written as alternatives. */
function optionsOf(schema: JsonSchema): readonly unknown[] | undefined {
  if (schema.enum) return schema.enum;
  if (schema.const !== undefined) return [schema.const];
  const choices = choicesOf(schema);
  if (choices.length === 0) return undefined;
  const options = choices.map(optionsOf);
  return options.every((option) => option !== undefined)
    ? options.flat()
    : undefined;
}

function choicesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

/** An empty field says `null`; no control is needed for it. */
function withoutNull(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== "null");
    return types.length === 1 ? { ...schema, type: types[0] } : schema;
  }
  const choices = choicesOf(schema);
  const kept = choices.filter(({ type }) => type !== "null");
  if (kept.length === choices.length) return schema;
  const { anyOf: _, oneOf: __, ...outer } = schema;
  const [only] = kept;
  return kept.length === 1 ? { ...only, ...outer } : { ...outer, anyOf: kept };
}

function numberBounds(schema: JsonSchema): Partial<FormField> {
  const { minimum, maximum } = schema;
  return {
    ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER &&
      { minimum }),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER &&
      { maximum }),
  };
}

function textBounds(schema: JsonSchema): Partial<FormField> {
  const { minLength, maxLength, pattern } = schema;
  return {
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(pattern !== undefined && { pattern }),
  };
}

function listBounds(schema: JsonSchema): Partial<FormField> {
  const { minItems, maxItems } = schema;
  return {
    ...(minItems !== undefined && { minItems }),
    ...(maxItems !== undefined && { maxItems }),
  };
}
