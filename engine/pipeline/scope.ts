/**
 * What a step can refer to: the input, the steps before it in its own block and
 * in those around it, the items of the loops that it stands in.
 *
 * @module
 */
import type { CelType, CelVariables } from "../expression/environment.ts";

/** The names that expressions have at one place. Grows as a block goes on. */
export class Scope {
  readonly #steps: Map<string, CelType>;
  readonly #others: Readonly<Record<string, CelType>>;
  #variables: CelVariables | undefined;

  constructor(
    others: Readonly<Record<string, CelType>>,
    steps: ReadonlyMap<string, CelType> = new Map(),
  ) {
    this.#others = others;
    this.#steps = new Map(steps);
  }

  /** A step is done: what follows may refer to its output. */
  add(id: string, output: CelType): void {
    this.#steps.set(id, output);
    this.#variables = undefined;
  }

  /** The scope of an inner block, with names of its own. */
  inner(names: Readonly<Record<string, CelType>> = {}): Scope {
    return new Scope({ ...this.#others, ...names }, this.#steps);
  }

  /** The variables of an expression here; the same object until a step is added. */
  variables(): CelVariables {
    this.#variables ??= {
      ...this.#others,
      steps: {
        fields: Object.fromEntries(
          [...this.#steps].map(([id, output]) => [id, stepType(output)]),
        ),
      },
    };
    return this.#variables;
  }
}

function stepType(output: CelType): CelType {
  return { fields: { output, status: "string", error: "any" } };
}

/** What `error` is in a handler and in `retry.when`. */
export const ERROR_TYPE: CelType = {
  fields: { message: "string", code: "string", step: "string" },
};

/** What `retry.when` may speak of. */
export const RETRY_VARIABLES: CelVariables = {
  error: ERROR_TYPE,
  attempt: "number",
};
