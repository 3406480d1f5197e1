/**
 * Renames a step of a pipeline, also in the expressions that speak of it.
 *
 * @module
 */
import { type JsonSchema, jsonSchema } from "../derive/json_schema.ts";
import { checkingEnvironment } from "../expression/environment.ts";
import { type ASTNode, childrenOf, contains } from "../expression/syntax.ts";
import { mapExpressions } from "../expression/template_parts.ts";
import { pipelineSchema, STEP_ID, stepSchema } from "../pipeline/grammar.ts";
import type { Change } from "./change.ts";
import type { Document } from "./document.ts";
import { pipelineSteps } from "./pipeline_steps.ts";
import { formatPath, type Path } from "./problem.ts";
import { partAt, variants } from "./references.ts";
import { missing, mustFit, set, taken } from "./rename_change.ts";
import { withSharedModes } from "./shared_modes.ts";
import { isMap, valueAt } from "./value_path.ts";

/** Which step is renamed. */
export interface StepRename {
  /** The id of its pipeline. */
  readonly pipeline: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Renames a step, wherever its pipeline says `steps.<id>` or `run.links.<id>`. An
 * expression that cannot be read stays.
 *
 * @throws {RangeError} if there is no such step, or it cannot have the name.
 */
export function renameStep(
  document: Document,
  { pipeline, from, to }: StepRename,
): readonly Change[] {
  const head: Path = ["pipelines", pipeline];
  const steps = pipelineSteps(document).filter(({ path }) =>
    path[1] === pipeline && typeof path.at(-1) === "number"
  );
  const own = steps.filter(({ step }) => step.id === from);
  if (own.length === 0) missing("step", from);
  if (from === to) return [];
  if (steps.some(({ step }) => step.id === to)) taken("step", to);
  mustFit("step", to, STEP_ID);
  const places = new Set(steps.map(({ path }) => formatPath(path)));
  const owners = [
    { path: head, schema: pipelineSchema },
    ...steps.map(({ path }) => ({ path, schema: stepSchema })),
  ];
  const changes = [
    ...own.map(({ path }) => set([...path, "id"], to)),
    ...owners.flatMap(({ path, schema }) =>
      textsIn(valueAt(document.value, path), path, places)
        .flatMap((found): readonly Change[] => {
          const inner = found.path.slice(path.length);
          const isBare = isExpression(jsonSchema(schema), inner);
          const text = isBare && !found.text.includes("${{")
            ? renamed(found.text, from, to)
            : mapExpressions(found.text, (text) => renamed(text, from, to));
          return text === found.text ? [] : [set(found.path, text)];
        })
    ),
  ];
  return withSharedModes(document, changes);
}

/** The texts below a value, but not those of the steps within it. */
function textsIn(
  value: unknown,
  path: Path,
  steps: ReadonlySet<string>,
): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  const entries = Array.isArray(value)
    ? [...value.entries()]
    : isMap(value)
    ? Object.entries(value)
    : [];
  return entries.flatMap(([key, item]) => {
    const place = [...path, key];
    return steps.has(formatPath(place)) ? [] : textsIn(item, place, steps);
  });
}

/** Whether a text of a step is an expression without braces around it. */
function isExpression(schema: JsonSchema, path: Path): boolean {
  const part = partAt(schema, path);
  return part !== undefined &&
    [part, ...variants(part)].some(({ widget }) => widget === "expression");
}

/** In which every name is known, since only the syntax matters. */
const environment = checkingEnvironment({});

/** An expression that speaks of the step by its other name. */
function renamed(text: string, from: string, to: string): string {
  const ast = syntaxOf(text);
  if (ast === undefined) return text;
  const found = mentions(ast, from, to);
  // Nothing in brackets may stand in there.
  const isFixed = contains(
    ast,
    (node) =>
      node.op === "call" && node.args[0] === "has" &&
      mentions(node, from, to).length > 0,
  );
  if (isFixed && !isWord(to)) {
    throw new RangeError(
      `Cannot rename: "${to}" cannot stand in the expression ` +
        `"${text.trim()}"; expected letters, digits and underscores`,
    );
  }
  let result = text;
  for (const { start, end, name } of found) {
    result = result.slice(0, start) + name + result.slice(end);
  }
  return result;
}

/** Whether a name may stand behind a dot. */
function isWord(name: string): boolean {
  return syntaxOf(`steps.${name}`)?.op === ".";
}

function syntaxOf(text: string): ASTNode | undefined {
  try {
    return environment.parse(text).ast;
  } catch {
    // What is wrong with it is told as a problem of the document.
    return undefined;
  }
}

interface Mention {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Where a step is named, the last place first. */
function mentions(
  node: ASTNode,
  from: string,
  to: string,
): readonly Mention[] {
  const own = mention(node, from, to);
  return [
    ...own === undefined ? [] : [own],
    ...childrenOf(node).toReversed().flatMap((child) =>
      mentions(child, from, to)
    ),
  ];
}

function mention(node: ASTNode, from: string, to: string): Mention | undefined {
  switch (node.op) {
    case ".":
    case ".?": {
      const [of, name] = node.args;
      if (name !== from || !holdsSteps(of)) return undefined;
      const open = node.op === "." ? "[" : "[?";
      return {
        start: of.end,
        end: node.end,
        name: isWord(to) ? `${node.op}${to}` : `${open}'${to}']`,
      };
    }
    case "[]":
    case "[?]": {
      const [of, at] = node.args;
      if (at.op !== "value" || at.args !== from || !holdsSteps(of)) {
        return undefined;
      }
      return { start: at.start, end: at.end, name: `'${to}'` };
    }
    default:
      return undefined;
  }
}

/** Whether a node is `steps` or `run.links`. */
function holdsSteps(node: ASTNode): boolean {
  if (node.op === "id") return node.args === "steps";
  return node.op === "." && node.args[1] === "links" &&
    node.args[0].op === "id" && node.args[0].args === "run";
}
