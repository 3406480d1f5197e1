/**
 * The operations of a transformation: what each takes, and what it does. Fields
 * are always an object's own, so that no name reaches what it inherits.
 *
 * @module
 */
import { messageOf, TerminalError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";
import type { TransformOperation } from "@engine/services/transformer.ts";
import { z } from "zod";

/** A value that survives `JSON.stringify` and back. */
export type JsonValue = Message["payload"];

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, JsonValue | undefined>>;

const extract = z.strictObject({
  type: z.literal("extract").describe("What the operation does"),
  config: z.strictObject({
    path: z.string().regex(
      /^[^.]+(\.[^.]+)*$/,
      'Expected names and list indexes joined by dots, such as "items.0.sku"',
    ).describe("Names of fields and indexes of lists, joined by dots"),
  }).describe("Where the value stands"),
}).describe("Takes one value out of the data");

const map = z.strictObject({
  type: z.literal("map").describe("What the operation does"),
  config: z.strictObject({
    mappings: z.record(z.string(), z.string()).refine(
      (mappings) => Object.keys(mappings).length > 0,
      "Expected at least one field to rename",
    ).describe("Old names with the new ones"),
  }).describe("What to rename"),
}).describe("Renames fields and keeps all others");

const filter = z.strictObject({
  type: z.literal("filter").describe("What the operation does"),
  config: z.strictObject({
    fields: z.array(z.string()).min(1).describe("The names to keep"),
  }).describe("What to keep"),
}).describe("Keeps the listed fields and drops all others");

const form = z.enum(["json", "string"]);

const convert = z.strictObject({
  type: z.literal("convert").describe("What the operation does"),
  config: z.strictObject({
    from: form.describe("What the data is: a value, or JSON text"),
    to: form.describe("What it becomes"),
  }).refine(
    ({ from, to }) => from === "json" || to === "json",
    'Expected "json" on at least one side',
  ).describe("From which form to which"),
}).describe("Turns a value into JSON text, or JSON text into a value");

/** One operation. */
export const operation = z.discriminatedUnion("type", [
  extract,
  map,
  filter,
  convert,
]);

/** A checked operation. */
export type Operation = z.output<typeof operation>;

/** Checks operations that come from code instead of a document. */
export function checkOperations(
  operations: readonly TransformOperation[],
): readonly Operation[] {
  return operations.map((given, index) => {
    const parsed = operation.safeParse(given);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const place = issue?.path.join(".") || "type";
    throw failure(index, given.type, `${place}: ${issue?.message}`);
  });
}

/**
 * Runs operations, each on the result of the one before.
 *
 * @throws {TerminalError} naming the operation that failed, by index and type.
 */
export function runOperations(
  operations: readonly Operation[],
  data: JsonValue,
): JsonValue {
  let result = data;
  for (const [index, operation] of operations.entries()) {
    try {
      result = run(operation, result);
    } catch (error) {
      throw failure(index, operation.type, messageOf(error), error);
    }
  }
  return result;
}

function failure(
  index: number,
  type: string,
  fault: string,
  cause?: unknown,
): TerminalError {
  return new TerminalError(
    `Cannot run operation ${index} ("${type}"): ${fault}`,
    { cause },
  );
}

function run(operation: Operation, data: JsonValue): JsonValue {
  switch (operation.type) {
    case "extract":
      return valueAt(data, operation.config.path);
    case "map":
      return renamed(fieldsOf(data), operation.config.mappings);
    case "filter":
      return kept(fieldsOf(data), operation.config.fields);
    case "convert":
      return converted(data, operation.config);
  }
}

function valueAt(data: JsonValue, path: string): JsonValue {
  let value: JsonValue | undefined = data;
  for (const step of path.split(".")) {
    if (Array.isArray(value)) {
      const items: readonly JsonValue[] = value;
      value = /^\d+$/.test(step) ? items[Number(step)] : undefined;
    } else if (isFields(value)) {
      value = Object.hasOwn(value, step) ? value[step] : undefined;
    } else {
      value = undefined;
    }
    if (value === undefined) {
      throw new RangeError(`There is no "${step}" on the way to "${path}"`);
    }
  }
  return value;
}

function renamed(
  fields: Fields,
  mappings: Readonly<Record<string, string>>,
): Fields {
  const result = new Map<string, JsonValue | undefined>();
  const isRenamed = (name: string) => Object.hasOwn(mappings, name);
  for (const [name, value] of Object.entries(fields)) {
    if (!isRenamed(name)) result.set(name, value);
  }
  // Afterwards: a field that is renamed replaces one that has the name already.
  for (const [name, value] of Object.entries(fields)) {
    if (isRenamed(name)) result.set(mappings[name] ?? name, value);
  }
  return Object.fromEntries(result);
}

function kept(fields: Fields, names: readonly string[]): Fields {
  const wanted = new Set(names);
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => wanted.has(name)),
  );
}

function converted(
  data: JsonValue,
  { from, to }: { readonly from: string; readonly to: string },
): JsonValue {
  if (from === "json") {
    const text = JSON.stringify(data);
    return to === "string" ? text : JSON.parse(text);
  }
  if (typeof data !== "string") {
    throw new TypeError(`Expected JSON text, found ${kindOf(data)}`);
  }
  try {
    return JSON.parse(data);
  } catch {
    throw new SyntaxError("Expected JSON text, found text that is no JSON");
  }
}

function fieldsOf(data: JsonValue): Fields {
  if (isFields(data)) return data;
  throw new TypeError(`Expected an object, found ${kindOf(data)}`);
}

/** Whether a value is a JSON object. */
export function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}
