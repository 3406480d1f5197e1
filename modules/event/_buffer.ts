/**
 * The events of one key, and what one more makes of them. Pure.
 *
 * @module
 */
import type { EventPattern } from "@engine/services/event_processor.ts";
import { isInWindow, matchPattern, names, type SeenEvent } from "./_match.ts";

/** Old events that leave with one commit; more leave with the next. */
export const DROPPED_PER_COMMIT_MAX = 100;

/** The events of one key. Never changes; an event makes a new one. */
export interface Buffer {
  /** In order of arrival. */
  readonly events: readonly SeenEvent[];
  /** The number of the newest event that there ever was. */
  readonly last: number;
  /** Up to which number events are used up, by the id of the pattern. */
  readonly used: Readonly<Record<string, number>>;
}

/** A pattern with the events that make it. */
export interface FoundMatch {
  readonly pattern: EventPattern;
  readonly events: readonly SeenEvent[];
}

/** What an event made of a buffer. */
export interface Advance {
  readonly buffer: Buffer;
  /** The event, with its number. */
  readonly event: SeenEvent;
  readonly matches: readonly FoundMatch[];
  /** What the buffer holds no longer. */
  readonly dropped: readonly SeenEvent[];
  /** How many of those were pushed out while they could still have counted. */
  readonly pushedOut: number;
}

/** What is decided with. */
export interface Rules {
  readonly patterns: readonly EventPattern[];
  readonly nowMs: number;
  /** Events of one key. */
  readonly bufferSize: number;
}

/** A buffer before its first event. */
export const EMPTY_BUFFER: Buffer = { events: [], last: 0, used: {} };

/** Adds an event; `undefined` if it is there already. */
export function advance(
  buffer: Buffer,
  arrival: Omit<SeenEvent, "sequence" | "at">,
  { patterns, nowMs, bufferSize }: Rules,
): Advance | undefined {
  const { id } = arrival;
  if (id !== undefined && buffer.events.some((event) => event.id === id)) {
    return undefined;
  }
  const event = { ...arrival, sequence: buffer.last + 1, at: nowMs };
  const { kept, dropped, pushedOut } = makeRoom(
    buffer,
    { patterns, nowMs, bufferSize },
  );
  const events = [...kept, event];
  const matches = matchesOf(events, buffer.used, event, { patterns, nowMs });
  const used: Record<string, number> = { ...buffer.used };
  for (const { pattern } of matches) {
    if (pattern.consume) used[pattern.id] = event.sequence;
  }
  return {
    buffer: { events, last: event.sequence, used: marksOf(used, events) },
    event,
    matches,
    dropped,
    pushedOut,
  };
}

/** The longest time for which a pattern may need an event, in milliseconds. */
export function keepMsOf(
  event: Omit<SeenEvent, "sequence" | "at">,
  patterns: readonly EventPattern[],
): number {
  return patterns.filter((pattern) => names(pattern, event))
    .reduce((longest, { windowMs }) => Math.max(longest, windowMs), 0);
}

function matchesOf(
  events: readonly SeenEvent[],
  used: Buffer["used"],
  event: SeenEvent,
  { patterns, nowMs }: Pick<Rules, "patterns" | "nowMs">,
): FoundMatch[] {
  return patterns.flatMap((pattern) => {
    if (!names(pattern, event)) return [];
    const usedThrough = markOf(used, pattern.id);
    const found = matchPattern(pattern, events, { nowMs, usedThrough });
    return found === undefined ? [] : [{ pattern, events: found }];
  });
}

/** What is out of every window leaves, and then what there is no room for. */
function makeRoom(
  { events, used }: Buffer,
  { patterns, nowMs, bufferSize }: Rules,
) {
  const isOld = (event: SeenEvent) =>
    !isInWindow(event, keepMsOf(event, patterns), nowMs);
  const dropped = events.filter(isOld).slice(0, DROPPED_PER_COMMIT_MAX);
  const left = new Set(dropped);
  let kept = events.filter((event) => !left.has(event));
  const over = Math.min(
    Math.max(0, kept.length + 1 - bufferSize),
    DROPPED_PER_COMMIT_MAX - dropped.length,
  );
  const pushed = kept.slice(0, over);
  kept = kept.slice(over);
  const pushedOut =
    pushed.filter((event) =>
      patterns.some((pattern) =>
        names(pattern, event) && isInWindow(event, pattern.windowMs, nowMs) &&
        event.sequence > markOf(used, pattern.id)
      )
    ).length;
  return { kept, dropped: [...dropped, ...pushed], pushedOut };
}

/** A mark before the oldest event says nothing any more. */
function marksOf(
  used: Buffer["used"],
  [oldest]: readonly SeenEvent[],
): Buffer["used"] {
  const first = oldest?.sequence ?? Infinity;
  return Object.fromEntries(
    Object.entries(used).filter(([, through]) => through >= first),
  );
}

function markOf(used: Buffer["used"], id: string): number {
  return Object.hasOwn(used, id) ? used[id] ?? 0 : 0;
}
