/**
 * What every broker refuses, in the same words.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";
import { patternFault, topicFault } from "@engine/services/topic_pattern.ts";

/** @throws {RefusedError} `invalid-input` if a text is no topic. */
export function refuseTopic(topic: string): void {
  const fault = topicFault(topic);
  if (fault === undefined) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot publish to "${topic.slice(0, 80)}": ${fault}`,
  );
}

/** @throws {RefusedError} `invalid-input` if a text is no pattern. */
export function refusePattern(pattern: string): void {
  const fault = patternFault(pattern);
  if (fault === undefined) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot subscribe to "${pattern.slice(0, 80)}": ${fault}`,
  );
}
