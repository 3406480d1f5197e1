/**
 * The page about what may be written under `pipelines:`, from the grammar.
 *
 * @module
 */
import { pipelineSchema, stepSchema } from "../pipeline/grammar.ts";
import { configTable } from "./config_table.ts";
import { code, page } from "./markdown.ts";

/** The Markdown page. */
export function pipelinePage(): string {
  return page(
    "# Keys of pipelines",
    `How pipelines work is told in ${code("docs/pipelines.md")}. Under ` +
      `${code("steps")}, ${code("onSuccess")}, ${code("onError")}, ` +
      `${code("parallel")} and ${
        code("switch")
      }, a list of anything is a list of steps.`,
    "## Keys of a pipeline",
    `Stand under ${code("pipelines.<id>")}.`,
    configTable({ config: pipelineSchema }),
    "## Keys of a step",
    `A step has an ${code("id")} and exactly one of ${code("use")}, ` +
      `${code("forEach")}, ${code("parallel")}, ${code("switch")} and ${
        code("wait")
      }.`,
    configTable({ config: stepSchema }),
  );
}
