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

/** Does the work of an action. @returns what it returns. @throws what it throws. */
export async function dispatched(
  subject: Subject,
  parts: LifecycleParts & { readonly meter: Meter },
  work: () => Promise<JsonObject> | JsonObject,
): Promise<JsonObject> {
  const { bus, meter, effects } = parts;
  const run = () =>
    bus === undefined ? work() : withLifecycleEvents(subject, parts, work);
  if (!meter.active) return await run();
  const startedMs = effects.clock.elapsed();
  let status = "success";
  try {
    return await run();
  } catch (error) {
    status = "error";
    throw error;
  } finally {
    const { workflowType: workflow_type, action } = subject;
    const labels = { workflow_type, action };
    meter.record("workflow_executions_total", { ...labels, status });
    const seconds = (effects.clock.elapsed() - startedMs) / 1_000;
    meter.record("workflow_duration_seconds", labels, seconds);
  }
}
