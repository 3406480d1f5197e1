/**
 * The ways in which a pipeline can use a module: a step for each of its actions,
 * or for the code that it runs.
 *
 * @module
 */
import { pipelineSteps } from "../config/pipeline_steps.ts";
import { formatPath, type Path } from "../config/problem.ts";
import { valueAt } from "../config/value_path.ts";
import { blankMap } from "./blank_value.ts";
import type { Around, Connection, End } from "./connection.ts";
import { jsonSchema } from "./json_schema.ts";
import { labelOf } from "./label.ts";

/** The service of what runs user code. */
const EXECUTOR = "executor";

/** New steps at the end of a pipeline, which is called `pipeline:<id>`. */
export function stepConnections(
  { document }: Around,
  pipeline: string,
  to: End,
): readonly Connection[] {
  const id = pipeline.replace(/^pipeline:/, "");
  const path = ["pipelines", id, "steps"];
  const steps = valueAt(document.value, path);
  if (id === pipeline || !Array.isArray(steps)) return [];
  const taken = new Set(
    pipelineSteps(document)
      .filter(({ path }) => path[1] === id).map(({ step }) => step.id),
  );
  const at = [...path, steps.length];
  const step = (use: string, label: string, help: string, given?: Given) => {
    const name = freeName(label, taken);
    const value = { id: name, use, ...given && { with: given.value } };
    return {
      id: use,
      kind: "step" as const,
      label,
      help,
      source: pipeline,
      target: to.name,
      changes: [{ do: "insert" as const, path, value }],
      toFill: [
        [...at, "id"],
        ...given?.madeUp.map((inner) => [...at, "with", ...inner]) ?? [],
      ].map(formatPath),
    };
  };
  const { actions = {}, provides, summary } = to.definition;
  return [
    ...provides.some(({ id }) => id === EXECUTOR)
      ? [step(`component:${to.name}`, `Call ${to.name}`, summary)]
      : [],
    ...Object.entries(actions).map(([action, { summary, input }]) => {
      const given = blankMap(jsonSchema(input), { name: to.name, known: {} });
      const label = `${labelOf(action)} with ${to.name}`;
      const use = `module:${to.name}.${action}`;
      return step(
        use,
        label,
        summary,
        given && isFilled(given) ? given : undefined,
      );
    }),
  ];
}

interface Given {
  readonly value: unknown;
  readonly madeUp: readonly Path[];
}

function isFilled({ value }: Given): boolean {
  return Object.keys(value as object).length > 0;
}

/** A name that no step of the pipeline has. */
function freeName(label: string, taken: ReadonlySet<unknown>): string {
  const stem = label.toLowerCase().replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "").slice(0, 90);
  for (let count = 1;; count++) {
    const name = count === 1 ? stem : `${stem}-${count}`;
    if (!taken.has(name)) return name;
  }
}
