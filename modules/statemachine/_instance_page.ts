/**
 * Instances by what they are like, the newest first. Nothing is indexed by state:
 * that would cost every transition a write. So a page looks at the instances one
 * after the other, and at so many at most.
 *
 * @module
 */
import type { JsonValue } from "@engine/define.ts";
import type {
  InstanceCounts,
  InstanceFilter,
  InstancePage,
  MachineInstance,
  PlacedInstance,
} from "@engine/services/state_machines.ts";
import type { Rows } from "./_rows.ts";

/** Instances that one page looks at, whether they fit or not. */
export const SCANNED_MAX = 5_000;

/** Instances that one count looks at. */
export const COUNTED_MAX = 10_000;

/** @see {StateMachines.page} */
export async function pageOfInstances(
  rows: Rows,
  filter: InstanceFilter,
  { limit, after }: {
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<InstancePage> {
  const instances: PlacedInstance[] = [];
  let scanned = 0;
  let last = after;
  for await (const placed of rows.newest(after)) {
    // One more than are wanted tells that there are more.
    if (instances.length >= limit || scanned >= SCANNED_MAX) {
      return { instances, ...last === undefined ? {} : { next: last } };
    }
    scanned++;
    last = placed.place;
    if (fits(placed.instance, filter)) instances.push(placed);
  }
  return { instances };
}

/** @see {StateMachines.count} */
export async function countInstances(
  rows: Rows,
  filter: InstanceFilter,
): Promise<InstanceCounts> {
  const found = new Map<string, InstanceCounts["counts"][number]>();
  let counted = 0;
  let isPartial = false;
  for await (const instance of rows.everyInstance()) {
    isPartial = counted++ >= COUNTED_MAX;
    if (isPartial) break;
    if (!fits(instance, filter)) continue;
    const { definition, state } = instance;
    const key = JSON.stringify([definition, state]);
    const count = (found.get(key)?.count ?? 0) + 1;
    found.set(key, { definition, state, count });
  }
  return { counts: [...found.values()], isPartial };
}

function fits(
  instance: MachineInstance,
  { definition, state, text }: InstanceFilter,
): boolean {
  if (definition !== undefined && instance.definition !== definition) {
    return false;
  }
  if (state !== undefined && instance.state !== state) return false;
  return text === undefined || isNamed(instance, text.toLowerCase());
}

/** Whether a text is part of the id, or what the business calls it. */
function isNamed({ id, data }: MachineInstance, text: string): boolean {
  return id.toLowerCase().includes(text) ||
    Object.values(data).some((value) => isText(value, text));
}

function isText(value: JsonValue | undefined, text: string): boolean {
  return ["string", "number"].includes(typeof value) &&
    String(value).toLowerCase() === text;
}
