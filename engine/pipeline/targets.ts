/**
 * Finds who does a step: a type of step, an action of a module, a component or
 * another pipeline; and what it takes and gives.
 *
 * @module
 */
import { z } from "zod";
import type { Catalog } from "../catalog.ts";
import type { ModuleConfig } from "../config/validate.ts";
import { nearestName } from "../config/nearest.ts";
import type { Checkable } from "../config/parse_config.ts";
import type { ProblemCode } from "../config/problem.ts";
import { jsonSchema } from "../derive/json_schema.ts";
import type { CelType } from "../expression/environment.ts";
import { celTypeOf } from "./cel_types.ts";
import type { Target } from "./program.ts";

/** What there is in the document and in the build. */
export interface Surroundings {
  readonly catalog: Pick<Catalog, "steps">;
  /** The modules of the document, by name. */
  readonly modules: ReadonlyMap<string, ModuleConfig>;
  /** The ids of the document's pipelines. */
  readonly pipelines: ReadonlySet<string>;
}

/** Who does a step. */
export interface Resolved {
  readonly kind: "resolved";
  readonly target: Target;
  /** What `with` must be. */
  readonly input: Checkable;
  /** What its output is. */
  readonly output: CelType;
  /** How problems call it. */
  readonly name: string;
  readonly docs: string;
}

/** Why nobody does it. */
export interface Unresolved {
  readonly kind: "unresolved";
  readonly code: ProblemCode;
  readonly message: string;
  readonly nearest?: string | undefined;
  readonly expected?: string;
}

const ANYTHING: Checkable = { config: z.record(z.string(), z.unknown()) };

/** The service ids that a target needs of its module. */
const ACTIONS = "actions";
const EXECUTOR = "executor";

/** Resolves `use`. */
export function resolveTarget(
  use: string,
  around: Surroundings,
): Resolved | Unresolved {
  const colon = use.indexOf(":");
  if (colon < 0) return stepTarget(use, around);
  const name = use.slice(colon + 1);
  switch (use.slice(0, colon)) {
    case "module":
      return actionTarget(name, around);
    case "component":
      return componentTarget(name, around);
    case "pipeline":
      return pipelineTarget(name, around);
    default:
      return {
        kind: "unresolved",
        code: "unknown-step-type",
        message: `"${use}" says nothing that a step can do`,
        expected:
          "a type of step, module:<name>.<action>, component:<name> or pipeline:<id>",
      };
  }
}

function stepTarget(
  type: string,
  { catalog }: Surroundings,
): Resolved | Unresolved {
  const definition = catalog.steps.get(type);
  if (definition === undefined) {
    return {
      kind: "unresolved",
      code: "unknown-step-type",
      message: `No type of step is called "${type}"`,
      nearest: nearestName(type, catalog.steps.keys()),
      expected: `one of ${[...catalog.steps.keys()].join(", ")}`,
    };
  }
  return {
    kind: "resolved",
    target: { kind: "step", type, pure: definition.pure ?? false },
    input: definition,
    output: celTypeOf(jsonSchema(definition.output)),
    name: type,
    docs: `/docs/steps/${type}`,
  };
}

function actionTarget(
  text: string,
  { modules }: Surroundings,
): Resolved | Unresolved {
  // A name may have dots of its own; an action has none.
  const dot = text.lastIndexOf(".");
  const name = dot < 0 ? text : text.slice(0, dot);
  const action = dot < 0 ? "" : text.slice(dot + 1);
  const module = modules.get(name);
  if (module === undefined) return unknownModule(name, modules, ACTIONS);
  const { definition } = module;
  const known = Object.keys(definition.actions ?? {});
  const found = Object.hasOwn(definition.actions ?? {}, action)
    ? definition.actions?.[action]
    : undefined;
  if (found === undefined) {
    return {
      kind: "unresolved",
      code: "unresolved-reference",
      message: known.length === 0
        ? `"${name}" is a ${module.type}, which has no actions for steps`
        : `"${name}" is a ${module.type}, which has no action "${action}"`,
      nearest: nearestName(action, known),
      ...known.length === 0
        ? {}
        : { expected: `module:${name}.${known.join(` or module:${name}.`)}` },
    };
  }
  return {
    kind: "resolved",
    target: { kind: "action", module: module.name, action },
    input: { config: found.input },
    output: celTypeOf(jsonSchema(found.output)),
    name: `${module.type}.${action}`,
    docs: `/docs/modules/${module.type}`,
  };
}

function componentTarget(
  name: string,
  { modules }: Surroundings,
): Resolved | Unresolved {
  const module = modules.get(name);
  if (module === undefined) return unknownModule(name, modules, EXECUTOR);
  const { definition, type } = module;
  if (!definition.provides.some(({ id }) => id === EXECUTOR)) {
    return {
      kind: "unresolved",
      code: "wrong-service",
      message: `"${name}" is a ${type}, which does not run user code`,
      expected: "the name of a dynamic.component",
    };
  }
  return {
    kind: "resolved",
    target: { kind: "component", module: module.name },
    input: ANYTHING,
    output: "any",
    name: type,
    docs: `/docs/modules/${type}`,
  };
}

function pipelineTarget(
  id: string,
  { pipelines }: Surroundings,
): Resolved | Unresolved {
  if (!pipelines.has(id)) {
    return {
      kind: "unresolved",
      code: "unresolved-reference",
      message: `No pipeline is called "${id}"`,
      nearest: nearestName(id, pipelines),
      expected: "the id of a pipeline in this document",
    };
  }
  return {
    kind: "resolved",
    target: { kind: "pipeline", id },
    input: ANYTHING,
    output: "any",
    name: `pipeline:${id}`,
    docs: "/docs/pipelines",
  };
}

function unknownModule(
  name: string,
  modules: ReadonlyMap<string, ModuleConfig>,
  service: string,
): Unresolved {
  const fitting = [...modules.values()]
    .filter(({ definition }) =>
      definition.provides.some(({ id }) => id === service)
    )
    .map((module) => module.name);
  return {
    kind: "unresolved",
    code: "unresolved-reference",
    message: `No module is called "${name}"`,
    nearest: nearestName(name, [...fitting, ...modules.keys()]),
    expected: "the name of a module in this document",
  };
}
