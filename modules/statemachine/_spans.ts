/**
 * Transitions, and the work that they ask for, as parts of a trace.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";
import type { Outcome } from "./_settlement.ts";
import { handlerOf, type InstanceRow, type Task } from "./_rows.ts";

type Tracing = Host["tracing"];

/** A transition that somebody asks for. */
export function firing(
  tracing: Tracing,
  id: string,
  transition: string,
  fire: () => Promise<MachineInstance>,
): Promise<MachineInstance> {
  return tracing.span(startOf(id, transition), async (span) => {
    const instance = await fire();
    span.set(factsOf(instance));
    return instance;
  });
}

/** The transition that follows when work is done. */
export function transitioning<T extends InstanceRow | undefined>(
  tracing: Tracing,
  { event, traceparent }: Task,
  transition: string | null | undefined,
  commit: () => Promise<T>,
): Promise<T> {
  if (!tracing.active || typeof transition !== "string") return commit();
  const start = {
    ...startOf(event.instanceId, transition),
    parent: traceparent ?? null,
  };
  return tracing.span(start, async (span) => {
    const row = await commit();
    if (row !== undefined) span.set(factsOf(row.instance));
    return row;
  });
}

/** An attempt at the work that a transition asks for. */
export function working(
  tracing: Tracing,
  task: Task,
  work: () => Promise<Outcome | undefined>,
): Promise<Outcome | undefined> {
  if (!tracing.active || task.handlers.length <= task.position) return work();
  const { event, attempt, traceparent } = task;
  const handler = handlerOf(task);
  const start = {
    name: `workflow.hook.${handler}`,
    parent: traceparent ?? null,
    attributes: {
      "workflow.type": event.definition,
      "workflow.instance": event.instanceId,
      "workflow.transition": event.transition,
      "workflow.step.attempt": attempt,
    },
  };
  return tracing.span(start, async (span) => {
    const outcome = await work();
    if (outcome !== undefined && outcome.kind !== "done") {
      span.fail(outcome.error);
    }
    return outcome;
  });
}

function startOf(id: string, transition: string) {
  return {
    name: "workflow.transition",
    attributes: {
      "workflow.instance": id,
      "workflow.transition": transition,
    },
  };
}

function factsOf({ definition, previousState, state }: MachineInstance) {
  return {
    "workflow.type": definition,
    "workflow.from_state": previousState,
    "workflow.to_state": state,
  };
}
