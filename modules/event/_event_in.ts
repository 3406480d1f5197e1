/**
 * Checks an event and takes apart what is remembered of it and what is kept.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";
import {
  EVENT_BYTES_MAX,
  EVENT_KEY_CHARACTERS_MAX,
  EVENT_TYPE_CHARACTERS_MAX,
  type MatchedEvent,
  type SubmittedEvent,
} from "@engine/services/event_processor.ts";
import { bytesOf } from "./_found.ts";
import type { SeenEvent } from "./_match.ts";

/** An event that may be kept. */
export interface EventIn {
  /** The correlation id, else the source id, else "". */
  readonly key: string;
  readonly seen: Omit<SeenEvent, "sequence" | "at">;
  readonly event: Omit<MatchedEvent, "at">;
}

/** @throws {RefusedError} `invalid-input` if the event is over a limit. */
export function eventIn(submitted: SubmittedEvent): EventIn {
  const { eventType, category, data, id, patternId } = submitted;
  // A store takes well-formed text only, and what broke it says nothing.
  const sourceId = (submitted.sourceId ?? "").toWellFormed();
  const correlationId = (submitted.correlationId ?? "").toWellFormed();
  const limits = [
    ["correlation id", correlationId, EVENT_KEY_CHARACTERS_MAX],
    ["source id", sourceId, EVENT_KEY_CHARACTERS_MAX],
    ["type", eventType, EVENT_TYPE_CHARACTERS_MAX],
    ["category", category ?? "", EVENT_TYPE_CHARACTERS_MAX],
    ["id", id ?? "", EVENT_TYPE_CHARACTERS_MAX],
  ] as const;
  for (const [what, text, most] of limits) {
    if (text.length <= most) continue;
    throw refusal(
      eventType,
      `its ${what} has ${text.length} characters, at most ${most} are allowed`,
    );
  }
  if (eventType === "") throw refusal(eventType, "its type is empty");
  const bytes = bytesOf(data);
  if (bytes > EVENT_BYTES_MAX) {
    throw refusal(
      eventType,
      `its data has ${bytes} bytes, at most ${EVENT_BYTES_MAX} are allowed`,
    );
  }
  const names = { eventType, ...category === undefined ? {} : { category } };
  return {
    key: correlationId === "" ? sourceId : correlationId,
    seen: {
      ...names,
      ...id === undefined ? {} : { id },
      ...patternId === undefined ? {} : { patternId },
    },
    event: { ...names, sourceId, correlationId, data },
  };
}

function refusal(eventType: string, fault: string): RefusedError {
  return new RefusedError(
    "invalid-input",
    `Cannot take an event "${eventType.slice(0, 80)}": ${fault}`,
  );
}
