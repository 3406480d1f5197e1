/**
 * Fires transitions of a resource's state machine instance.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { Resource, ResourceData } from "@engine/services/persistence.ts";
import type {
  MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";
import { answer } from "./_answer.ts";
import { readObject } from "./_body.ts";
import type { Caller } from "./_caller.ts";
import { settle, type Settled } from "./_change.ts";
import { fieldOf, isJsonObject } from "./_json.ts";
import { asRefusal, HttpRefusal } from "./_refusal.ts";
import type { ResourceApi } from "./_resource_api.ts";

/** An instance that can be moved on. */
export interface Movable {
  readonly resource: Resource;
  readonly instance: MachineInstance;
  readonly machines: StateMachines;
}

/** Answers `{"transition", "data"?, "workflowType"?}` with the state it leads to. */
export async function transitionResource(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
  id: string,
): Promise<Response> {
  const body = await readObject(context.request);
  const transition = fieldOf(body, "transition");
  if (typeof transition !== "string" || transition === "") {
    throw notDone("Cannot fire a transition: the body names none");
  }
  const input = fieldOf(body, "data") ?? {};
  if (!isJsonObject(input)) {
    throw notDone('Cannot fire a transition: "data" is not a JSON object');
  }
  const resource = await api.visible(id, caller);
  // The machine works on both: what is sent must not lead out of the scope.
  api.checkWritable(caller, { ...resource.data, ...input });
  const movable = await toMove(api, resource, workflowFor(api, body, resource));
  const facts = { id, instanceId: movable.instance.id, transition };
  const moved = await fire(api, movable, transition, {
    input,
    facts: { success: false, ...facts },
  });
  context.instance = moved.instance;
  const view = api.view(moved.resource, moved.instance);
  const { state, lastUpdate } = view;
  await api.announcements.forward(view);
  return answer(200, {
    success: true,
    ...facts,
    state,
    lastUpdate,
    resource: view,
  });
}

/**
 * The instance of a resource, made if there is none.
 *
 * @throws {HttpRefusal} 400 if no state machine can keep the resource's state.
 */
export async function toMove(
  api: ResourceApi,
  resource: Resource,
  workflow: string | undefined,
): Promise<Movable> {
  const { machines } = api.machine;
  if (machines === undefined) {
    throw notDone(
      "Cannot fire a transition: the document has no state machine",
    );
  }
  if (workflow === undefined) {
    throw notDone("Cannot fire a transition: no workflow type is named");
  }
  if (!api.machine.knows(workflow)) {
    throw notDone(
      `Cannot fire a transition: no state machine is called "${workflow}"`,
    );
  }
  let settled: Settled;
  try {
    settled = await settle(api, resource, workflow);
  } catch (error) {
    throw asRefusal(error, "fire a transition", { success: false });
  }
  const { instance } = settled;
  if (instance?.definition === workflow) {
    return { resource: settled.resource, instance, machines };
  }
  throw notDone(
    `Cannot fire a transition: "${resource.id}" has no instance of "${workflow}"`,
  );
}

/**
 * Fires a transition with the input, and with what a replacement has changed.
 *
 * @throws {HttpRefusal} 400 from the wrong state, for an unknown transition or
 * if a guard refuses; nothing has changed then.
 */
export async function fire(
  api: ResourceApi,
  { resource, instance, machines }: Movable,
  transition: string,
  options: { readonly input: ResourceData; readonly facts: JsonObject },
): Promise<
  { readonly resource: Resource; readonly instance: MachineInstance }
> {
  const news = api.machine.newsFor(instance, resource);
  let moved: MachineInstance;
  try {
    moved = await machines.fire(instance.id, transition, {
      data: { ...news, ...options.input },
      definition: instance.definition,
      source: `module ${api.host.name}`,
    });
  } catch (error) {
    throw asRefusal(error, "fire a transition", options.facts);
  }
  if (resource.marks.isAhead !== true) return { resource, instance: moved };
  const { isAhead: _, ...marks } = resource.marks;
  const { id, data, version } = resource;
  const settled = await api.collection.replace(id, data, { version, marks });
  // Replaced or deleted in the meantime: then there is news for the next time.
  return { resource: settled ?? resource, instance: moved };
}

function workflowFor(
  api: ResourceApi,
  body: JsonObject,
  resource: Resource,
): string | undefined {
  const asked = fieldOf(body, "workflowType");
  const { workflow } = api.machine;
  if (workflow === undefined) {
    return [asked, api.mapping.read(resource.data, "workflowType")]
      .find((name) => typeof name === "string" && name !== "") as
        | string
        | undefined;
  }
  if (asked === undefined || asked === "" || asked === workflow) {
    return workflow;
  }
  throw notDone(
    `Cannot fire a transition: the workflow of these resources is "${workflow}"`,
  );
}

function notDone(message: string): HttpRefusal {
  return new HttpRefusal(400, message, { body: { success: false } });
}
