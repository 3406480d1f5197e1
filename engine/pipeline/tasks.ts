/**
 * Compiles what steps do: who does it, what they are given, how it is tried
 * again and undone.
 *
 * @module
 */
import type { Path, Problem } from "../config/problem.ts";
import { findReferences } from "../config/references.ts";
import { jsonSchema } from "../derive/json_schema.ts";
import type { Template } from "../expression/template.ts";
import { durationMs } from "../meta.ts";
import type { JsonValue } from "../store/store.ts";
import type { CompileOptions } from "./compile.ts";
import type { Expressions } from "./expressions.ts";
import {
  type CompensateConfig,
  type PipelineHead,
  RETRY_DEFAULT,
  type RetryConfig,
  STEP_TIMEOUT_DEFAULT_MS,
  type StepConfig,
} from "./grammar.ts";
import type { RetryPolicy, Task } from "./program.ts";
import { ERROR_TYPE, RETRY_VARIABLES, type Scope } from "./scope.ts";
import { type Resolved, resolveTarget } from "./targets.ts";
import { checkValues } from "./with_values.ts";

/** A step uses a module. */
export interface Use {
  readonly step: string;
  readonly module: string;
  readonly path: Path;
}

/** What the compilers of a pipeline work with. */
export interface BlockParts extends CompileOptions {
  readonly path: Path;
  readonly problems: Problem[];
  readonly expressions: Expressions;
  readonly durability: PipelineHead["durability"];
}

/** See the module comment. */
export class TaskCompiler {
  readonly uses: Use[] = [];
  readonly #parts: BlockParts;

  constructor(parts: BlockParts) {
    this.#parts = parts;
  }

  /** Finds who does it; nobody is a problem. */
  resolve(use: string, path: Path, step: string): Resolved | undefined {
    const found = resolveTarget(use, this.#parts);
    if (found.kind === "unresolved") {
      const { kind: _, ...fields } = found;
      this.#parts.problems.push(
        this.#parts.document.problem({ ...fields, path, found: use }),
      );
      return undefined;
    }
    const { target } = found;
    if ("module" in target) {
      this.uses.push({ step, module: target.module, path });
    }
    return found;
  }

  /** Compiles what is done, and what it is given. */
  task(
    resolved: Resolved,
    { id, step }: {
      readonly id: string;
      readonly step: Pick<
        StepConfig,
        "with" | "retry" | "timeout" | "idempotencyKey"
      >;
    },
    path: Path,
    scope: Scope,
  ): Task {
    const place = [...path, "with"];
    const values = this.values(resolved, step.with ?? {}, place, id);
    return {
      target: resolved.target,
      accepts: resolved.target.kind === "action"
        ? resolved.input.config
        : undefined,
      input: this.#template(values as JsonValue, scope, place),
      retry: this.#retry(step.retry ?? RETRY_DEFAULT, [...path, "retry"]),
      timeoutMs: step.timeout === undefined
        ? STEP_TIMEOUT_DEFAULT_MS
        : durationMs(step.timeout),
      idempotencyKey: step.idempotencyKey === undefined
        ? undefined
        : this.#template(step.idempotencyKey, scope, [
          ...path,
          "idempotencyKey",
        ]),
    };
  }

  /** Compiles what undoes a step. */
  compensation(
    config: CompensateConfig,
    path: Path,
    scope: Scope,
    id: string,
  ): Task | undefined {
    const place = [...path, "compensate"];
    const resolved = this.resolve(config.use, [...place, "use"], id);
    if (resolved === undefined) return undefined;
    const inner = scope.inner({ error: ERROR_TYPE });
    this.#parts.onScope?.(place, inner);
    return this.task(resolved, { id, step: config }, place, inner);
  }

  /** Checks `with`, and notes the modules that it names. */
  values(
    resolved: Resolved,
    raw: Readonly<Record<string, unknown>>,
    path: Path,
    step: string,
  ): Readonly<Record<string, unknown>> {
    const { document, strict, unset, mustBeSet, problems, modules } =
      this.#parts;
    const checked = checkValues(resolved.input, raw, {
      ...{ document, path, strict, unset, mustBeSet },
      type: resolved.name,
      docs: resolved.docs,
    });
    problems.push(...checked.problems);
    const schema = jsonSchema(resolved.input.config);
    for (const reference of findReferences(schema, checked.values)) {
      if (reference.name.includes("${{")) continue;
      const module = modules.get(reference.name);
      const place = [...path, ...reference.path];
      const { ref = [] } = reference.schema;
      if (module?.definition.provides.some(({ id }) => ref.includes(id))) {
        this.uses.push({
          step,
          module: module.name,
          path: place,
        });
        continue;
      }
      problems.push(document.problem({
        code: module ? "wrong-service" : "unresolved-reference",
        path: place,
        message: module
          ? `"${reference.name}" is a ${module.type}: "${place.at(-1)}" needs ${
            ref.join(" or ")
          }`
          : `No module is called "${reference.name}"`,
        found: reference.name,
        expected: `a module that provides ${ref.join(" or ")}`,
      }));
    }
    return checked.values;
  }

  #retry(config: RetryConfig, path: Path): RetryPolicy {
    return {
      attempts: config.attempts,
      backoffMs: durationMs(config.backoff),
      factor: config.factor,
      maxBackoffMs: durationMs(config.maxBackoff),
      jitter: config.jitter,
      when: config.when === undefined
        ? undefined
        : this.#parts.expressions.expression(
          config.when,
          RETRY_VARIABLES,
          [...path, "when"],
        ),
    };
  }

  #template(value: JsonValue, scope: Scope, path: Path): Template {
    const { expressions } = this.#parts;
    return expressions.template(value, scope.variables(), path) ?? NOTHING;
  }
}

/** Stands where something is wrong; such a program never runs. */
export const NOTHING: Template = { isConstant: true, evaluate: () => null };
