/**
 * The keys of a config as a table for people.
 *
 * @module
 */
import type { AnyDefinition } from "../define.ts";
import { type FormField, formFields } from "./form.ts";
import { code, table } from "./markdown.ts";

/** One row for each key, those of inner maps included. */
export function configTable(
  definition: Pick<AnyDefinition, "config">,
): string {
  const rows = formFields(definition).flatMap((field) => rowsOf(field, ""));
  return table(["Key", "Type", "Default", "Description"], rows);
}

/** `kind` names the variant in which the field stands, if it is one of several. */
function rowsOf(field: FormField, kind: string): string[][] {
  const own = field.key === "" ? [] : [[
    kind === "" ? code(field.path) : `${code(field.path)} (${kind})`,
    typeOf(field),
    defaultOf(field),
    descriptionOf(field),
  ]];
  const inner = [...field.fields ?? [], ...(field.item ? [field.item] : [])];
  const maps = (field.variants ?? []).filter(({ type }) => type === "object");
  return [
    ...own,
    ...inner.flatMap((part) => rowsOf(part, kind)),
    ...(field.variants ?? []).flatMap((variant) =>
      rowsOf(variant, maps.length > 1 ? variant.label : kind)
    ),
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
      return [...new Set((field.variants ?? []).map(typeOf))].join(", or ");
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
  if (field.type !== "reference" || !field.implied) return "";
  return field.implied === true
    ? "a module that fits"
    : `a module that fits, with ${code(field.implied.when)}`;
}

function descriptionOf(field: FormField): string {
  const examples = (field.examples ?? [])
    .map((example) => code(JSON.stringify(example))).join(", ");
  const help = field.help ?? "";
  return examples === "" ? help : `${help}; for example ${examples}`;
}
