/**
 * Finds the steps of a program, and what an expression at one of them may name:
 * what its `when` sees.
 *
 * @module
 */
import { celTypeOfInput } from "../pipeline/cel_types.ts";
import { runType } from "../pipeline/compile.ts";
import type { INPUT_TYPES } from "../pipeline/grammar.ts";
import type { Block, PipelineNode, Program } from "../pipeline/program.ts";
import { ERROR_TYPE, Scope } from "../pipeline/scope.ts";
import type { CelType, CelVariables } from "../expression/environment.ts";

/** A step of a program, wherever it stands. */
export interface StepPlace {
  readonly node: PipelineNode;
  /** The ids of the loops around it, the outermost first. */
  readonly loops: readonly string[];
  readonly variables: CelVariables;
}

/** Every step of a program by its id. */
export function placesIn(program: Program): ReadonlyMap<string, StepPlace> {
  const places = new Map<string, StepPlace>();
  const { body, onSuccess = [], onError = [], approvals } = program;
  const scope = new Scope({
    input: inputType(program),
    run: runType(approvals),
  });
  const around = { scope, loops: [] };
  visit(body, around, places);
  visit(onSuccess, { ...around, scope: scope.inner() }, places);
  const failed = scope.inner({ error: ERROR_TYPE });
  visit(onError, { ...around, scope: failed }, places);
  return places;
}

/** The step that a path names: `pack`, `each/pack` or `each[3]/pack`. */
export function placeAt(
  places: ReadonlyMap<string, StepPlace>,
  path: string,
): StepPlace | undefined {
  const names = path.split("/");
  const place = places.get(names.at(-1) ?? "");
  if (place === undefined || names.length === 1) return place;
  const loops = names.slice(0, -1).map((name) => name.replace(/\[\d+\]$/, ""));
  return loops.join("/") === place.loops.join("/") ? place : undefined;
}

/** Whether a path as a breakpoint has it means the path of a step of a run. */
export function means(wanted: string, path: string): boolean {
  if (wanted === path) return true;
  if (!wanted.includes("/")) return path.endsWith(`/${wanted}`);
  const inner = path.split("/");
  const parts = wanted.split("/");
  return parts.length === inner.length &&
    parts.every((part, index) =>
      part === inner[index] || part === inner[index]?.replace(/\[\d+\]$/, "")
    );
}

interface Around {
  readonly scope: Scope;
  readonly loops: readonly string[];
}

function visit(
  block: Block,
  around: Around,
  places: Map<string, StepPlace>,
): void {
  const { scope, loops } = around;
  for (const node of block) {
    places.set(node.id, { node, loops, variables: scope.variables() });
    const inner = (names?: Readonly<Record<string, CelType>>) => ({
      ...around,
      scope: scope.inner(names),
    });
    if (typeof node.onError === "object") {
      visit(node.onError, inner({ error: ERROR_TYPE }), places);
    }
    switch (node.kind) {
      case "each": {
        const items = inner({ [node.as]: "any", index: "number" });
        visit(node.body, { ...items, loops: [...loops, node.id] }, places);
        break;
      }
      case "parallel":
        for (const { body } of node.branches) visit(body, inner(), places);
        break;
      case "switch":
        for (const { body } of node.cases) visit(body, inner(), places);
    }
    // What a step yields is not known here: any field of it passes.
    scope.add(node.id, "any");
  }
}

function inputType({ input }: Program): CelType {
  if (input === undefined) return "map";
  const fields = [...input].map(([name, { type, required, defaultValue }]) => {
    const isOptional = !required && defaultValue === undefined;
    return [
      name,
      isOptional ? "any" : celTypeOfInput(type as (typeof INPUT_TYPES)[number]),
    ] as const;
  });
  return { fields: Object.fromEntries(fields) };
}
