/**
 * Changes a resource by what it is at that moment, and ties it to the state
 * machine instance that keeps its state.
 *
 * @module
 */
import { messageOf } from "@engine/errors.ts";
import type {
  Resource,
  ResourceData,
  ResourceMarks,
} from "@engine/services/persistence.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";
import { HttpRefusal, isTooLarge } from "./_refusal.ts";
import type { ResourceApi } from "./_resource_api.ts";

/**
 * How often a write is tried again because another one came first. Each time that
 * other one succeeded.
 */
export const WRITE_ATTEMPTS_MAX = 20;

/** A resource with its instance, where one keeps its state. */
export interface Settled {
  readonly resource: Resource;
  readonly instance: MachineInstance | undefined;
}

/**
 * Changes a resource; `undefined` if it has been deleted.
 *
 * @throws {HttpRefusal} what `change` throws; 409 if others are always faster.
 */
export async function changeResource(
  api: ResourceApi,
  id: string,
  change: (
    resource: Resource,
  ) => { readonly data: ResourceData; readonly marks: ResourceMarks },
): Promise<Resource | undefined> {
  for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
    const current = await api.collection.get(id);
    if (current === undefined) return undefined;
    const { data, marks } = change(current);
    const { version } = current;
    const changed = await stored(
      api.collection.replace(id, data, { version, marks }),
    );
    if (changed !== undefined) return changed;
  }
  throw tooBusy(id);
}

/**
 * The instance of a resource, made if there should be one and is none: after a
 * crash between the two commits, for a seed, or for a resource that is older than
 * its workflow.
 */
export async function settle(
  api: ResourceApi,
  resource: Resource,
  workflow = api.machine.workflow,
): Promise<Settled> {
  const instance = await api.machine.find(resource);
  if (instance !== undefined) return { resource, instance };
  if (!api.machine.knows(workflow)) return { resource, instance };
  if (resource.marks.instanceId !== undefined) {
    return await begin(api, resource, workflow);
  }
  const { id, data } = resource;
  return await api.machine.withInstanceId(
    id,
    data,
    async (instanceId) =>
      await begin(api, await tie(api, id, instanceId), workflow),
  );
}

async function begin(
  api: ResourceApi,
  resource: Resource,
  workflow: string | undefined,
): Promise<Settled> {
  try {
    const instance = await api.machine.begin(resource, workflow);
    return { resource, instance };
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    // Kept before it had a workflow, and too large for one: it can be read, and
    // replaced by something smaller.
    api.host.log.warn(`Cannot begin "${resource.id}": ${messageOf(error)}`);
    return { resource, instance: undefined };
  }
}

/** Writes down which instance keeps the state, before there is one. */
async function tie(
  api: ResourceApi,
  id: string,
  instanceId: string,
): Promise<Resource> {
  const tied = await changeResource(api, id, (current) => ({
    data: current.data,
    // Another request may have come first: then it is that one's instance.
    marks: { instanceId, ...current.marks },
  }));
  if (tied !== undefined) return tied;
  throw new HttpRefusal(404, `Cannot find "${id}"`);
}

/**
 * What a write gives, unless there is no room for it where resources are kept.
 *
 * @throws {HttpRefusal} 413
 */
export async function stored<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HttpRefusal(413, "Cannot write the resource: it is too large");
  }
}

/** The refusal of a write that others have overtaken every time. */
export function tooBusy(id: string): HttpRefusal {
  return new HttpRefusal(
    409,
    `Cannot write "${id}": others changed it ${WRITE_ATTEMPTS_MAX} times in the meantime`,
  );
}
