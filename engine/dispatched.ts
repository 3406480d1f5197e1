/**
 * A dispatched action while it is watched: measured where somebody measures, and
 * told of where somebody listens.
 *
 * @module
 */
import type { JsonObject } from "./define.ts";
import {
  type LifecycleParts,
  type Subject,
  withLifecycleEvents,
} from "./lifecycle_events.ts";
import type { Meter } from "./observe.ts";

/**
 * Does the work of an action; costs nothing where nobody watches.
 *
 * @returns what it returns. @throws what it throws.
 */
export function dispatched(
  subject: Subject,
  parts: LifecycleParts & { readonly meter: Meter },
  work: () => Promise<JsonObject> | JsonObject,
): Promise<JsonObject> | JsonObject {
  const told = parts.bus === undefined
    ? work
    : () => withLifecycleEvents(subject, parts, work);
  return parts.meter.active ? measured(subject, parts, told) : told();
}

async function measured(
  { workflowType: workflow_type, action }: Subject,
  { meter, effects: { clock } }: LifecycleParts & { readonly meter: Meter },
  work: () => Promise<JsonObject> | JsonObject,
): Promise<JsonObject> {
  const startedMs = clock.elapsed();
  let status = "success";
  try {
    return await work();
  } catch (error) {
    status = "error";
    throw error;
  } finally {
    const labels = { workflow_type, action };
    meter.record("workflow_executions_total", { ...labels, status });
    const seconds = (clock.elapsed() - startedMs) / 1_000;
    meter.record("workflow_duration_seconds", labels, seconds);
  }
}
