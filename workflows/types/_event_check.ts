/**
 * Finds what is wrong with the event section and no schema can say.
 *
 * @module
 */
import { durationMs, type Issue } from "@engine/define.ts";
import type { PatternCondition } from "@engine/services/event_processor.ts";
import type { HandlerEntry } from "./_pattern_handler.ts";

/** A pattern, as the document says it. */
export interface PatternEntry {
  readonly patternId: string;
  readonly eventTypes: readonly string[];
  readonly windowTime: string;
  readonly condition: PatternCondition;
  readonly minOccurs: number;
  readonly maxOccurs: number;
  readonly orderMatters: boolean;
}

/** Issues, with paths from the section downwards. */
export function checkEvents(
  patterns: readonly PatternEntry[],
  handlers: readonly HandlerEntry[],
): Issue[] {
  const ids = patterns.map(({ patternId }) => patternId);
  return [
    ...patterns.flatMap((pattern, index) => checkPattern(pattern, index, ids)),
    ...handlers.flatMap((entry, index) => checkHandler(entry, index, ids)),
  ];
}

function checkPattern(
  pattern: PatternEntry,
  index: number,
  ids: readonly string[],
): Issue[] {
  const issues: Issue[] = [];
  const { patternId, windowTime, maxOccurs } = pattern;
  if (ids.indexOf(patternId) !== index) {
    issues.push({
      code: "duplicate-name",
      path: ["patterns", index, "patternId"],
      message: `Two patterns are called "${patternId}"`,
      help: "Rename one of the two, and the handlers that are meant for it",
    });
  }
  if (durationMs(windowTime) <= 0) {
    issues.push({
      code: "invalid-value",
      path: ["patterns", index, "windowTime"],
      message: `The duration "${windowTime}" must be longer than 0`,
    });
  }
  const needed = eventsNeeded(pattern);
  if (maxOccurs > 0 && maxOccurs < needed) {
    issues.push({
      code: "invalid-value",
      path: ["patterns", index, "maxOccurs"],
      message: `Pattern "${patternId}" can never match: it needs ${needed} ` +
        `events and maxOccurs allows ${maxOccurs}`,
      help: "Raise maxOccurs, or write 0 for any number",
    });
  }
  return issues;
}

/**
 * How many events a match has at least. An event has two names, its type and its
 * category, so `all` may need only half as many as there are types.
 */
function eventsNeeded(
  { eventTypes, condition, orderMatters, minOccurs }: PatternEntry,
): number {
  if (condition === "sequence" || orderMatters) {
    return Math.max(minOccurs, eventTypes.length);
  }
  if (condition !== "all") return minOccurs;
  return Math.max(minOccurs, Math.ceil(new Set(eventTypes).size / 2));
}

function checkHandler(
  { patternId, handler, workflow, action }: HandlerEntry,
  index: number,
  ids: readonly string[],
): Issue[] {
  const path = ["handlers", index];
  const issues: Issue[] = [];
  if (!ids.includes(patternId)) {
    issues.push({
      code: "unresolved-reference",
      path: [...path, "patternId"],
      message: `No pattern is called "${patternId}"`,
      candidates: ids,
    });
  }
  const isWorkflow = workflow !== undefined && action !== undefined;
  if (handler === undefined && !isWorkflow) {
    issues.push({
      code: "missing-key",
      path,
      message: `The handler of "${patternId}" needs "handler", or "workflow" ` +
        'and "action"',
    });
  }
  if (handler !== undefined && (workflow ?? action) !== undefined) {
    issues.push({
      code: "invalid-value",
      path,
      message: `The handler of "${patternId}" names a module and a workflow: ` +
        "write an entry for each",
    });
  }
  return issues;
}
