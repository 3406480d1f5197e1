/**
 * Checks what a run is given against what its pipeline declares.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import type { InputField, Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import { isSmallJson } from "./small_json.ts";

/** The most that a run may be given, in characters of JSON: 1 Mi. */
export const INPUT_CHARACTERS_MAX = 1024 * 1024;

/**
 * Checks an input and fills in defaults. What is not declared is left out.
 *
 * @throws {RefusedError} `invalid-input`, naming every field that is wrong.
 */
export function checkInput(program: Program, given: JsonValue): JsonValue {
  const length = isSmallJson(given) ? 0 : JSON.stringify(given ?? null).length;
  if (length > INPUT_CHARACTERS_MAX) {
    throw new RefusedError(
      "invalid-input",
      `Cannot start "${program.id}": the input has ${length} characters of ` +
        `JSON, the limit is ${INPUT_CHARACTERS_MAX} characters`,
    );
  }
  if (program.input === undefined) return given ?? {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new RefusedError(
      "invalid-input",
      `Cannot start "${program.id}": the input is not a map of fields`,
    );
  }
  const fields = given as Readonly<Record<string, JsonValue | undefined>>;
  const result: Record<string, JsonValue> = {};
  const faults: string[] = [];
  for (const [name, field] of program.input) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const fault = faultOf(name, field, value);
    if (fault !== undefined) faults.push(fault);
    else result[name] = value ?? (field.defaultValue as JsonValue) ?? null;
  }
  if (faults.length > 0) {
    throw new RefusedError(
      "invalid-input",
      `Cannot start "${program.id}": ${faults.join("; ")}`,
    );
  }
  return result;
}

function faultOf(
  name: string,
  { type, required, values }: InputField,
  value: JsonValue | undefined,
): string | undefined {
  if (value === undefined || value === null) {
    return required ? `"${name}" is missing` : undefined;
  }
  if (!fits(type, value)) {
    return `"${name}" is not ${ARTICLES[type] ?? type}`;
  }
  if (values === undefined) return undefined;
  const isOne = values.some((one) =>
    JSON.stringify(one) === JSON.stringify(value)
  );
  return isOne
    ? undefined
    : `"${name}" is not one of ${
      values.map((v) => JSON.stringify(v)).join(", ")
    }`;
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  list: "a list",
  map: "a map",
};

function fits(type: string, value: JsonValue): boolean {
  switch (type) {
    case "any":
      return true;
    case "list":
      return Array.isArray(value);
    case "map":
      return typeof value === "object" && !Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    default: {
      const kind: string = typeof value;
      return kind === type;
    }
  }
}
