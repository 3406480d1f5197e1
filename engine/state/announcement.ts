/**
 * What a state machine says of a transition: on which topics, and with which
 * fields. Brokers and links between documents carry the same.
 *
 * @module
 */
import type { JsonObject } from "../define.ts";
import type { TransitionEvent } from "../services/transition_handler.ts";
import type { MachineDefinition, TransitionDefinition } from "./definition.ts";

/** Where a transition is announced: `order-processing` also speaks as `order`. */
export function announcedTopics(
  { name, states }: MachineDefinition,
  { toState }: TransitionDefinition,
): readonly string[] {
  const names = [toState, "state_changed"];
  const target = states[toState];
  if (target?.isFinal && !target.isError) names.push("completed");
  const speakers = [name, name.split(/[-_.\s]/)[0] || name];
  return [
    ...new Set(
      names.flatMap((what) => speakers.map((who) => `${who}.${what}`)),
    ),
  ];
}

/** The fields of an announcement. */
export function announcement(
  topic: string,
  event: Omit<TransitionEvent, "via">,
): JsonObject {
  return {
    type: topic,
    id: event.instanceId,
    instanceId: event.instanceId,
    definition: event.definition,
    transition: event.transition,
    fromState: event.fromState,
    toState: event.toState,
    data: event.data,
    timestamp: new Date(event.at).toISOString(),
  };
}
