/**
 * Says what is wrong with a state machine before it runs.
 *
 * @module
 */
import type { Path } from "../config/problem.ts";
import { nearestName } from "../config/nearest.ts";
import type { Issue } from "../define.ts";
import { checkExpression } from "../expression/check.ts";
import type { MachineDefinition, TransitionDefinition } from "./definition.ts";
import { CONDITION_VARIABLES } from "./transition.ts";

/**
 * Every contradiction in a definition. Paths lead from the definition downwards.
 * Errors are what no instance could survive; the rest are warnings.
 */
export function checkMachine(definition: MachineDefinition): Issue[] {
  const { states, initialState, transitions } = definition;
  const issues: Issue[] = [];
  if (Object.keys(states).length === 0) {
    issues.push(issue(["states"], `"${definition.name}" has no states`));
    return issues;
  }
  if (!Object.hasOwn(states, initialState)) {
    issues.push(unknownState(["initialState"], initialState, states));
  }
  for (const [name, way] of Object.entries(transitions)) {
    issues.push(...checkTransition(name, way, states));
  }
  issues.push(...unreachable(definition), ...restless(definition));
  return issues;
}

function checkTransition(
  name: string,
  way: TransitionDefinition,
  states: MachineDefinition["states"],
): Issue[] {
  const path = ["transitions", name];
  const issues: Issue[] = [];
  for (const end of ["fromState", "toState"] as const) {
    if (!Object.hasOwn(states, way[end])) {
      issues.push(unknownState([...path, end], way[end], states));
    }
  }
  const error = way.condition === undefined
    ? undefined
    : checkExpression(way.condition, CONDITION_VARIABLES);
  if (error !== undefined) {
    issues.push({
      code: "invalid-expression",
      path: [...path, "condition"],
      message: `The condition of "${name}" is not valid at ` +
        `${error.line}:${error.column}: ${error.message}`,
      ...suggestion(error.nearest),
    });
  }
  return issues;
}

/** States that no sequence of transitions leads to. */
function unreachable(definition: MachineDefinition): Issue[] {
  const { states, initialState, transitions } = definition;
  if (!Object.hasOwn(states, initialState)) return [];
  const reached = new Set([initialState]);
  // A set hands out what is added to it while it is iterated.
  for (const state of reached) {
    for (const way of Object.values(transitions)) {
      if (way.fromState === state) reached.add(way.toState);
    }
  }
  return Object.keys(states)
    .filter((state) => !reached.has(state))
    .map((state) =>
      warning(
        ["states", state],
        `The state "${state}" of "${definition.name}" cannot be reached from "${initialState}"`,
        `Add a transition that leads to "${state}", or remove it`,
      )
    );
}

/** Circles of automatic transitions that nothing ever stops. */
function restless(definition: MachineDefinition): Issue[] {
  const next = new Map<string, readonly [name: string, toState: string]>();
  const decided = new Set<string>();
  for (const [name, way] of Object.entries(definition.transitions)) {
    if (!way.autoTransform || decided.has(way.fromState)) continue;
    // The first one that is automatic is tried first; a condition may end it all.
    decided.add(way.fromState);
    if (way.condition !== undefined) continue;
    if (definition.states[way.fromState]?.isFinal) continue;
    next.set(way.fromState, [name, way.toState]);
  }
  const seen = new Set<string>();
  const issues: Issue[] = [];
  for (const start of next.keys()) {
    const trail: string[] = [];
    let state = start;
    while (next.has(state) && !seen.has(state)) {
      seen.add(state);
      trail.push(state);
      state = next.get(state)?.[1] ?? state;
    }
    const circle = trail.slice(trail.indexOf(state));
    const [name] = next.get(state) ?? [];
    if (name === undefined || !trail.includes(state)) continue;
    issues.push(warning(
      ["transitions", name, "autoTransform"],
      `Automatic transitions of "${definition.name}" go in a circle: ` +
        [...circle, state].join(" → "),
      "Give one of them a condition",
    ));
  }
  return issues;
}

function unknownState(
  path: Path,
  name: string,
  states: MachineDefinition["states"],
): Issue {
  const known = Object.keys(states);
  return {
    ...issue(path, `No state is called "${name}"`),
    ...suggestion(nearestName(name, known)),
  };
}

function suggestion(nearest: string | undefined): { help?: string } {
  return nearest === undefined ? {} : { help: `Did you mean "${nearest}"?` };
}

function issue(path: Path, message: string): Issue {
  return { code: "invalid-machine", path, message };
}

function warning(path: Path, message: string, help: string): Issue {
  return { ...issue(path, message), severity: "warning", help };
}
