/**
 * Loads the document of a world as the engine would.
 *
 * @module
 */
import { createCatalog } from "../catalog.ts";
import { load, type Loadable } from "../load.ts";
import type { Recompile } from "../run/programs.ts";
import { workSteps } from "./work_steps.ts";

/** @throws {TypeError} The document is wrong, which is a bug of its generator. */
export function planOf(document: Record<string, unknown>): {
  readonly plan: Loadable["plan"];
  readonly recompile: Recompile;
} {
  const { plan, recompile, problems } = load(JSON.stringify(document), {
    catalog: createCatalog(workSteps(() => null)),
    file: "sim.json",
    sources: { env: () => undefined, secrets: new Map() },
    strict: true,
    mustBeSet: true,
  });
  if (plan === undefined || recompile === undefined) {
    throw new TypeError(
      `Cannot make a world: its document is wrong: ${JSON.stringify(problems)}`,
    );
  }
  return { plan, recompile };
}
