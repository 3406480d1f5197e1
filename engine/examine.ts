/**
 * Looks at what a document names outside of itself, such as the code of its
 * components. It takes its time: for those who check a document by hand.
 *
 * @module
 */
import type { Document } from "./config/document.ts";
import type { Problem } from "./config/problem.ts";
import type { Effects } from "./effects.ts";
import type { Plan } from "./plan.ts";

/** Asks each module of a plan. */
export async function examine(
  document: Document,
  { modules }: Plan,
  around: { readonly folder: string | undefined } & Pick<Effects, "clock">,
): Promise<readonly Problem[]> {
  const problems = modules.map(async ({ definition, config, path }) => {
    const issues = await definition.examine?.(config, around) ?? [];
    return issues.map(({ path: inside, ...issue }) =>
      document.problem({ ...issue, path: [...path, "config", ...inside] })
    );
  });
  return (await Promise.all(problems)).flat();
}
