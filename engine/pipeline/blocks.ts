/**
 * Compiles lists of steps, and the lists within them.
 *
 * @module
 */
import { parseConfig } from "../config/parse_config.ts";
import { hasErrors, type Path } from "../config/problem.ts";
import type { CelType } from "../expression/environment.ts";
import type { Template } from "../expression/template.ts";
import { durationMs } from "../meta.ts";
import type { JsonValue } from "../store/store.ts";
import {
  PIPELINE_DEPTH_MAX,
  PIPELINE_STEPS_MAX,
  STEP_KINDS,
  type StepConfig,
  stepSchema,
} from "./grammar.ts";
import { APPROVAL_TYPE } from "./approvals.ts";
import type {
  Block,
  EachNode,
  OnError,
  PipelineNode,
  SwitchNode,
  WaitNode,
} from "./program.ts";
import { ERROR_TYPE, type Scope } from "./scope.ts";
import { asWait } from "./sleep.ts";
import { idleKeys, type StrayKey, strayKeys } from "./stray_keys.ts";
import { type BlockParts, NOTHING, TaskCompiler, type Use } from "./tasks.ts";

/** A step that was compiled, with what later ones may know of it. */
interface Made {
  readonly node: PipelineNode;
  readonly output: CelType;
}

type NodeBase = Pick<PipelineNode, "id" | "when" | "onError">;

/** The state of one compilation. */
export class BlockCompiler {
  /** The ids of the steps that answer a request. */
  readonly responds: string[] = [];
  readonly #parts: BlockParts;
  readonly #tasks: TaskCompiler;
  readonly #ids = new Map<string, Path>();
  #depth = 0;
  #steps = 0;

  constructor(parts: BlockParts) {
    this.#parts = parts;
    this.#tasks = new TaskCompiler(parts);
  }

  /** The modules that the steps use. */
  get uses(): readonly Use[] {
    return this.#tasks.uses;
  }

  /** A block that may be absent. */
  optional(
    written: readonly unknown[] | undefined,
    path: Path,
    scope: Scope,
  ): Block | undefined {
    return written && this.block(written, path, scope.inner());
  }

  /** Compiles a list of steps; `scope` grows with each. */
  block(written: readonly unknown[], path: Path, scope: Scope): Block {
    if (++this.#depth > PIPELINE_DEPTH_MAX) {
      this.#report(
        path,
        `Steps are nested deeper than ${PIPELINE_DEPTH_MAX} levels`,
      );
      return [];
    }
    const nodes: PipelineNode[] = [];
    written.forEach((entry, index) => {
      const made = this.#step(entry, [...path, index], scope);
      if (made === undefined) return;
      nodes.push(made.node);
      scope.add(made.node.id, made.output);
    });
    this.#depth--;
    return nodes;
  }

  #step(written: unknown, path: Path, scope: Scope): Made | undefined {
    if (++this.#steps > PIPELINE_STEPS_MAX) {
      if (this.#steps === PIPELINE_STEPS_MAX + 1) {
        this.#report(
          path,
          `The pipeline has more than ${PIPELINE_STEPS_MAX} steps`,
        );
      }
      return undefined;
    }
    const { document, strict, unset, mustBeSet, problems } = this.#parts;
    this.#parts.onScope?.(path, scope);
    const parsed = parseConfig({ config: stepSchema }, written, {
      ...{ document, path, strict, unset, mustBeSet },
      type: "a step",
      docs: "/docs/pipelines",
    });
    problems.push(...parsed.problems);
    const step = parsed.config as Partial<StepConfig>;
    const { id } = step;
    if (typeof id === "string") this.#claim(id, path);
    if (hasErrors(parsed.problems)) {
      // Whoever refers to it must not be blamed as well.
      if (typeof id === "string") scope.add(id, "any");
      return undefined;
    }
    return this.#compile(step as StepConfig, path, scope);
  }

  #claim(id: string, path: Path): void {
    const first = this.#ids.get(id);
    this.#ids.set(id, first ?? path);
    if (first === undefined) return;
    const { line } = this.#parts.document.problem({
      code: "duplicate-name",
      path: [...first, "id"],
      message: "",
    });
    this.#parts.problems.push(this.#parts.document.problem({
      code: "duplicate-name",
      path: [...path, "id"],
      message: `The step id "${id}" is taken at line ${line}`,
      found: id,
      expected: "an id of its own in the pipeline",
    }));
  }

  #compile(step: StepConfig, path: Path, scope: Scope): Made | undefined {
    const kinds = STEP_KINDS.filter((kind) => step[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      this.#report(
        path,
        kinds.length === 0
          ? `The step "${step.id}" says nothing to do`
          : `The step "${step.id}" is of several kinds: ${kinds.join(", ")}`,
        `exactly one of ${STEP_KINDS.join(", ")}`,
      );
      scope.add(step.id, "any");
      return undefined;
    }
    this.#refuse(strayKeys(step, kind), path);
    const base: NodeBase = {
      id: step.id,
      when: step.when === undefined
        ? undefined
        : this.#expression(step.when, scope, [...path, "when"]),
      onError: this.#onError(step, path, scope),
    };
    switch (kind) {
      case "use":
        return this.#use(step, base, path, scope);
      case "forEach":
        return this.#each(step, base, path, scope);
      case "parallel":
        return this.#parallel(step, base, path, scope);
      case "switch":
        return this.#switch(step, base, path, scope);
      case "wait":
        return this.#wait(step.wait ?? {}, base, [...path, "wait"], scope);
    }
  }

  #refuse(keys: readonly StrayKey[], path: Path): void {
    for (const { key, message, expected } of keys) {
      this.#report([...path, key], message, expected);
    }
  }

  #onError(step: StepConfig, path: Path, scope: Scope): OnError {
    const { onError = "fail" } = step;
    if (!Array.isArray(onError)) return onError;
    const inner = scope.inner({ error: ERROR_TYPE });
    return this.block(onError, [...path, "onError"], inner);
  }

  #use(
    step: StepConfig,
    base: NodeBase,
    path: Path,
    scope: Scope,
  ): Made | undefined {
    const use = step.use ?? "";
    const resolved = this.#tasks.resolve(use, [...path, "use"], step.id);
    if (resolved === undefined) {
      scope.add(step.id, "any");
      return undefined;
    }
    const waits = asWait(use, step.with ?? {});
    if (waits !== undefined) {
      this.#refuse(idleKeys(step, "wait"), path);
      this.#tasks.values(resolved, step.with ?? {}, [...path, "with"], step.id);
      return this.#wait(waits, base, [...path, "with"], scope);
    }
    if (resolved.target.kind === "pipeline") {
      this.#refuse(idleKeys(step, "pipeline"), path);
    }
    if (use === "respond") this.responds.push(step.id);
    const task = this.#tasks.task(resolved, { id: step.id, step }, path, scope);
    // What undoes a step knows the step's own output.
    const after = scope.inner();
    after.add(step.id, resolved.output);
    const compensate = step.compensate &&
      this.#tasks.compensation(step.compensate, path, after, step.id);
    if (step.compensate && compensate?.target.kind === "pipeline") {
      this.#refuse(idleKeys(step.compensate, "pipeline"), [
        ...path,
        "compensate",
      ]);
    }
    return {
      node: { ...base, kind: "task", task, compensate },
      output: this.#isCertain(base) ? resolved.output : "any",
    };
  }

  /** An output that may be missing has no type that can be relied on. */
  #isCertain({ when, onError }: NodeBase): boolean {
    return when === undefined && onError === "fail";
  }

  #each(
    step: StepConfig,
    base: NodeBase,
    path: Path,
    scope: Scope,
  ): Made | undefined {
    const { forEach = [], as = "item", concurrency = 1 } = step;
    if (step.steps === undefined) {
      this.#report(path, `The loop "${step.id}" has no "steps"`);
      return undefined;
    }
    // A list is written as it is; a text is an expression.
    const items = typeof forEach === "string"
      ? this.#expression(forEach, scope, [...path, "forEach"])
      : this.#template(forEach as JsonValue, scope, [...path, "forEach"]);
    const inner = scope.inner({ [as]: "any", index: "number" });
    const node: EachNode = {
      ...base,
      kind: "each",
      items: items === undefined || "isConstant" in items
        ? items ?? NOTHING
        : { isConstant: false, evaluate: (values) => items.evaluate(values) },
      as,
      concurrency,
      body: this.block(step.steps, [...path, "steps"], inner),
    };
    return { node, output: this.#isCertain(base) ? "list" : "any" };
  }

  #parallel(
    { parallel = {} }: StepConfig,
    base: NodeBase,
    path: Path,
    scope: Scope,
  ): Made {
    const branches = Object.entries(parallel).map(([name, written]) => ({
      name,
      body: this.block(written, [...path, "parallel", name], scope.inner()),
    }));
    const fields = Object.fromEntries(
      branches.map(({ name }) => [name, "any"] as const),
    );
    return {
      node: { ...base, kind: "parallel", branches },
      output: this.#isCertain(base) ? { fields } : "any",
    };
  }

  #switch(
    step: StepConfig,
    base: NodeBase,
    path: Path,
    scope: Scope,
  ): Made {
    const written = step.switch ?? [];
    const cases: SwitchNode["cases"] = written.map((branch, index) => {
      const place = [...path, "switch", index];
      if (branch.when === undefined && index < written.length - 1) {
        this.#report(
          place,
          "A branch without a condition hides those after it",
        );
      }
      return {
        when: branch.when === undefined
          ? undefined
          : this.#expression(branch.when, scope, [...place, "when"]),
        body: this.block(branch.steps, [...place, "steps"], scope.inner()),
      };
    });
    return { node: { ...base, kind: "switch", cases }, output: "any" };
  }

  #wait(
    wait: NonNullable<StepConfig["wait"]>,
    base: NodeBase,
    path: Path,
    scope: Scope,
  ): Made | undefined {
    const kinds = (["for", "until", "signal", "approval"] as const)
      .filter((key) => wait[key] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      this.#report(
        path,
        `The wait "${base.id}" needs exactly one of for, until, signal, approval`,
      );
      return undefined;
    }
    const isTimed = kind === "for" || kind === "until";
    if (isTimed && wait.timeout !== undefined) {
      this.#report(
        [...path, "timeout"],
        '"timeout" has no effect where a wait ends by itself',
      );
    }
    const template = (value: JsonValue | undefined, key: string) =>
      value === undefined
        ? undefined
        : this.#template(value, scope, [...path, key]);
    const node: WaitNode = {
      ...base,
      kind: "wait",
      for: template(wait.for, "for"),
      until: template(wait.until, "until"),
      signal: template(wait.signal, "signal"),
      approval: template(wait.approval, "approval"),
      timeoutMs: wait.timeout === undefined
        ? undefined
        : durationMs(wait.timeout),
    };
    return { node, output: kind === "approval" ? APPROVAL_TYPE : "any" };
  }

  #expression(text: string, scope: Scope, path: Path) {
    return this.#parts.expressions.expression(text, scope.variables(), path);
  }

  #template(value: JsonValue, scope: Scope, path: Path): Template {
    const { expressions } = this.#parts;
    return expressions.template(value, scope.variables(), path) ?? NOTHING;
  }

  #report(path: Path, message: string, expected?: string): void {
    this.#parts.problems.push(this.#parts.document.problem({
      code: "invalid-pipeline",
      path,
      message,
      expected,
    }));
  }
}
