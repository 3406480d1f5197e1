/**
 * What expressions are tried on: what the last run of a pipeline had, or an
 * example made of the types.
 *
 * @module
 */
import type {
  CelType,
  CelVariables,
} from "../../engine/expression/environment.ts";
import type { JsonValue } from "../../engine/expression/preview.ts";

/** Values of variables, and where they are from. */
export interface Sample {
  readonly origin: "run" | "example" | "own";
  /** The run, where it is one. */
  readonly run?: string;
  readonly values: Readonly<Record<string, JsonValue>>;
}

/** The part of a run that is taken over. */
export interface SampleRun {
  readonly id: string;
  readonly pipeline: string;
  readonly key?: string;
  readonly acceptedAt: number;
  readonly input: JsonValue;
  readonly error?: JsonValue;
  readonly steps: readonly {
    readonly path: string;
    readonly status: string;
    readonly output?: JsonValue;
    readonly error?: JsonValue;
  }[];
}

/** A value of each variable. @param input The fields that a pipeline declares. */
export function exampleOf(
  variables: CelVariables,
  input?: unknown,
): Readonly<Record<string, JsonValue>> {
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, type]) =>
      [name, exampleOfType(type)] as const
    ),
  );
  const declared = inputExample(input);
  return declared === undefined || !("input" in variables)
    ? values
    : { ...values, input: { ...values.input as object, ...declared } };
}

/** What a run had, and the example where it says nothing. */
export function sampleOf(
  run: SampleRun,
  variables: CelVariables,
): Readonly<Record<string, JsonValue>> {
  const example = exampleOf(variables);
  const steps = Object.fromEntries(
    run.steps.filter(({ path }) => !path.includes("~")).map((step) => [
      // Of the steps of a loop, those of its last item.
      step.path.split("/").at(-1) ?? step.path,
      {
        output: step.output ?? null,
        status: step.status,
        error: step.error ?? null,
      },
    ]),
  );
  const known: Readonly<Record<string, JsonValue>> = {
    input: run.input,
    steps: { ...example.steps as object, ...steps },
    run: {
      ...example.run as object,
      id: run.id,
      pipeline: run.pipeline,
      key: run.key ?? null,
      startedAt: new Date(run.acceptedAt).toISOString(),
    },
    ...run.error === undefined ? {} : { error: run.error },
  };
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) =>
      [name, known[name] ?? value] as const
    ),
  );
}

function exampleOfType(type: CelType): JsonValue {
  if (typeof type === "object") {
    return Object.fromEntries(
      Object.entries(type.fields).map(([name, inner]) =>
        [name, exampleOfType(inner)] as const
      ),
    );
  }
  switch (type) {
    case "string":
      return "text";
    case "number":
      return 1;
    case "bool":
      return true;
    case "list":
      return [];
    case "map":
      return {};
    case "any":
      return null;
  }
}

/** What a field of an input says of its values. */
interface Declared {
  readonly default?: JsonValue;
  readonly enum?: readonly JsonValue[];
}

/** Where an input says what its values are, one of those. */
function inputExample(
  input: unknown,
): Readonly<Record<string, JsonValue>> | undefined {
  if (input === null || typeof input !== "object") return undefined;
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, field]) => {
      if (field === null || typeof field !== "object") return [];
      const { default: preset, enum: values } = field as Declared;
      const value = preset ?? values?.[0];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
