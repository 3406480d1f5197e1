/**
 * Text to plan: the pure stages in a row. What the terminal, the API and the
 * browser call to know what is wrong with a document.
 *
 * @module
 */
import type { AddedModule } from "./added_modules.ts";
import type { Catalog } from "./catalog.ts";
import type { Document } from "./config/document.ts";
import { expand, type ExpandSources } from "./config/expand.ts";
import { nameProblems } from "./config/names.ts";
import { parse, type Parsed } from "./config/parse.ts";
import { hasErrors, type Problem, sortProblems } from "./config/problem.ts";
import { secretTexts } from "./config/secret_fields.ts";
import {
  type Config,
  validate,
  type ValidateOptions,
} from "./config/validate.ts";
import { jsonSchema } from "./derive/json_schema.ts";
import { recompile } from "./pipeline/section.ts";
import { type Plan, plan } from "./plan.ts";
import type { Recompile } from "./run/programs.ts";

/** A document that can run, or why it cannot. */
export interface Loaded {
  readonly document?: Document;
  /** Absent if there are errors. */
  readonly plan?: Plan;
  /** The plan as far as it can be told, also if there are errors: to be drawn. */
  readonly sketch?: Plan;
  /** Errors and warnings, sorted by place. */
  readonly problems: readonly Problem[];
  /** Values that came from secrets or stand in secret fields, for redaction. */
  readonly secretValues: ReadonlySet<string>;
  /** Compiles earlier versions of the document's pipelines. */
  readonly recompile?: Recompile;
}

/** What an application runs. */
export interface Loadable {
  readonly plan: Plan;
  /** Compiles earlier versions of pipelines, which unfinished runs need. */
  readonly recompile?: Recompile;
}

/** How a text is loaded. */
export interface LoadOptions extends ValidateOptions {
  readonly catalog: Catalog;
  /** What the problems call the text; its stem is the document's id. */
  readonly file: string;
  readonly sources: ExpandSources;
  /** Modules beside those of the text, which goes first where names are equal. */
  readonly added?: readonly AddedModule[] | undefined;
}

/** Runs every pure stage and reports what all of them found. */
export function load(text: string, options: LoadOptions): Loaded {
  return loadParsed(parse(text, options.file), options);
}

/** Runs the stages behind `parse`. */
export function loadParsed(
  { document: written, problems }: Parsed,
  options: Omit<LoadOptions, "file">,
): Loaded {
  if (!written) {
    return { problems: sortProblems(problems), secretValues: new Set() };
  }
  const document = written.withModules(options.added ?? []);
  const expanded = expand(document, options.sources);
  const validated = validate(document, expanded, options.catalog, options);
  const planned = plan(validated.config);
  const all = sortProblems([
    ...problems,
    ...validated.problems,
    ...nameProblems(validated.config),
    ...planned.problems,
  ]);
  const secretValues = new Set([
    ...expanded.secretValues,
    ...secretsOf(validated.config),
  ]);
  const loaded = {
    ...{ document, problems: all, secretValues, sketch: planned.plan },
  };
  return hasErrors(all) ? loaded : {
    ...loaded,
    plan: planned.plan,
    recompile: (id, written) =>
      recompile(id, written, {
        catalog: options.catalog,
        modules: planned.plan.modules,
        pipelines: planned.plan.pipelines,
        sources: options.sources,
      }),
  };
}

function secretsOf({ modules, sections }: Config): readonly string[] {
  return [...modules, ...sections].flatMap(({ definition, config }) =>
    secretTexts(jsonSchema(definition.config), config)
  );
}
