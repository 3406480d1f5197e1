/**
 * Runs an action of the event section: submits the data as an event.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { EventProcessor } from "@engine/services/event_processor.ts";
import { textIn } from "./_event_field.ts";

/** The type of an event that says none. */
export const CUSTOM_EVENT = "custom.event";

/** One dispatched action. */
export interface Submission {
  /** The name of the section's processor. */
  readonly processor: string;
  readonly host: Host;
  /** `processor`, `processor:pattern`, or the type of the event. */
  readonly action: string;
  readonly data: JsonObject;
  /** What is submitted twice with one key counts once. */
  readonly idempotencyKey?: string | undefined;
}

/** What an action means. */
interface Target {
  readonly processor: string;
  readonly patternId?: string;
  readonly eventType?: string;
}

/**
 * Submits.
 *
 * @throws {RefusedError} `unknown-action` if the action is no processor and no
 * type that a pattern names; `not-found` for an unknown pattern; and what the
 * processor refuses.
 */
export async function submitEvent(
  submission: Submission,
): Promise<JsonObject> {
  const { host, data, idempotencyKey } = submission;
  const target = targetOf(submission);
  const eventType = target.eventType ?? textIn(data, "eventType", "type") ??
    CUSTOM_EVENT;
  const sourceId = textIn(data, "sourceId", "id", "userId");
  const correlationId = textIn(data, "correlationId");
  await host.use<EventProcessor>(target.processor).submit({
    eventType,
    sourceId,
    correlationId,
    data,
    id: idempotencyKey,
    ...target.patternId === undefined ? {} : { patternId: target.patternId },
  });
  return {
    success: true,
    eventType,
    sourceId: sourceId ?? "",
    correlId: correlationId ?? "",
    processed: true,
  };
}

function targetOf({ processor, host, action }: Submission): Target {
  if (action === "") return { processor };
  if (host.provides(action, EventProcessor)) return { processor: action };
  const colon = action.indexOf(":");
  const name = action.slice(0, Math.max(0, colon));
  if (host.provides(name, EventProcessor)) {
    const patternId = action.slice(colon + 1);
    const known = patternsOf(host, name);
    if (known.some(({ id }) => id === patternId)) {
      return { processor: name, patternId };
    }
    throw new RefusedError(
      "not-found",
      `Cannot submit an event to "${action}": "${name}" has no pattern ` +
        `"${patternId}", it has ${listed(known.map(({ id }) => id))}`,
    );
  }
  const types = patternsOf(host, processor)
    .flatMap(({ eventTypes }) => eventTypes);
  if (types.includes(action)) return { processor, eventType: action };
  throw new RefusedError(
    "unknown-action",
    `Cannot run "${action}" of event: it is neither a processor nor a type ` +
      `that a pattern names, as are ${listed([processor, ...types])}`,
  );
}

function patternsOf(host: Host, processor: string) {
  return host.use<EventProcessor>(processor).patterns();
}

/** Names that an error shows; of many only the first. */
function listed(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 10).map((name) => `"${name}"`);
  return shown.length === 0 ? "none" : shown.join(", ");
}
