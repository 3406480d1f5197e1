/**
 * Topics and the patterns that select them. Pure; knows nothing of messages.
 *
 * @module
 */
import { TOPIC_CHARACTERS_MAX } from "./broker.ts";

/** Whether a topic is selected. */
export type TopicMatch = (topic: string) => boolean;

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

/**
 * Compiles a pattern. Segments are split at dots; a segment `*` stands for
 * exactly one segment, `**` for any number of them, none included. A `*` inside
 * a longer segment is an ordinary character.
 */
export function compileTopic(pattern: string): TopicMatch {
  if (!isWildcard(pattern)) return (topic) => topic === pattern;
  const wanted = pattern.split(".");
  return (topic) => matchSegments(wanted, topic.split("."));
}

function isWildcard(pattern: string): boolean {
  return pattern.split(".").some((segment) =>
    segment === "*" || segment === "**"
  );
}

/**
 * When segments stop to fit, only the latest `**` has to try a longer reach:
 * what it can reach, an earlier one cannot improve. So the work is bounded by
 * the product of both lengths, whatever the pattern.
 */
function matchSegments(
  wanted: readonly string[],
  segments: readonly string[],
): boolean {
  let want = 0;
  let at = 0;
  let latest = -1;
  let reached = 0;
  while (at < segments.length) {
    const segment = wanted[want];
    if (segment === "**") {
      latest = want++;
      reached = at;
    } else if (segment === "*" || segment === segments[at]) {
      want++;
      at++;
    } else if (latest >= 0) {
      want = latest + 1;
      at = ++reached;
    } else {
      return false;
    }
  }
  while (wanted[want] === "**") want++;
  return want === wanted.length;
}
