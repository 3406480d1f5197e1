/**
 * Makes what is stored, delivered and told of a pattern that was found.
 *
 * @module
 */
import type {
  MatchedEvent,
  PatternHandler,
  PatternMatch,
} from "@engine/services/event_processor.ts";
import type { FoundMatch } from "./_buffer.ts";
import type { Delivery } from "./_rows.ts";

/** Events that a match carries, at most: the newest. */
export const MATCH_EVENTS_MAX = 100;

/** What the events of a match may take as JSON, in bytes of UTF-8. */
export const MATCH_BYTES_MAX = 49_152;

/** What the events in all the deliveries of one commit may take, in bytes. */
export const COMMIT_BYTES_MAX = 262_144;

/** A match with those who are to be told of it. */
export interface Finding {
  readonly match: PatternMatch;
  readonly handlers: readonly PatternHandler[];
}

/** The sequence numbers of the events that a match carries, oldest first. */
export function carried({ events }: FoundMatch): readonly number[] {
  return events.slice(-MATCH_EVENTS_MAX).map(({ sequence }) => sequence);
}

/** The newest events that fit, oldest first. */
export function fitting(
  events: readonly MatchedEvent[],
  bytesMax: number,
): readonly MatchedEvent[] {
  let bytes = 0;
  let from = events.length;
  while (from > 0) {
    bytes += bytesOf(events[from - 1]);
    if (bytes > bytesMax) break;
    from--;
  }
  return events.slice(from);
}

/** How much of its events each of so many deliveries in one commit may carry. */
export function bytesForEach(deliveries: number): number {
  return Math.min(
    MATCH_BYTES_MAX,
    Math.floor(COMMIT_BYTES_MAX / Math.max(1, deliveries)),
  );
}

/** One delivery for each handler, due at once. */
export function deliveriesOf(
  { match, handlers }: Finding,
): readonly Delivery[] {
  return handlers.map(({ name: handler }, position) => ({
    match,
    handler,
    position,
    attempt: 1,
    dueAt: match.matchedAt,
    waitMs: 0,
  }));
}

/** The size of a value as JSON, in bytes of UTF-8. */
export function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
