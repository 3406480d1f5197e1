/**
 * What may be a topic, and what a pattern that selects some.
 *
 * @module
 */
import { TOPIC_CHARACTERS_MAX } from "@engine/services/broker.ts";
import { isWildcard } from "@engine/services/topic_pattern.ts";

/**
 * What keeps a text from being a topic, as the end of a sentence that names it;
 * `undefined` for a topic.
 */
export function topicFault(topic: string): string | undefined {
  const fault = patternFault(topic);
  if (fault !== undefined) return fault;
  if (!isWildcard(topic)) return undefined;
  return 'a topic has no segment "*" or "**": those stand in patterns';
}

/** What keeps a text from being a pattern; `undefined` for a pattern. */
export function patternFault(pattern: string): string | undefined {
  if (pattern === "") return "it is empty";
  if (pattern.length <= TOPIC_CHARACTERS_MAX) return undefined;
  return `it has ${pattern.length} characters: at most ${TOPIC_CHARACTERS_MAX} are allowed`;
}
