/**
 * The section `pipelines` of a document: each pipeline compiled, or why not.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { moduleNames } from "../config/aliases.ts";
import type { Document } from "../config/document.ts";
import { expand, type ExpandSources, type Unset } from "../config/expand.ts";
import { parse } from "../config/parse.ts";
import type { Path, Problem } from "../config/problem.ts";
import type { ModuleConfig } from "../config/validate.ts";
import { isMap, valueAt } from "../config/value_path.ts";
import type { JsonValue } from "../store/store.ts";
import type { Use } from "./tasks.ts";
import { compilePipeline, sectionProblem } from "./compile.ts";
import type { Program } from "./program.ts";

/** A pipeline of a document, checked. */
export interface PipelineConfig {
  readonly id: string;
  /** As the document has it, before variables are replaced. */
  readonly written: JsonValue;
  /** Absent if there are errors. */
  readonly program?: Program;
  readonly uses: readonly Use[];
  readonly path: Path;
}

/** What the section is checked against. */
export interface SectionOptions {
  readonly document: Document;
  /** The value of the section with variables replaced. */
  readonly expanded: unknown;
  readonly catalog: Pick<Catalog, "steps">;
  readonly modules: readonly ModuleConfig[];
  readonly strict: boolean;
  readonly unset: readonly Unset[];
  readonly mustBeSet: boolean;
}

/** Compiles every pipeline of a document. */
export function compileSection(options: SectionOptions): {
  readonly pipelines: readonly PipelineConfig[];
  readonly problems: readonly Problem[];
} {
  const { document, expanded, modules } = options;
  const fault = sectionProblem(expanded, document);
  if (fault !== undefined) return { pipelines: [], problems: [fault] };
  const ids = isMap(expanded) ? Object.keys(expanded) : [];
  const around = {
    ...options,
    modules: moduleNames(modules),
    pipelines: new Set(ids),
  };
  const problems: Problem[] = [];
  const pipelines = ids.map((id): PipelineConfig => {
    const path = ["pipelines", id];
    const compiled = compilePipeline(id, valueAt(expanded, [id]), around);
    problems.push(...compiled.problems);
    const { program, uses } = compiled;
    const written = valueAt(document.value, path) as JsonValue;
    return { id, written, uses, path, ...program ? { program } : {} };
  });
  return { pipelines, problems };
}

/** What an earlier version of a pipeline is compiled in. */
export interface RecompileOptions {
  readonly catalog: Pick<Catalog, "steps">;
  readonly modules: readonly ModuleConfig[];
  readonly pipelines: readonly PipelineConfig[];
  readonly sources: ExpandSources;
}

/** Compiles a pipeline as it was kept; or says why it cannot be. */
export function recompile(
  id: string,
  written: JsonValue,
  { catalog, modules, pipelines, sources }: RecompileOptions,
): Program | string {
  const text = JSON.stringify({ pipelines: { [id]: written } });
  const { document, problems } = parse(text, `${id}.json`);
  if (document === undefined) return problems[0]?.message ?? "it is not JSON";
  const expanded = expand(document, sources);
  const compiled = compilePipeline(
    id,
    valueAt(expanded.value, ["pipelines", id]),
    {
      ...{ document, catalog, strict: true, mustBeSet: true },
      unset: expanded.unset,
      modules: moduleNames(modules),
      pipelines: new Set([id, ...pipelines.map((pipeline) => pipeline.id)]),
    },
  );
  if (compiled.program !== undefined) return compiled.program;
  const [first] = compiled.problems;
  return first === undefined
    ? "it has errors"
    : `${first.path}: ${first.message}`;
}
