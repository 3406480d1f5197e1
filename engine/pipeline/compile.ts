/**
 * Document to program: every step checked, every name resolved, every expression
 * compiled against what is known where it stands. Reports all problems at once.
 *
 * @module
 */
import { type ConfigContext, parseConfig } from "../config/parse_config.ts";
import { nearestName } from "../config/nearest.ts";
import type { Document } from "../config/document.ts";
import { hasErrors, type Path, type Problem } from "../config/problem.ts";
import { isMap, valueAt } from "../config/value_path.ts";
import type { Unset } from "../config/expand.ts";
import type { CelType } from "../expression/environment.ts";
import { fingerprint } from "../fingerprint.ts";
import { durationMs } from "../meta.ts";
import type { JsonValue } from "../store/store.ts";
import { approvalsIn } from "./approvals.ts";
import { BlockCompiler } from "./blocks.ts";
import { celTypeOfInput } from "./cel_types.ts";
import { Expressions } from "./expressions.ts";
import { PIPELINE_ID, type PipelineHead, pipelineSchema } from "./grammar.ts";
import { RETENTION_DEFAULT_MS } from "./grammar.ts";
import type { Bound, InputField, Program } from "./program.ts";
import { ERROR_TYPE, Scope } from "./scope.ts";
import type { Surroundings } from "./targets.ts";
import type { Use } from "./tasks.ts";

/** What `compilePipeline` needs to know. */
export interface CompileOptions extends Surroundings {
  readonly document: Document;
  readonly strict: boolean;
  readonly unset: readonly Unset[];
  readonly mustBeSet: boolean;
  /** Is told what expressions may speak of, at each place where that differs. */
  readonly onScope?: (path: Path, scope: Scope) => void;
}

/** What became of a pipeline. */
export interface Compiled {
  /** Absent if there are errors. */
  readonly program?: Program;
  readonly problems: readonly Problem[];
  /** The modules that its steps use. */
  readonly uses: readonly Use[];
}

/** The version of a pipeline: the content of its text. */
export function versionOf(written: unknown): string {
  return fingerprint(written);
}

/**
 * Compiles the pipeline `id` of a document.
 *
 * @param expanded Its value with environment variables replaced.
 */
export function compilePipeline(
  id: string,
  expanded: unknown,
  options: CompileOptions,
): Compiled {
  const path: Path = ["pipelines", id];
  const { document } = options;
  const problems: Problem[] = [];
  if (!PIPELINE_ID.pattern.test(id)) {
    problems.push(document.problem({
      code: "invalid-pipeline",
      mark: "key",
      path,
      message: `"${id}" cannot be the id of a pipeline`,
      expected: PIPELINE_ID.words,
    }));
  }
  const parsed = parseConfig(
    { config: pipelineSchema },
    expanded,
    contextOf(options, path),
  );
  problems.push(...parsed.problems);
  if (hasErrors(parsed.problems)) return { problems, uses: [] };
  const head = parsed.config as PipelineHead;
  // A fold of its own version: what was written, not what it expands to.
  const version = versionOf(valueAt(document.value, path));
  return new PipelineCompiler(id, head, { ...options, path, problems })
    .run(version);
}

function contextOf(
  { document, strict, unset, mustBeSet }: CompileOptions,
  path: Path,
): ConfigContext {
  return {
    document,
    path,
    type: "a pipeline",
    docs: "/docs/pipelines",
    strict,
    unset,
    mustBeSet,
  };
}

interface Parts extends CompileOptions {
  readonly path: Path;
  readonly problems: Problem[];
}

/** The state of one compilation. */
class PipelineCompiler {
  readonly #id: string;
  readonly #head: PipelineHead;
  readonly #parts: Parts;
  readonly #expressions: Expressions;

  constructor(id: string, head: PipelineHead, parts: Parts) {
    this.#id = id;
    this.#head = head;
    this.#parts = parts;
    this.#expressions = new Expressions(parts.document, parts.problems);
  }

  run(version: string): Compiled {
    const head = this.#head;
    const { path, problems, onScope } = this.#parts;
    const input = this.#inputType();
    const inputOnly = new Scope({ input });
    onScope?.(path, inputOnly);
    const blocks = new BlockCompiler({
      ...this.#parts,
      expressions: this.#expressions,
      durability: head.durability,
    });
    const links = approvalsIn(head);
    const scope = new Scope({ input, run: runType(links) });
    const body = blocks.block(head.steps, [...path, "steps"], scope);
    onScope?.([...path, "output"], scope);
    const output = this.#output(scope);
    const onSuccess = blocks.optional(
      head.onSuccess,
      [...path, "onSuccess"],
      scope,
    );
    const onError = blocks.optional(
      head.onError,
      [...path, "onError"],
      scope.inner({ error: ERROR_TYPE }),
    );
    const program: Program = {
      id: this.#id,
      version,
      durability: head.durability,
      input: this.#input(),
      key: this.#expression(head.key, ["key"], inputOnly),
      concurrency: this.#bound(head.concurrency, "concurrency", inputOnly),
      rateLimit: this.#bound(head.rateLimit, "rateLimit", inputOnly),
      priority: typeof head.priority === "number"
        ? head.priority
        : this.#expression(head.priority, ["priority"], inputOnly) ?? 5,
      timeoutMs: head.timeout === undefined
        ? undefined
        : durationMs(head.timeout),
      retentionMs: head.retention === undefined
        ? RETENTION_DEFAULT_MS
        : Math.max(1, durationMs(head.retention)),
      body,
      onSuccess,
      onError,
      output,
      approvals: links,
      responds: blocks.responds,
    };
    return {
      problems,
      uses: blocks.uses,
      ...hasErrors(problems) ? {} : { program },
    };
  }

  #inputType(): CelType {
    const { input } = this.#head;
    if (input === undefined) return "map";
    const fields = Object.entries(input).map(([name, field]) => {
      const type = typeof field === "string" ? field : field.type;
      const isOptional = typeof field !== "string" &&
        field.required === false && field.default === undefined;
      // What may be absent is null, which fits no other type.
      return [name, isOptional ? "any" : celTypeOfInput(type)] as const;
    });
    return { fields: Object.fromEntries(fields) };
  }

  #input(): ReadonlyMap<string, InputField> | undefined {
    const { input } = this.#head;
    if (input === undefined) return undefined;
    return new Map(
      Object.entries(input).map(([name, field]) => {
        const full = typeof field === "string" ? { type: field } : field;
        return [name, {
          type: full.type,
          required: full.required ?? full.default === undefined,
          defaultValue: full.default,
          values: full.enum,
        }];
      }),
    );
  }

  #output(scope: Scope) {
    const { output } = this.#head;
    if (output === undefined) return undefined;
    return this.#expressions.template(
      output as JsonValue,
      scope.variables(),
      [...this.#parts.path, "output"],
    );
  }

  #expression(text: string | undefined, place: Path, scope: Scope) {
    return text === undefined ? undefined : this.#expressions.expression(
      text,
      scope.variables(),
      [...this.#parts.path, ...place],
    );
  }

  #bound(
    bound: PipelineHead["concurrency"] | PipelineHead["rateLimit"],
    name: string,
    scope: Scope,
  ): Bound | undefined {
    if (bound === undefined) return undefined;
    return {
      limit: bound.limit,
      key: this.#expression(bound.key, [name, "key"], scope),
      perMs: "per" in bound ? durationMs(bound.per) : 0,
    };
  }
}

/** What `run` is to expressions. */
export function runType(links: readonly string[]): CelType {
  return {
    fields: {
      id: "string",
      pipeline: "string",
      key: "any",
      startedAt: "string",
      links: {
        fields: Object.fromEntries(links.map((id) => [id, "string"] as const)),
      },
    },
  };
}

/** What is wrong with the section as a whole: it must be a map. */
export function sectionProblem(
  written: unknown,
  document: Document,
): Problem | undefined {
  if (written === undefined || written === null || isMap(written)) {
    return undefined;
  }
  return document.problem({
    code: "invalid-value",
    path: ["pipelines"],
    message: '"pipelines" is not valid: expected a map of pipelines by id',
    expected: "a map",
    nearest: nearestName(String(written), ["pipelines"]),
  });
}
