/**
 * Holds a value against a JSON Schema, as far as our schemas go: a word that it
 * does not know is an error, so that no rule goes unchecked.
 *
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

/** Words that say something and refuse nothing. */
const ANNOTATIONS = new Set([
  ...["$schema", "$defs", "title", "description", "default", "examples"],
  ...["deprecated", "writeOnly", "format", "defaultSnippets"],
  ...["enumDescriptions", "then"],
]);

/** Where a value does not fit a schema, one line each. */
export function misfits(root: Schema, value: unknown): string[] {
  return check(root, value, { root, path: "" });
}

interface Place {
  readonly root: Schema;
  readonly path: string;
}

function check(schema: Schema, value: unknown, place: Place): string[] {
  return Object.entries(schema).flatMap(([word, rule]) => {
    if (ANNOTATIONS.has(word) || word.startsWith("x-")) return [];
    const test = RULES[word];
    if (!test) throw new Error(`Cannot check "${word}" at "${place.path}"`);
    return test(rule, value, schema, place);
  });
}

type Rule = (
  rule: unknown,
  value: unknown,
  schema: Schema,
  place: Place,
) => string[];

const RULES: Readonly<Record<string, Rule>> = {
  $ref(rule, value, _, place) {
    const name = String(rule).replace("#/$defs/", "");
    return check((place.root.$defs as Schema)[name] as Schema, value, place);
  },
  type: (rule, value, _, { path }) =>
    [rule].flat().includes(kindOf(value)) ||
      ([rule].flat().includes("number") && kindOf(value) === "integer")
      ? []
      : [`${path} is no ${rule}`],
  enum: (rule, value, _, { path }) =>
    (rule as unknown[]).includes(value) ? [] : [`${path} is none of ${rule}`],
  const: (rule, value, _, { path }) =>
    rule === value ? [] : [`${path} is not ${rule}`],
  pattern: (rule, value, _, { path }) =>
    typeof value !== "string" || new RegExp(String(rule), "u").test(value)
      ? []
      : [`${path} does not match ${rule}`],
  minimum: bound((value) => value, (value, rule) => value >= rule),
  maximum: bound((value) => value, (value, rule) => value <= rule),
  exclusiveMinimum: bound((value) => value, (value, rule) => value > rule),
  minLength: bound(lengthOf("string"), (value, rule) => value >= rule),
  maxLength: bound(lengthOf("string"), (value, rule) => value <= rule),
  minItems: bound(lengthOf("array"), (value, rule) => value >= rule),
  maxItems: bound(lengthOf("array"), (value, rule) => value <= rule),
  required: (rule, value, _, { path }) =>
    kindOf(value) !== "object" ? [] : (rule as string[])
      .filter((key) => !Object.hasOwn(value as object, key))
      .map((key) => `${path} has no ${key}`),
  properties: (rule, value, _, place) =>
    entries(value).flatMap(([key, item]) => {
      const part = (rule as Schema)[key];
      return part ? check(part as Schema, item, below(place, key)) : [];
    }),
  additionalProperties: (rule, value, schema, place) =>
    entries(value).flatMap(([key, item]) => {
      if (Object.hasOwn((schema.properties ?? {}) as object, key)) return [];
      if (rule === false) return [`${place.path} must not have ${key}`];
      return rule === true
        ? []
        : check(rule as Schema, item, below(place, key));
    }),
  propertyNames: (rule, value, _, place) =>
    entries(value).flatMap(([key]) =>
      check(rule as Schema, key, below(place, key))
    ),
  items: (rule, value, _, place) =>
    Array.isArray(value)
      ? value.flatMap((item, index) =>
        check(rule as Schema, item, below(place, String(index)))
      )
      : [],
  anyOf: (rule, value, _, place) =>
    (rule as Schema[]).some((part) => check(part, value, place).length === 0)
      ? []
      : [`${place.path} fits no alternative`],
  oneOf(rule, value, _, place) {
    const fits = (rule as Schema[])
      .filter((part) => check(part, value, place).length === 0);
    return fits.length === 1
      ? []
      : [`${place.path} fits ${fits.length} alternatives, not one`];
  },
  allOf: (rule, value, _, place) =>
    (rule as Schema[]).flatMap((part) => check(part, value, place)),
  if: (rule, value, schema, place) =>
    check(rule as Schema, value, place).length === 0
      ? check(schema.then as Schema, value, place)
      : [],
};

function bound(
  measure: (value: unknown) => unknown,
  holds: (value: number, rule: number) => boolean,
): Rule {
  return (rule, value, _, { path }) => {
    const measured = measure(value);
    if (typeof measured !== "number") return [];
    return holds(measured, Number(rule)) ? [] : [`${path} is out of bounds`];
  };
}

function lengthOf(kind: string): (value: unknown) => unknown {
  return (value) =>
    kindOf(value) === kind ? (value as { length: number }).length : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function entries(value: unknown): [string, unknown][] {
  return kindOf(value) === "object" ? Object.entries(value as object) : [];
}

function below({ root, path }: Place, key: string): Place {
  return { root, path: `${path}/${key}` };
}
