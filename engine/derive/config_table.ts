/**
 * The keys of a config as a table for people.
 *
 * @module
 */
import type { AnyDefinition } from "../define.ts";
import { type FormField, formFields } from "./form.ts";
import { code, table } from "./markdown.ts";

/** One row for each key, those of inner maps included. */
export function configTable(definition: AnyDefinition): string {
  const rows = formFields(definition).flatMap(rowsOf);
  return table(["Key", "Type", "Default", "Description"], rows);
}

function rowsOf(field: FormField): string[][] {
  const own = field.key === "" ? [] : [[
    code(field.path),
    typeOf(field),
    defaultOf(field),
    descriptionOf(field),
  ]];
  return [...own, ...innerOf(field).flatMap(rowsOf)];
}

function innerOf(field: FormField): readonly FormField[] {
  return [
    ...field.fields ?? [],
    ...(field.item ? [field.item] : []),
    ...field.variants ?? [],
  ];
}

function typeOf(field: FormField): string {
  const unit = field.unit === undefined ? "" : UNITS[field.unit];
  switch (field.type) {
    case "number":
      return `${field.integer ? "whole number" : "number"}${
        bounds(field)
      }${unit}`;
    case "boolean":
      return "true or false";
    case "select":
      return (field.options ?? [])
        .map((option) => code(JSON.stringify(option))).join(", ");
    case "reference":
      return `name of a module that provides ${
        (field.services ?? []).map(code).join(" or ")
      }`;
    case "object":
      return "map";
    case "list":
      return `list of: ${field.item ? typeOf(field.item) : "anything"}`;
    case "map":
      return `map to: ${field.item ? typeOf(field.item) : "anything"}`;
    case "variants":
      return (field.variants ?? []).map(typeOf).join(", or ");
    case "json":
      return "anything";
    case "secret":
      return "string, secret";
    default:
      return field.type;
  }
}

function bounds({ minimum, maximum }: FormField): string {
  if (minimum !== undefined && maximum !== undefined) {
    return ` from ${minimum} to ${maximum}`;
  }
  if (minimum !== undefined) return ` from ${minimum}`;
  return maximum === undefined ? "" : ` up to ${maximum}`;
}

const UNITS = {
  ms: ", in milliseconds",
  s: ", in seconds",
  bytes: ", in bytes",
  // The name of the field says what it counts.
  count: "",
  "per minute": ", per minute",
} as const satisfies Record<NonNullable<FormField["unit"]>, string>;

function defaultOf(field: FormField): string {
  if (field.required) return "**required**";
  if (field.defaultValue !== undefined) {
    return code(JSON.stringify(field.defaultValue));
  }
  return field.type === "reference" && field.implied
    ? "a module that fits"
    : "";
}

function descriptionOf(field: FormField): string {
  const examples = (field.examples ?? [])
    .map((example) => code(JSON.stringify(example))).join(", ");
  const help = field.help ?? "";
  return examples === "" ? help : `${help}; for example ${examples}`;
}
