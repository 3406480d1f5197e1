/**
 * Creates, replaces and deletes resources. Data is kept exactly as it was sent:
 * owner, state and instance stand beside it.
 *
 * @module
 */
import type {
  Resource,
  ResourceData,
  ResourceMarks,
} from "@engine/services/persistence.ts";
import { answer, emptyAnswer } from "./_answer.ts";
import { readObject } from "./_body.ts";
import type { Caller } from "./_caller.ts";
import { settle, stored, tooBusy, WRITE_ATTEMPTS_MAX } from "./_change.ts";
import { idFault } from "./_id.ts";
import { changedSince, checkIfMatch } from "./_precondition.ts";
import { asRefusal, HttpRefusal } from "./_refusal.ts";
import { etagOf, type ResourceApi } from "./_resource_api.ts";

/** Creates a resource: under the id of the path, of the data, or a new one. */
export async function createResource(
  api: ResourceApi,
  caller: Caller,
  request: Request,
  pathId?: string,
): Promise<Response> {
  const data = await readObject(request);
  const id = pathId ?? api.mapping.readText(data, "id") ??
    api.host.effects.ids.next();
  const fault = idFault(id);
  if (fault !== undefined) {
    throw new HttpRefusal(400, `Cannot create the resource: ${fault}`);
  }
  api.checkWritable(caller, data);
  const marks = await marksFor(api, id, data, caller.subject);
  const resource = await stored(api.collection.create(id, data, marks));
  if (resource === undefined) {
    throw new HttpRefusal(409, `Cannot create "${id}": it exists already`);
  }
  const instance = await beginOrUndo(api, resource);
  const view = api.view(resource, instance);
  await api.announcements.tell("created", { resource: view }, view);
  return answer(201, view, { etag: etagOf(resource, instance) });
}

/** Replaces the data of a resource; its state stays. */
export async function replaceResource(
  api: ResourceApi,
  caller: Caller,
  request: Request,
  id: string,
): Promise<Response> {
  const data = await readObject(request);
  api.checkWritable(caller, data);
  const ifMatch = request.headers.get("if-match");
  for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
    const { resource: current, instance } = await settle(
      api,
      await api.visible(id, caller),
    );
    checkIfMatch(etagOf(current, instance), ifMatch);
    // What was checked must be what is replaced.
    const { version } = current;
    const marks = marksAfter(api, current, data);
    const resource = await stored(
      api.collection.replace(id, data, { version, marks }),
    );
    if (resource !== undefined) {
      const view = api.view(resource, instance);
      await api.announcements.tell("updated", { resource: view }, view);
      return answer(200, view, { etag: etagOf(resource, instance) });
    }
    if (ifMatch !== null) throw changedSince();
  }
  throw tooBusy(id);
}

/** Deletes a resource. Its state machine instance stays, with its history. */
export async function deleteResource(
  api: ResourceApi,
  caller: Caller,
  request: Request,
  id: string,
): Promise<Response> {
  const ifMatch = request.headers.get("if-match");
  for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
    const current = await api.visible(id, caller);
    const instance = await api.machine.find(current);
    checkIfMatch(etagOf(current, instance), ifMatch);
    if (await api.collection.delete(id, current.version)) {
      const view = api.view(current, instance);
      await api.announcements.tell("deleted", { resourceId: id }, view);
      return emptyAnswer(204);
    }
    if (ifMatch !== null) throw changedSince();
  }
  throw tooBusy(id);
}

/** What stands beside the data of a new resource. */
async function marksFor(
  api: ResourceApi,
  id: string,
  data: ResourceData,
  owner: string | undefined,
): Promise<ResourceMarks> {
  const mine = owner === undefined ? {} : { owner };
  if (api.machine.workflow !== undefined) {
    // The machine alone decides on states: none is taken from the client.
    return { ...mine, instanceId: await api.machine.newInstanceId(id, data) };
  }
  const state = api.stateIn(data);
  return state === undefined ? mine : { ...mine, state };
}

function marksAfter(
  api: ResourceApi,
  { marks }: Resource,
  data: ResourceData,
): ResourceMarks {
  const isKept = marks.instanceId !== undefined ||
    api.machine.workflow !== undefined;
  if (isKept) return { ...marks, isAhead: true };
  const state = api.stateIn(data) ?? marks.state;
  return state === undefined ? marks : { ...marks, state };
}

/** Begins the instance of a new resource, or takes the resource back. */
async function beginOrUndo(api: ResourceApi, resource: Resource) {
  try {
    return await api.machine.begin(resource, api.machine.workflow);
  } catch (error) {
    await api.collection.delete(resource.id, resource.version);
    throw asRefusal(error, "create the resource");
  }
}
