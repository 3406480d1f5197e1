/**
 * What an expression at a place of a document may speak of.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { moduleNames } from "../config/aliases.ts";
import { expand } from "../config/expand.ts";
import type { Path } from "../config/problem.ts";
import { isMap, valueAt } from "../config/value_path.ts";
import type { CelVariables } from "../expression/environment.ts";
import type { Loaded } from "../load.ts";
import { compilePipeline } from "./compile.ts";

/**
 * The variables at a path in a pipeline, also if there are errors; `undefined`
 * where no pipeline is, or nothing can be told of it.
 */
export function variablesAt(
  { document, sketch }: Pick<Loaded, "document" | "sketch">,
  catalog: Pick<Catalog, "steps">,
  wanted: Path,
): CelVariables | undefined {
  const [section, id] = wanted;
  if (document === undefined || section !== "pipelines") return undefined;
  // Only the shape matters: what a variable stands for is nobody's to see.
  const { value, unset } = expand(document, {
    env: () => undefined,
    secrets: new Map(),
  });
  const pipelines = valueAt(value, ["pipelines"]);
  const name = String(id);
  if (!isMap(pipelines) || !Object.hasOwn(pipelines, name)) return undefined;
  let nearest = 0;
  let found: CelVariables | undefined;
  compilePipeline(name, pipelines[name], {
    ...{ document, catalog, unset, strict: false, mustBeSet: false },
    modules: moduleNames(sketch?.modules ?? []),
    pipelines: new Set(Object.keys(pipelines)),
    onScope(path, scope) {
      const isAround = path.every((part, index) => part === wanted[index]);
      if (!isAround || path.length < nearest) return;
      nearest = path.length;
      found = scope.variables();
    },
  });
  return found;
}
