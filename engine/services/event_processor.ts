/**
 * The contract of what finds patterns in events.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** The longest correlation id, and the longest source id, in characters. */
export const EVENT_KEY_CHARACTERS_MAX = 256;

/** The longest type, category and id of an event, in characters. */
export const EVENT_TYPE_CHARACTERS_MAX = 1_024;

/** The most that the data of one event may take as JSON, in bytes of UTF-8. */
export const EVENT_BYTES_MAX = 32_768;

/** What the events of a window must be, beside so many. */
export const PATTERN_CONDITIONS = ["count", "all", "sequence", ""] as const;

/** See `PATTERN_CONDITIONS`. */
export type PatternCondition = (typeof PATTERN_CONDITIONS)[number];

/** The data of an event: a JSON object. */
export type EventData = Readonly<Record<string, JsonValue | undefined>>;

/** What to look for in the events of one key. */
export interface EventPattern {
  readonly id: string;
  /** The events that count: those whose type or category is one of these. */
  readonly eventTypes: readonly string[];
  /** Only events younger than this count, in milliseconds. */
  readonly windowMs: number;
  /**
   * `all`: each type is there; `sequence`: they are there in this order, with
   * anything in between; `count` and "": the number is all that matters.
   */
  readonly condition: PatternCondition;
  /** So many events at least; a match has one in any case. */
  readonly minOccurs: number;
  /** So many events at most; 0 for any number. */
  readonly maxOccurs: number;
  /** Whether the types must be there in order, whatever the condition. */
  readonly orderMatters: boolean;
  /**
   * Whether a match uses its events up for this pattern. If not, each further
   * event of its types matches again as long as the window holds.
   */
  readonly consume: boolean;
}

/** Something that happened. */
export interface SubmittedEvent {
  readonly eventType: string;
  /** A second name, by which patterns find it as well. */
  readonly category?: string | undefined;
  readonly sourceId?: string | undefined;
  /** Events are combined with those of the same correlation id, else source id. */
  readonly correlationId?: string | undefined;
  readonly data: EventData;
  /** An event whose id is still remembered under its key is not counted again. */
  readonly id?: string | undefined;
  /** Counts for the pattern of this id only. */
  readonly patternId?: string | undefined;
}

/** An event as part of a match. */
export type MatchedEvent = {
  readonly eventType: string;
  readonly category?: string;
  readonly sourceId: string;
  readonly correlationId: string;
  /** When it was submitted, in milliseconds since 1970. */
  readonly at: number;
  readonly data: EventData;
};

/** A pattern was found. */
export interface PatternMatch {
  readonly id: string;
  readonly patternId: string;
  /** The correlation id of the events, else their source id, else "". */
  readonly key: string;
  /** How many events there are. */
  readonly eventsCount: number;
  /** Them, oldest first; of many or large ones the newest only. */
  readonly events: readonly MatchedEvent[];
  /** Milliseconds since 1970. */
  readonly matchedAt: number;
}

/** How a match is to be handled. */
export interface MatchContext {
  /** Aborts when the processor stops. */
  readonly signal: AbortSignal;
  /** The same for every attempt at this match, also after a crash. */
  readonly idempotencyKey: string;
  /** Counts from 1, across restarts. */
  readonly attempt: number;
}

/** What is done about the matches of a pattern. */
export interface PatternHandler {
  readonly patternId: string;
  /** Tells the handlers of a pattern apart; it is kept with what is undelivered. */
  readonly name: string;
  /** Runs at least once for each match. What it throws makes it run again. */
  handle(match: PatternMatch, context: MatchContext): Promise<void>;
}

/** A match that a handler was given up on. */
export interface DeadLetter {
  readonly match: PatternMatch;
  /** The handler's name. */
  readonly handler: string;
  /** Why the last attempt failed. */
  readonly error: string;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Finds patterns in events. What is submitted is in the store before `submit`
 * resolves; a match, the events that it uses up and what is to be delivered are
 * one commit. Handlers run after it, at least once, also after a crash.
 */
export interface EventProcessor {
  /** Adds patterns and what is done about them; returns what removes them. */
  define(
    patterns: readonly EventPattern[],
    handlers: readonly PatternHandler[],
  ): () => void;
  patterns(): readonly EventPattern[];
  /**
   * Takes an event and returns the matches that it completes. An event that no
   * pattern names is not kept.
   *
   * @throws {RefusedError} `invalid-input` if it is over a limit.
   * @throws {RetryableError} if there is no room; nothing was kept.
   */
  submit(event: SubmittedEvent): Promise<readonly PatternMatch[]>;
  /** Calls back after each match; for watchers, never for work that must happen. */
  onMatch(listener: (match: PatternMatch) => void): () => void;
  /** What was given up, the oldest first. It is kept for 30 days, the newest 1,000. */
  deadLetters(options?: { readonly limit?: number }): AsyncIterable<DeadLetter>;
  /** Resolves when no handler is under way or due. For tests and draining. */
  idle(): Promise<void>;
}

/** Modules that find patterns in events. */
export const EventProcessor = defineService<EventProcessor>(
  "event.processor",
  "finds patterns in events",
);
