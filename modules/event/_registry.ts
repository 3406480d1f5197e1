/**
 * What the document says: the patterns, and what is done about their matches.
 *
 * @module
 */
import type {
  EventPattern,
  PatternHandler,
} from "@engine/services/event_processor.ts";
import { names, type SeenEvent } from "./_match.ts";

interface Defined {
  readonly patterns: readonly EventPattern[];
  readonly handlers: readonly PatternHandler[];
}

/** See the module comment. */
export class Registry {
  #defined: readonly Defined[] = [];

  /** Returns what removes them. */
  add(
    patterns: readonly EventPattern[],
    handlers: readonly PatternHandler[],
  ): () => void {
    const own = { patterns, handlers };
    this.#defined = [...this.#defined, own];
    return () => this.#defined = this.#defined.filter((one) => one !== own);
  }

  patterns(): readonly EventPattern[] {
    return this.#defined.flatMap(({ patterns }) => patterns);
  }

  /** Whether an event counts for any pattern. */
  wants(event: Omit<SeenEvent, "sequence" | "at">): boolean {
    return this.patterns().some((pattern) => names(pattern, event));
  }

  /** The longest window of any pattern, in milliseconds. */
  longestWindowMs(): number {
    return this.patterns()
      .reduce((longest, { windowMs }) => Math.max(longest, windowMs), 0);
  }

  handlersOf(patternId: string): readonly PatternHandler[] {
    return this.#defined.flatMap(({ handlers }) => handlers)
      .filter((handler) => handler.patternId === patternId);
  }

  handler(patternId: string, name: string): PatternHandler | undefined {
    return this.handlersOf(patternId)
      .find((handler) => handler.name === name);
  }
}
