/**
 * Sub-actions: `POST …/{id}/{action}` fires the transition that the action stands
 * for, or appends to a list. What is sent along becomes part of the resource.
 *
 * The transition decides and is committed first. If the process dies right after
 * it, what was sent is in the history of the instance and not in the resource.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { Resource, ResourceData } from "@engine/services/persistence.ts";
import { about } from "./_announcement.ts";
import { answer } from "./_answer.ts";
import { readOptionalObject } from "./_body.ts";
import type { Caller } from "./_caller.ts";
import { changeResource } from "./_change.ts";
import { DEFAULT_TRANSITIONS } from "./_config.ts";
import { fieldOf } from "./_json.ts";
import { isFrom } from "./_machine.ts";
import { HttpRefusal } from "./_refusal.ts";
import type { ResourceApi } from "./_resource_api.ts";
import { fire, toMove } from "./_transition.ts";

/** Runs a sub-action. */
export async function runSubAction(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
  { id, action }: { readonly id: string; readonly action: string },
): Promise<Response> {
  const body = await readOptionalObject(context.request);
  const resource = await api.visible(id, caller);
  const { appendActions } = api.config;
  const list = Object.hasOwn(appendActions, action)
    ? appendActions[action]
    : undefined;
  return list === undefined
    ? await transitBy(api, caller, { context, resource, action, body })
    : await append(api, caller, { context, resource, action, body, list });
}

/** A sub-action that was asked for. */
interface Asked {
  readonly context: HttpContext;
  readonly resource: Resource;
  readonly action: string;
  readonly body: JsonObject;
}

async function transitBy(
  api: ResourceApi,
  caller: Caller,
  { context, resource, action, body }: Asked,
): Promise<Response> {
  const { id } = resource;
  const { workflow } = api.machine;
  if (workflow === undefined) {
    throw new HttpRefusal(404, `Cannot find "${action}" of "${id}"`);
  }
  api.checkWritable(caller, merged(resource.data, body));
  const movable = await toMove(api, resource, workflow);
  const transition = transitionFor(api, movable.instance.state, action, body);
  const moved = await fire(api, movable, transition, {
    input: body,
    facts: { success: false, action, transition },
  });
  const changed = Object.keys(body).length === 0
    ? moved.resource
    : await changeResource(api, id, (current) => ({
      data: merged(current.data, body),
      marks: current.marks,
    }));
  context.instance = moved.instance;
  const view = api.view(changed ?? moved.resource, moved.instance);
  const { state, lastUpdate } = view;
  const facts = { ...about(moved.instance), resourceId: id, action, state };
  await api.announcements.tell(action, facts, view);
  return answer(200, {
    success: true,
    action,
    transition,
    id,
    state,
    lastUpdate,
  });
}

async function append(
  api: ResourceApi,
  caller: Caller,
  { context, resource: { id }, action, body, list }:
    & Asked
    & { readonly list: string },
): Promise<Response> {
  let index = 0;
  const changed = await changeResource(api, id, ({ data, marks }) => {
    const items = fieldOf(data, list) ?? [];
    if (!Array.isArray(items)) {
      throw new HttpRefusal(
        400,
        `Cannot append to "${id}": its field "${list}" is not a list`,
        { body: { success: false, action } },
      );
    }
    index = items.length;
    const longer = merged(data, { [list]: [...items, body] });
    api.checkWritable(caller, longer);
    return { data: longer, marks: { ...marks, isAhead: true } };
  });
  if (changed === undefined) {
    throw new HttpRefusal(404, `Cannot find "${id}"`);
  }
  const instance = await api.machine.find(changed);
  context.instance = instance;
  const view = api.view(changed, instance);
  const { state } = view;
  const facts = { ...about(instance), resourceId: id, action, state };
  await api.announcements.tell(action, facts, view);
  return answer(201, { success: true, action, id, index, item: body });
}

/**
 * The transition that an action stands for: of those that the definition has, the
 * one that ends in the `type` of the body, else the first that leads away from the
 * present state, else the first.
 */
function transitionFor(
  api: ResourceApi,
  state: string,
  action: string,
  body: JsonObject,
): string {
  const { definition } = api.machine;
  const known = definition === undefined
    ? []
    : candidates(api, definition, action);
  const type = fieldOf(body, "type");
  const transition =
    known.find((name) =>
      typeof type === "string" && name.endsWith(`_${type}`)
    ) ?? known.find((name) => definition && isFrom(definition, name, state)) ??
      known[0];
  if (transition !== undefined) return transition;
  throw new HttpRefusal(
    400,
    `Cannot do "${action}": no transition of the workflow stands for it`,
    { body: { success: false, action } },
  );
}

function candidates(
  api: ResourceApi,
  definition: MachineDefinition,
  action: string,
): readonly string[] {
  const { transitionMap } = api.config;
  const named = Object.hasOwn(transitionMap, action)
    ? [transitionMap[action] ?? []].flat()
    : [
      ...Object.hasOwn(DEFAULT_TRANSITIONS, action)
        ? DEFAULT_TRANSITIONS[action] ?? []
        : [],
      action,
    ];
  return named.filter((name) => Object.hasOwn(definition.transitions, name));
}

function merged(data: ResourceData, more: ResourceData): ResourceData {
  return { ...data, ...more };
}
