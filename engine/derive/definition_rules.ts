/**
 * What holds for every definition and no type checker can see; a test
 * holds all of the catalog to it.
 *
 * @module
 */
import { z } from "zod";
import type { AnyDefinition } from "../define.ts";
import { META_WORDS } from "../meta.ts";
import { inertPlace } from "./inert_keys.ts";
import { type JsonSchema, jsonSchema } from "./json_schema.ts";
import { isSchema, schemaParts, variantsOf } from "./map_schema.ts";

/** The words of JSON Schema that a config may come to use. */
const SCHEMA_WORDS: ReadonlySet<string> = new Set([
  ...["type", "default", "enum", "const", "format", "pattern"],
  ...["properties", "required", "additionalProperties", "propertyNames"],
  ...["items", "prefixItems", "anyOf", "oneOf", "allOf"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  ...["multipleOf", "minLength", "maxLength", "minItems", "maxItems"],
  ...["uniqueItems"],
]);

/** The rules that a definition breaks, one line each. */
export function brokenRules(definition: AnyDefinition): readonly string[] {
  const schema = jsonSchema(definition.config);
  return [
    ...textFaults(definition),
    ...shapeFaults(schema),
    ...plainFaults(definition),
    ...inertFaults(definition, schema),
    ...exampleFaults(definition),
  ];
}

function textFaults({ summary, type }: AnyDefinition): readonly string[] {
  const faults: string[] = [];
  if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/.test(type)) {
    faults.push(`has the type "${type}": write lower case words with dots`);
  }
  if (!/^\p{Lu}/u.test(summary) || /[.!\n]$/.test(summary)) {
    faults.push(
      "has a summary that is no sentence without its full stop: " +
        `"${summary}"`,
    );
  }
  return faults;
}

/** Strict maps, described fields, known words. */
function shapeFaults(schema: JsonSchema): readonly string[] {
  if (schema.properties === undefined) return ["has a config that is no map"];
  const faults = new Set<string>();
  for (const { schema: part, path } of schemaParts(schema)) {
    const place = path === "" ? "the config" : path;
    if (part.properties && part.additionalProperties !== false) {
      faults.add(`accepts any key in ${place}: use z.strictObject`);
    }
    for (const [key, field] of Object.entries(part.properties ?? {})) {
      if ((field.description ?? "").trim() === "") {
        faults.add(
          `does not describe "${path === "" ? key : `${path}.${key}`}"`,
        );
      }
    }
    for (const word of Object.keys(part)) {
      if (!SCHEMA_WORDS.has(word) && !META_WORDS.has(word)) {
        faults.add(`uses the unknown word "${word}" in ${place}`);
      }
    }
  }
  return [...faults];
}

/** A transform would make the parsed config something else than was written. */
function plainFaults({ config }: AnyDefinition): readonly string[] {
  const output = z.toJSONSchema(config, {
    io: "output",
    unrepresentable: "any",
    target: "draft-2020-12",
  }) as JsonSchema;
  return shapesDiffer(jsonSchema(config), output)
    ? ["parses its config into another shape: no transforms"]
    : [];
}

function shapesDiffer(input: JsonSchema, output: JsonSchema): boolean {
  const inputKeys = Object.keys(input.properties ?? {});
  const outputKeys = Object.keys(output.properties ?? {});
  if (String(inputKeys) !== String(outputKeys)) return true;
  if (String(input.type) !== String(output.type)) return true;
  const pairs: (readonly [unknown, unknown])[] = [
    ...inputKeys.map((key) =>
      [input.properties?.[key], output.properties?.[key]] as const
    ),
    [input.items, output.items],
    [input.additionalProperties, output.additionalProperties],
    ...variantsOf(input).map((part, index) =>
      [part, variantsOf(output)[index]] as const
    ),
  ];
  return pairs.some(([before, after]) =>
    isSchema(before) !== isSchema(after) ||
    (isSchema(before) && isSchema(after) && shapesDiffer(before, after))
  );
}

function inertFaults(
  { inert }: AnyDefinition,
  schema: JsonSchema,
): readonly string[] {
  return Object.entries(inert ?? {}).flatMap(([pattern, reason]) => {
    const faults: string[] = [];
    const place = inertPlace(schema, pattern);
    if (place === "taken") {
      faults.push(`has the inert key "${pattern}" in its schema as well`);
    }
    if (place === "nowhere") {
      faults.push(`has the inert key "${pattern}" in a place it does not have`);
    }
    if (reason.trim() === "" || reason.endsWith(".")) {
      faults.push(
        `gives no reason, or one with a full stop, for the inert key "${pattern}"`,
      );
    }
    return faults;
  });
}

function exampleFaults(definition: AnyDefinition): readonly string[] {
  const { examples, type, kind } = definition;
  if (examples === undefined) return [];
  if (examples.length === 0) return ["has no example"];
  if (definition.kind === "step") return stepExampleFaults(definition);
  return examples
    .filter(({ modules, workflows, triggers }) =>
      kind === "module"
        ? modules.every((module) => module.type !== type)
        : (kind === "workflow" ? workflows : triggers)?.[type] === undefined
    )
    .map(({ title }) => `has an example without itself: "${title}"`);
}

/** An example of a step must run it, or it proves nothing. */
function stepExampleFaults(
  { examples, type }: Extract<AnyDefinition, { readonly kind: "step" }>,
): readonly string[] {
  return examples
    .filter(({ pipelines, runs }) =>
      !JSON.stringify(pipelines ?? {}).includes(`"use":"${type}"`) ||
      (runs ?? []).length === 0
    )
    .map(({ title }) => `has an example that does not run it: "${title}"`);
}
