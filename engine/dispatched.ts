/**
 * A dispatched action while it is watched: measured where somebody measures,
 * told of where somebody listens, and a part of a trace where somebody keeps it.
 *
 * @module
 */
import type { DispatchOptions, JsonObject } from "./define.ts";
import {
  type LifecycleParts,
  type Subject,
  withLifecycleEvents,
} from "./lifecycle_events.ts";
import type { Meter } from "./observe.ts";
import type { SpanStart, Tracing } from "./tracing.ts";

type Dispatched = Subject & {
  readonly source: DispatchOptions["source"] | undefined;
};

type Parts = LifecycleParts & {
  readonly meter: Meter;
  readonly tracing: Tracing;
};

/**
 * Does the work of an action; costs nothing where nobody watches.
 *
 * @returns what it returns. @throws what it throws.
 */
export function dispatched(
  subject: Dispatched,
  parts: Parts,
  work: () => Promise<JsonObject> | JsonObject,
): Promise<JsonObject> | JsonObject {
  const { bus, meter, tracing } = parts;
  const told = bus === undefined
    ? work
    : () => withLifecycleEvents(subject, parts, work);
  if (tracing.active) {
    return tracing.span(
      spanOf(subject),
      () => meter.active ? measured(subject, parts, told) : told(),
    );
  }
  return meter.active ? measured(subject, parts, told) : told();
}

function spanOf(
  { workflowType, action, source }: Dispatched,
): SpanStart {
  return {
    name: "workflow.execute",
    attributes: {
      "workflow.type": workflowType,
      "workflow.action": action,
      "workflow.source": source,
    },
  };
}

async function measured(
  { workflowType: workflow_type, action }: Subject,
  { meter, effects: { clock } }: Parts,
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
