/**
 * The JSON Schema of `pipelines:`, from the same grammar by which the engine reads
 * it. Steps nest, so they stand under `$defs`; what a step is given follows from
 * what it uses.
 *
 * @module
 */
import type { StepDefinition } from "../define.ts";
import {
  PIPELINE_ID,
  pipelineSchema,
  STEP_KINDS,
  stepSchema,
} from "../pipeline/grammar.ts";
import { allowExpressions } from "./expression_schema.ts";
import { type JsonSchema, jsonSchema } from "./json_schema.ts";
import { isSchema, mapSchema } from "./map_schema.ts";
import { publicWords } from "./public_words.ts";

type PublicSchema = Readonly<Record<string, unknown>>;

/** The schema of the section. */
export function pipelinesSection(): PublicSchema {
  return {
    type: ["object", "null"],
    description: "Steps that are done durably, one pipeline an id",
    propertyNames: { pattern: PIPELINE_ID.pattern.source },
    additionalProperties: { $ref: "#/$defs/pipeline" },
  };
}

/** What the section refers to, by its name under `$defs`. */
export function pipelineSchemas(
  steps: readonly StepDefinition[],
): Readonly<Record<string, PublicSchema>> {
  const step = written(jsonSchema(stepSchema));
  const { properties = {} } = step;
  const use = useSchema(steps, properties.use);
  const compensate = { ...properties.compensate } as JsonSchema;
  return {
    pipeline: { ...written(jsonSchema(pipelineSchema)) },
    steps: { type: "array", minItems: 1, items: { $ref: "#/$defs/step" } },
    step: {
      ...step,
      properties: {
        ...properties,
        use,
        compensate: {
          ...compensate,
          properties: { ...compensate.properties, use },
          allOf: [TARGET],
        },
      },
      anyOf: STEP_KINDS.map((kind) => ({ required: [kind] })),
      allOf: [TARGET],
    },
    target: { allOf: steps.map(withSchema) },
    ...Object.fromEntries(
      steps.map((
        definition,
      ) => [`steps.${definition.type}`, given(definition)]),
    ),
  };
}

const TARGET = { $ref: "#/$defs/target" } as unknown as JsonSchema;

/** Editors complete the types; the rest is named by the document. */
function useSchema(
  steps: readonly StepDefinition[],
  schema: JsonSchema | undefined,
): PublicSchema {
  return {
    ...schema,
    anyOf: [{
      enum: steps.map(({ type }) => type),
      enumDescriptions: steps.map(({ summary }) => summary),
    }, { pattern: "^(module|component|pipeline):." }],
  };
}

/** What a step is given if it uses a type. */
function withSchema({ type, config }: StepDefinition): PublicSchema {
  const needsAny = (jsonSchema(config).required ?? []).length > 0;
  return {
    if: { properties: { use: { const: type } }, required: ["use"] },
    then: {
      properties: { with: { $ref: `#/$defs/steps.${type}` } },
      ...needsAny && { required: ["with"] },
    },
  };
}

function given({ config, summary }: StepDefinition): PublicSchema {
  const schema = mapSchema(allowExpressions(jsonSchema(config)), publicWords);
  return { description: summary, ...schema };
}

/** A part of the grammar as a document may have it. */
function written(schema: JsonSchema): JsonSchema {
  const { properties = {}, ...rest } = mapSchema(schema, publicWords);
  const nested = Object.entries(properties).map(([key, part]) =>
    [key, BLOCKS.has(key) ? mapSchema(part, asSteps) : part] as const
  );
  return { ...rest, properties: Object.fromEntries(nested) };
}

/** The keys under which steps stand, at some depth. */
export const BLOCKS: ReadonlySet<string> = new Set([
  ...["steps", "onSuccess", "onError", "parallel", "switch"],
]);

/** A list of anything is a list of steps there: the grammar nests no further. */
function asSteps(schema: JsonSchema): JsonSchema {
  const { items, minItems, type: _, ...rest } = schema;
  const isAnything = isSchema(items) && Object.keys(items).length === 0;
  if (!isAnything || minItems !== 1) return schema;
  return { ...rest, $ref: "#/$defs/steps" } as JsonSchema;
}
