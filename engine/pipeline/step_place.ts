/**
 * Finds steps in the text of a document.
 *
 * @module
 */
import type { Document } from "../config/document.ts";
import type { Path } from "../config/problem.ts";
import { isMap, valueAt } from "../config/value_path.ts";

/**
 * The line of a step, counted from 1; of its pipeline, if that has no such step.
 * `undefined` if the document does not have the pipeline.
 */
export function lineOfStep(
  document: Document,
  pipeline: string,
  step: string,
): number | undefined {
  const head = ["pipelines", pipeline];
  const written = valueAt(document.value, head);
  if (written === undefined) return undefined;
  const found = findStep(written, step);
  const path = found === undefined ? head : [...head, ...found, "id"];
  // Only the place is wanted.
  const place = { code: "invalid-pipeline", message: "", mark: "key" } as const;
  return document.problem({ ...place, path }).line;
}

/** What a step is called in the text, wherever it stood in a run. */
export function stepIdOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/~compensate$/, "");
}

function findStep(value: unknown, id: string): Path | undefined {
  const inner: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : isMap(value)
    ? Object.entries(value)
    : [];
  for (const [key, each] of inner) {
    // What a step is given may look like a step.
    if (key === "with") continue;
    if (typeof key === "number" && isMap(each) && each.id === id) return [key];
    const found = findStep(each, id);
    if (found !== undefined) return [key, ...found];
  }
  return undefined;
}
