/**
 * Recognises what a state machine engine publishes of a transition, when a
 * document leads it back to that engine. The instance knows all of it already:
 * merged into the data, each message would hold those before it.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import type { StateMachines } from "@engine/services/state_machines.ts";

/** A transition that an instance of the engine has gone through. */
export interface Announcement {
  readonly definition: string;
  readonly toState: string;
}

/** The fields of the message, and the text that the event trigger adds. */
const FIELDS: ReadonlySet<string> = new Set([
  "type",
  "id",
  "instanceId",
  "definition",
  "transition",
  "fromState",
  "toState",
  "data",
  "timestamp",
  "originalMessage",
]);

/** What the data of an action announces, if an instance of this engine made it. */
export function announcementIn(
  data: JsonObject,
  machines: StateMachines,
): Announcement | undefined {
  const { id, instanceId, definition, transition, fromState, toState } = data;
  if (typeof instanceId !== "string" || id !== instanceId) return undefined;
  if (typeof definition !== "string" || typeof transition !== "string") {
    return undefined;
  }
  const transitions = machines.definition(definition)?.transitions ?? {};
  const way = Object.hasOwn(transitions, transition)
    ? transitions[transition]
    : undefined;
  const isKnown = way?.fromState === fromState && way?.toState === toState;
  return way !== undefined && isKnown
    ? { definition, toState: way.toState }
    : undefined;
}

/** What a document has added to an announcement. */
export function beyondAnnouncement(data: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(data).filter(([name]) => !FIELDS.has(name)),
  );
}
