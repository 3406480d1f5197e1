/**
 * What a transition does, as a pure function: the present instance and a wish
 * go in, the next instance and a line of history come out, or the reason why
 * not. Replaying a history in the browser uses this same code.
 *
 * @module
 */
import { type RefusalCode, RefusedError } from "../errors.ts";
import type { CelVariables } from "../expression/environment.ts";
import { compileExpression } from "../expression/evaluate.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import type {
  HistoryEntry,
  MachineData,
  MachineInstance,
} from "../services/state_machines.ts";
import type { MachineDefinition, TransitionDefinition } from "./definition.ts";

/** What the condition of a transition may speak of. */
export const CONDITION_VARIABLES: CelVariables = {
  data: "map",
  input: "map",
  id: "string",
  state: "string",
};

/** What became of a wish to transition. */
export type Decision = Accepted | Refused;

/** The transition holds; both parts belong into one commit. */
export interface Accepted {
  readonly kind: "accepted";
  readonly instance: MachineInstance;
  readonly entry: HistoryEntry;
}

/** The transition does not hold; nothing may change. */
export interface Refused {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** Names the state that was found and the one that is needed. */
  readonly message: string;
}

/**
 * A new instance with the first line of its history: in the initial state, or in
 * `wanted` if the definition has it.
 */
export function createInstance(
  definition: MachineDefinition,
  id: string,
  data: MachineData,
  atMs: number,
  wanted: string = definition.initialState,
): Accepted {
  const state = Object.hasOwn(definition.states, wanted)
    ? wanted
    : definition.initialState;
  const target = definition.states[state];
  const completed = target?.isFinal ?? false;
  const instance: MachineInstance = {
    id,
    definition: definition.name,
    state,
    data,
    createdAt: atMs,
    updatedAt: atMs,
    completed,
    sequence: 0,
    ...completed && target?.isError
      ? { error: errorText(data, state) }
      : undefined,
  };
  const entry: HistoryEntry = {
    sequence: 0,
    transition: null,
    fromState: null,
    toState: state,
    at: atMs,
    data,
  };
  return { kind: "accepted", instance, entry };
}

/** Decides a transition. `input` is merged into the data, key by key. */
export function decide(
  instance: MachineInstance,
  transition: string,
  input: MachineData,
  definition: MachineDefinition,
  atMs: number,
): Decision {
  const way = wayOf(definition, transition);
  if (way === undefined) {
    return refused(
      "unknown-transition",
      `Cannot fire "${transition}" on "${instance.id}": "${definition.name}" ` +
        "has no such transition",
    );
  }
  if (instance.state !== way.fromState) {
    return refused(
      "wrong-state",
      `Cannot fire "${transition}" on "${instance.id}": it is in state ` +
        `"${instance.state}", and "${transition}" leads from "${way.fromState}"`,
    );
  }
  const objection = way.condition === undefined
    ? undefined
    : objectionTo(way.condition, instance, input);
  if (objection !== undefined) {
    return refused(
      "guard-refused",
      `Cannot fire "${transition}" on "${instance.id}": ${objection}`,
    );
  }
  return accept(instance, transition, way, input, definition, atMs);
}

/**
 * The transition that follows by itself: the first one in the file that is
 * automatic, leads from the present state, and whose condition holds. A
 * condition that cannot be evaluated does not hold.
 */
export function automaticTransition(
  instance: MachineInstance,
  definition: MachineDefinition,
): string | undefined {
  if (instance.completed) return undefined;
  for (const [name, way] of Object.entries(definition.transitions)) {
    if (!way.autoTransform || way.fromState !== instance.state) continue;
    if (way.condition === undefined) return name;
    if (objectionTo(way.condition, instance, {}) === undefined) return name;
  }
  return undefined;
}

/** A transition that leads from the state that an instance is in. */
export interface PossibleTransition {
  readonly name: string;
  readonly toState: string;
  /** It fires by itself. */
  readonly isAutomatic: boolean;
  readonly condition?: string;
  /** Why it would be refused now, unless what is sent along changes that. */
  readonly objection?: string;
}

/** What an instance can do next, in the order of the document. */
export function possibleTransitions(
  instance: MachineInstance,
  definition: MachineDefinition,
): readonly PossibleTransition[] {
  return Object.entries(definition.transitions)
    .filter(([, { fromState }]) => fromState === instance.state)
    .map(([name, { toState, autoTransform, condition }]) => {
      const objection = condition === undefined
        ? undefined
        : objectionTo(condition, instance, {});
      return {
        ...{ name, toState, isAutomatic: autoTransform },
        ...condition === undefined ? {} : { condition },
        ...objection === undefined ? {} : { objection },
      };
    });
}

/** The same, with what asked for it in its history. */
export function askedFor(step: Accepted, source: string | undefined): Accepted {
  return source === undefined
    ? step
    : { ...step, entry: { ...step.entry, source } };
}

/** Throws what was refused; returns what was accepted. */
export function accepted(decision: Decision): Accepted {
  if (decision.kind === "accepted") return decision;
  throw new RefusedError(decision.code, decision.message);
}

function wayOf(
  definition: MachineDefinition,
  transition: string,
): TransitionDefinition | undefined {
  return Object.hasOwn(definition.transitions, transition)
    ? definition.transitions[transition]
    : undefined;
}

function accept(
  instance: MachineInstance,
  transition: string,
  way: TransitionDefinition,
  input: MachineData,
  definition: MachineDefinition,
  atMs: number,
): Accepted {
  const target = definition.states[way.toState];
  const completed = target?.isFinal ?? false;
  const data = { ...instance.data, ...input };
  const sequence = instance.sequence + 1;
  const next: MachineInstance = {
    id: instance.id,
    definition: instance.definition,
    state: way.toState,
    previousState: instance.state,
    data,
    createdAt: instance.createdAt,
    updatedAt: atMs,
    completed,
    sequence,
    ...completed && target?.isError
      ? { error: errorText(data, way.toState) }
      : undefined,
  };
  const entry: HistoryEntry = {
    sequence,
    transition,
    fromState: instance.state,
    toState: way.toState,
    at: atMs,
    data: input,
  };
  return { kind: "accepted", instance: next, entry };
}

function errorText(data: MachineData, state: string): string {
  return typeof data.error === "string"
    ? data.error
    : `It reached the error state "${state}"`;
}

/** Why a condition keeps a transition from being taken, if it does. */
function objectionTo(
  condition: string,
  instance: MachineInstance,
  input: MachineData,
): string | undefined {
  const { id, state, data } = instance;
  try {
    const holds = compileExpression(condition, CONDITION_VARIABLES)
      .evaluate({ data, input, id, state });
    return holds === true
      ? undefined
      : `its condition "${condition}" does not hold`;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `its condition "${condition}" failed: ${error.message}`;
  }
}

function refused(code: RefusalCode, message: string): Refused {
  return { kind: "refused", code, message };
}
