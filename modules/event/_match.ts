/**
 * Whether events make a pattern. Pure: what counts is their order of arrival;
 * their times only say which are in the window.
 *
 * @module
 */
import type { EventPattern } from "@engine/services/event_processor.ts";

/** What is remembered of an event in order to match it. */
export interface SeenEvent {
  /** Ascends with each event of the key. */
  readonly sequence: number;
  /** When it was submitted, in milliseconds since 1970. */
  readonly at: number;
  readonly eventType: string;
  readonly category?: string;
  readonly id?: string;
  /** Counts for this pattern only. */
  readonly patternId?: string;
}

/** When a match is looked for. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Events up to this number are used up for the pattern. @default {0} */
  readonly usedThrough?: number;
}

/**
 * The events of the window, in order of arrival, if they make the pattern;
 * `undefined` if they do not.
 */
export function matchPattern(
  pattern: EventPattern,
  events: readonly SeenEvent[],
  { nowMs, usedThrough = 0 }: Moment,
): readonly SeenEvent[] | undefined {
  const found = events.filter((event) =>
    event.sequence > usedThrough && names(pattern, event) &&
    isInWindow(event, pattern.windowMs, nowMs)
  );
  const { minOccurs, maxOccurs } = pattern;
  if (found.length === 0 || found.length < minOccurs) return undefined;
  if (maxOccurs > 0 && found.length > maxOccurs) return undefined;
  return isMade(pattern, found) ? found : undefined;
}

/** Whether an event is one of those that count for a pattern. */
export function names(
  { id, eventTypes }: EventPattern,
  event: Pick<SeenEvent, "eventType" | "category" | "patternId">,
): boolean {
  if (event.patternId !== undefined && event.patternId !== id) return false;
  return eventTypes.some((type) => isOf(type, event));
}

/**
 * Whether an event is younger than the window. One that lies as far ahead is
 * from before the clock was put back: nobody knows how old it is.
 */
export function isInWindow(
  { at }: Pick<SeenEvent, "at">,
  windowMs: number,
  nowMs: number,
): boolean {
  return Math.abs(nowMs - at) < windowMs;
}

function isMade(
  { condition, eventTypes, orderMatters }: EventPattern,
  found: readonly SeenEvent[],
): boolean {
  if (condition === "sequence" || orderMatters) {
    return isSubsequence(eventTypes, found);
  }
  if (condition === "all") {
    return eventTypes.every((type) => found.some((event) => isOf(type, event)));
  }
  return true;
}

/** Taking the first event that fits is enough: a later one never fits sooner. */
function isSubsequence(
  types: readonly string[],
  found: readonly SeenEvent[],
): boolean {
  let next = 0;
  for (const event of found) {
    const wanted = types[next];
    if (wanted === undefined) return true;
    if (isOf(wanted, event)) next++;
  }
  return next === types.length;
}

function isOf(
  type: string,
  { eventType, category }: Pick<SeenEvent, "eventType" | "category">,
): boolean {
  return eventType === type || category === type;
}
