/**
 * How much a broker in memory takes, where its type says nothing else.
 *
 * @module
 */
import type { MemoryBrokerOptions } from "./memory_broker.ts";

/** How many messages may wait for one subscriber, the one under way included. */
export const QUEUE_MESSAGES_MAX = 10_000;

/** How long a publisher waits for room in a full queue, in milliseconds. */
export const PUBLISH_WAIT_MS = 1_000;

/** How many messages concurrent subscribers handle at a time. */
export const WORKERS = 5;

/** All of it. */
export const MEMORY_DEFAULTS: MemoryBrokerOptions = {
  queueMessagesMax: QUEUE_MESSAGES_MAX,
  publishWaitMs: PUBLISH_WAIT_MS,
  workers: WORKERS,
};
