/**
 * Finds what says `use` in the pipelines of a document: steps, however deep they
 * are nested, and what undoes them.
 *
 * @module
 */
import { BLOCKS } from "../derive/pipeline_schema.ts";
import type { Document } from "./document.ts";
import type { Path } from "./problem.ts";
import { isMap, valueAt } from "./value_path.ts";

/** A step, or a `compensate` of one. */
export interface WrittenStep {
  readonly step: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/** Every step of every pipeline, in the order of the text. */
export function pipelineSteps(document: Document): readonly WrittenStep[] {
  const pipelines = valueAt(document.value, ["pipelines"]);
  return Object.entries(isMap(pipelines) ? pipelines : {}).flatMap(
    ([id, head]) => stepsIn(head, ["pipelines", id]),
  );
}

/** The steps in the blocks of a map; what it is given is none of them. */
function stepsIn(value: unknown, path: Path): readonly WrittenStep[] {
  if (!isMap(value)) return [];
  const { compensate } = value;
  return [
    ...isMap(compensate)
      ? [{ step: compensate, path: [...path, "compensate"] }]
      : [],
    ...Object.entries(value).flatMap(([key, block]) =>
      BLOCKS.has(key) ? stepsOfBlock(block, [...path, key]) : []
    ),
  ];
}

/** A block is a list of steps, a map of such lists, or a list of branches. */
function stepsOfBlock(block: unknown, path: Path): readonly WrittenStep[] {
  if (isMap(block)) {
    return Object.entries(block).flatMap(([key, inner]) =>
      stepsOfBlock(inner, [...path, key])
    );
  }
  if (!Array.isArray(block)) return [];
  return block.flatMap((step, index) => {
    if (!isMap(step)) return [];
    const place = [...path, index];
    return [{ step, path: place }, ...stepsIn(step, place)];
  });
}
