/**
 * What Kafka allows as the name of a topic.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";
import { refusePattern, refuseTopic } from "../../_memory_broker/refusal.ts";

/** A name of a topic. */
export const TOPIC_NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

const PATTERN = /^[A-Za-z0-9._*-]+$/;

const RULE = "Kafka allows at most 249 letters, digits, dots, hyphens and " +
  "underscores";

/** @throws {RefusedError} `invalid-input` for what is no topic of Kafka. */
export function refuseKafkaTopic(topic: string): void {
  refuseTopic(topic);
  if (TOPIC_NAME.test(topic)) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot publish to "${topic.slice(0, 80)}": ${RULE}`,
  );
}

/** @throws {RefusedError} `invalid-input` for what selects no topic of Kafka. */
export function refuseKafkaPattern(pattern: string): void {
  refusePattern(pattern);
  if (PATTERN.test(pattern)) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot subscribe to "${pattern.slice(0, 80)}": ${RULE}`,
  );
}
