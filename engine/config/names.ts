/**
 * Finds names of workflows and of their actions that mean nothing. Unlike the
 * names of modules they are declared by sections, so no module stands behind one
 * and nothing is wired by it: what uses it is refused when its time comes.
 *
 * @module
 */
import { type JsonSchema, jsonSchema } from "../derive/json_schema.ts";
import { nearestName } from "./nearest.ts";
import type { Path, Problem } from "./problem.ts";
import { propertySchema, variants } from "./references.ts";
import type { Config } from "./validate.ts";
import { isMap, valueAt } from "./value_path.ts";

/** The actions of each workflow; of a workflow type, any. */
type Workflows = Map<string, Set<string> | undefined>;

/** A name that stands somewhere, with the workflow that is named beside it. */
interface Use {
  readonly path: Path;
  readonly name: string;
  readonly scope: string;
  readonly workflow: string | undefined;
}

/**
 * The workflows of a document and the actions that each declares; `undefined`
 * for a workflow type, of which only its section knows what it does. A pipeline
 * declares none: it begins.
 */
export function declaredWorkflows(
  parts: Pick<Config, "modules" | "sections" | "pipelines">,
): ReadonlyMap<string, ReadonlySet<string> | undefined> {
  const workflows = typesOf(parts);
  for (const { definition, config } of [...parts.modules, ...parts.sections]) {
    declare(jsonSchema(definition.config), config, workflows);
  }
  for (const { id } of parts.pipelines) workflows.set(id, new Set());
  return workflows;
}

/** Every name that leads nowhere: a warning, and an error in a strict document. */
export function nameProblems(config: Config): Problem[] {
  const parts = [...config.modules, ...config.sections].map((part) => ({
    schema: jsonSchema(part.definition.config),
    value: part.config,
    path: "name" in part ? [...part.path, "config"] : part.path,
  }));
  const workflows = typesOf(config);
  const pipelines = new Set(config.pipelines.map(({ id }) => id));
  const isKnown = parts.map(({ schema, value }) =>
    declare(schema, value, workflows, pipelines)
  ).every(Boolean);
  for (const id of pipelines) workflows.set(id, undefined);
  // What is not understood may be what declares a name that is missed.
  if (!isKnown || !isComplete(config)) return [];
  const uses: Use[] = [];
  for (const { schema, value, path } of parts) {
    collect(schema, value, { path, workflow: undefined, uses });
  }
  const { document, strict } = config;
  return uses
    // A default is not what anybody wrote, and applies where it fits.
    .filter(({ path }) => valueAt(document.value, path) !== undefined)
    .flatMap((use) => {
      const fault = use.scope === "pipeline"
        ? pipelineFault(use, pipelines)
        : faultOf(use, workflows);
      return fault === undefined ? [] : [document.problem({
        ...fault,
        code: "unresolved-reference",
        severity: strict ? "error" : "warning",
        path: use.path,
        found: use.name,
      })];
    });
}

function pipelineFault({ name }: Use, pipelines: ReadonlySet<string>) {
  if (pipelines.has(name)) return undefined;
  const message = `No pipeline is called "${name}"`;
  return { message, nearest: nearestName(name, pipelines) };
}

/** The types of the sections: each is dispatched under its own name as well. */
function typesOf({ sections }: Pick<Config, "sections">): Workflows {
  const workflows: Workflows = new Map();
  for (const { definition } of sections) {
    if (definition.kind !== "workflow") continue;
    workflows.set(definition.type, undefined);
  }
  return workflows;
}

/** Whether every part of `workflows:` is of a type that is known. */
function isComplete({ document, sections }: Config): boolean {
  const written = valueAt(document.value, ["workflows"]);
  const known = sections.filter(({ path }) => path[0] === "workflows");
  return !isMap(written) || Object.keys(written).length === known.length;
}

function faultOf(
  { name, scope, workflow }: Use,
  workflows: Workflows,
): { readonly message: string; readonly nearest?: string | undefined } | void {
  if (scope === "workflow") {
    if (workflows.has(name)) return;
    const message = `No workflow is called "${name}"`;
    return { message, nearest: nearestName(name, workflows.keys()) };
  }
  // What stands before a colon is the module that is to do it.
  const action = name.slice(name.indexOf(":") + 1);
  if (workflow === undefined) {
    const all = new Set(
      [...workflows.values()].flatMap((own) => [...own ?? []]),
    );
    if (all.size === 0 || all.has(name) || all.has(action)) return;
    const message = `No workflow has an action "${name}"`;
    return { message, nearest: nearestName(name, all) };
  }
  const actions = workflows.get(workflow);
  if (!actions || actions.has(name) || actions.has(action)) return;
  const message = `The workflow "${workflow}" has no action "${name}"`;
  return { message, nearest: nearestName(name, actions) };
}

/**
 * Notes what a config declares; false if a declaration is not understood. A
 * pipeline begins whatever the action is called.
 */
function declare(
  schema: JsonSchema,
  value: unknown,
  workflows: Workflows,
  pipelines = new Set<string>(),
): boolean {
  if (Array.isArray(value)) {
    const { items } = schema;
    return !items ||
      value.map((item) => declare(items, item, workflows, pipelines))
        .every(Boolean);
  }
  if (!isMap(value)) return true;
  let isKnown = true;
  let name: unknown;
  const actions = new Set<string>();
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const item = Object.hasOwn(value, key) ? value[key] : undefined;
    if (field.declares === "action") {
      for (const action of Object.keys(isMap(item) ? item : {})) {
        actions.add(action);
      }
    } else if (field.declares !== undefined) {
      name = item;
      isKnown &&= typeof name === "string";
      const isPipeline = field.declares === "pipeline";
      if (isPipeline && typeof name === "string") pipelines.add(name);
    } else if (!declare(field, item, workflows, pipelines)) isKnown = false;
  }
  if (typeof name === "string") workflows.set(name, actions);
  return isKnown;
}

/** The scopes whose names are declared anywhere in the document. */
const SCOPES: ReadonlySet<string> = new Set(["workflow", "action", "pipeline"]);

/** Finds the names that a config uses. */
function collect(
  schema: JsonSchema,
  value: unknown,
  at: {
    readonly path: Path;
    readonly workflow: string | undefined;
    readonly uses: Use[];
  },
): void {
  const { path, workflow, uses } = at;
  if (typeof value === "string") {
    const { scope } = schema;
    if (value !== "" && scope !== undefined && SCOPES.has(scope)) {
      uses.push({ path, name: value, scope, workflow });
      return;
    }
  }
  for (const variant of variants(schema)) collect(variant, value, at);
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, index) =>
      items && collect(items, item, { ...at, path: [...path, index] })
    );
  } else if (isMap(value)) {
    const inner = workflowIn(schema, value) ?? workflow;
    for (const [key, item] of Object.entries(value)) {
      const field = propertySchema(schema, key);
      const place = { path: [...path, key], workflow: inner, uses };
      if (field !== undefined) collect(field, item, place);
    }
  }
}

/** The workflow that a map names for all that stands in it. */
function workflowIn(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const [key, item] of Object.entries(value)) {
    const isName = propertySchema(schema, key)?.scope === "workflow";
    if (isName && typeof item === "string" && item !== "") return item;
  }
  return undefined;
}
