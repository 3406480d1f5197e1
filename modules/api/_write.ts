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
import type { HttpContext } from "@engine/services/http_handler.ts";
import { answer, emptyAnswer } from "./_answer.ts";
import { readObject } from "./_body.ts";
import type { Caller } from "./_caller.ts";
import { about } from "./_announcement.ts";
import {
  settle,
  type Settled,
  stored,
  tooBusy,
  WRITE_ATTEMPTS_MAX,
} from "./_change.ts";
import { idFault } from "./_id.ts";
import { changedSince, checkIfMatch } from "./_precondition.ts";
import { asRefusal, HttpRefusal } from "./_refusal.ts";
import { etagOf, type ResourceApi } from "./_resource_api.ts";

/** Creates a resource: under the id of the path, of the data, or a new one. */
export async function createResource(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
  pathId?: string,
): Promise<Response> {
  const data = await readObject(context.request);
  const id = pathId ?? api.mapping.readText(data, "id") ??
    api.host.effects.ids.next();
  const fault = idFault(id);
  if (fault !== undefined) {
    throw new HttpRefusal(400, `Cannot create the resource: ${fault}`);
  }
  api.checkWritable(caller, data);
  const { resource, instance } = await create(api, id, data, caller.subject);
  context.instance = instance;
  const view = api.view(resource, instance);
  const facts = { ...about(instance), resource: view };
  await api.announcements.tell("created", facts, view);
  return answer(201, view, { etag: etagOf(resource, instance) });
}

/** Replaces the data of a resource; its state stays. */
export async function replaceResource(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
  id: string,
): Promise<Response> {
  const { request } = context;
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
      context.instance = instance;
      const view = api.view(resource, instance);
      const facts = { ...about(instance), resource: view };
      await api.announcements.tell("updated", facts, view);
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
  context: HttpContext,
  id: string,
): Promise<Response> {
  const ifMatch = context.request.headers.get("if-match");
  for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
    const current = await api.visible(id, caller);
    const instance = await api.machine.find(current);
    checkIfMatch(etagOf(current, instance), ifMatch);
    if (await api.collection.delete(id, current.version)) {
      context.instance = instance;
      const view = api.view(current, instance);
      const facts = { ...about(instance), resourceId: id };
      await api.announcements.tell("deleted", facts, view);
      return emptyAnswer(204);
    }
    if (ifMatch !== null) throw changedSince();
  }
  throw tooBusy(id);
}

/** Keeps a new resource, with the instance that it runs through if there is one. */
async function create(
  api: ResourceApi,
  id: string,
  data: ResourceData,
  owner: string | undefined,
): Promise<Settled> {
  async function make(marks: ResourceMarks): Promise<Settled> {
    const mine = owner === undefined ? marks : { owner, ...marks };
    const resource = await stored(api.collection.create(id, data, mine));
    if (resource === undefined) {
      throw new HttpRefusal(409, `Cannot create "${id}": it exists already`);
    }
    return { resource, instance: await beginOrUndo(api, resource) };
  }
  // A machine alone decides on states: then none is taken from the client.
  if (api.machine.workflow !== undefined) {
    return await api.machine.withInstanceId(
      id,
      data,
      (instanceId) => make({ instanceId }),
    );
  }
  const state = api.stateIn(data);
  return await make(state === undefined ? {} : { state });
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

/**
 * Begins the instance of a new resource. If that is refused, the resource is
 * taken back. If the store fails, the resource stays: the instance may be there
 * and at work, and who creates the resource anew would have that work done twice.
 */
async function beginOrUndo(api: ResourceApi, resource: Resource) {
  try {
    return await api.machine.begin(resource, api.machine.workflow);
  } catch (error) {
    const refusal = asRefusal(error, "create the resource");
    if (refusal instanceof HttpRefusal) {
      await api.collection.delete(resource.id, resource.version);
    }
    throw refusal;
  }
}
