/**
 * Runs an action of the statemachine section: a transition of an instance, which
 * is made first if there is none and the transition leads from the beginning.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import {
  type FireOptions,
  StateMachines,
} from "@engine/services/state_machines.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import {
  type Announcement,
  announcementIn,
  beyondAnnouncement,
} from "./_announcement.ts";

/** One dispatched action. */
export interface Action {
  /** The engine of the section. */
  readonly machines: StateMachines;
  readonly host: Host;
  /** A transition, or `engine:transition`. */
  readonly action: string;
  readonly data: JsonObject;
  /** The section's type, or the name of a definition. */
  readonly workflow: string;
  /** What names the request, asked for it, and led here; see `chainOf`. */
  readonly options: Pick<FireOptions, "idempotencyKey" | "source" | "via">;
}

/**
 * Fires. The instance is the one that `instanceId` or `id` names; without either
 * a new one begins.
 *
 * @throws {RefusedError} what `StateMachines.fire` refuses, and `invalid-input`
 * if no instance is named and none can begin with the transition.
 */
export async function fireTransition(request: Action): Promise<JsonObject> {
  const { machines, transition } = targetOf(request);
  const { host, data } = request;
  const definition = definitionOf(machines, transition, request);
  const announced = announcementIn(data, machines);
  if (announced !== undefined && follows(announced, transition, definition)) {
    // It may have to wait for work that the announced transition asks for.
    return {
      instanceId: data.instanceId,
      currentState: announced.toState,
      transition,
      success: true,
      automatic: true,
    };
  }
  const canBegin = definition !== undefined && begins(definition, transition);
  const named = idOf(data);
  if (named === undefined && !canBegin) {
    throw new RefusedError(
      "invalid-input",
      `Cannot fire "${transition}": the data has neither "instanceId" nor "id", ` +
        "and no new instance begins with it",
    );
  }
  const id = named ?? host.effects.ids.next();
  const input = announced === undefined
    ? inputOf(data)
    : beyondAnnouncement(data);
  const options = optionsOf(input, {
    // Addressed by its type, a section means the instance, whatever it is.
    definition: isWholeType(request) ? undefined : definition?.name,
    begins: canBegin ? definition.name : undefined,
  });
  const instance = await machines.fire(id, transition, {
    ...options,
    ...request.options,
  });
  return {
    instanceId: instance.id,
    currentState: instance.state,
    transition,
    success: true,
  };
}

/** Whether the machine takes a transition by itself after an announced one. */
function follows(
  { definition: name, toState }: Announcement,
  transition: string,
  definition: MachineDefinition | undefined,
): boolean {
  if (definition?.name !== name) return false;
  const way = Object.hasOwn(definition.transitions, transition)
    ? definition.transitions[transition]
    : undefined;
  return way?.autoTransform === true && way.fromState === toState &&
    way.condition === undefined;
}

function optionsOf(
  data: JsonObject,
  { definition, begins }: {
    readonly definition: string | undefined;
    readonly begins: string | undefined;
  },
): FireOptions {
  if (begins === undefined) {
    return definition === undefined ? { data } : { data, definition };
  }
  const create = { definition: begins, data };
  return definition === undefined
    ? { data, create }
    : { data, definition, create };
}

/** `engine:transition` names another engine; a transition may hold a colon, too. */
function targetOf(
  { machines, host, action }: Action,
): { readonly machines: StateMachines; readonly transition: string } {
  const colon = action.indexOf(":");
  if (colon < 0) return { machines, transition: action };
  const engine = action.slice(0, colon);
  if (!host.provides(engine, StateMachines)) {
    return { machines, transition: action };
  }
  return {
    machines: host.use<StateMachines>(engine),
    transition: action.slice(colon + 1),
  };
}

function isWholeType({ workflow }: Action): boolean {
  return workflow === "statemachine";
}

/**
 * The definition that the request means: the workflow itself; else what the data
 * says; else the only one in which an instance can begin with the transition.
 */
function definitionOf(
  machines: StateMachines,
  transition: string,
  request: Action,
): MachineDefinition | undefined {
  if (!isWholeType(request)) return machines.definition(request.workflow);
  const { definition, workflowType, workflowName } = request.data;
  const said = definition ?? workflowType ?? workflowName;
  if (typeof said === "string") return machines.definition(said);
  const fitting = machines.definitions()
    .filter((candidate) => begins(candidate, transition));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function begins(definition: MachineDefinition, transition: string): boolean {
  return Object.hasOwn(definition.transitions, transition) &&
    definition.transitions[transition]?.fromState === definition.initialState;
}

function idOf({ instanceId, id }: JsonObject): string | undefined {
  for (const candidate of [instanceId, id]) {
    if (typeof candidate === "string" && candidate !== "") return candidate;
    if (typeof candidate === "number") return String(candidate);
  }
  return undefined;
}

/** The name of the instance is no part of its data. */
function inputOf(data: JsonObject): JsonObject {
  if (data.instanceId === undefined) return data;
  const { instanceId: _, ...input } = data;
  return input;
}
