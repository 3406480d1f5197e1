/**
 * What the parts of one queue share: its place in the store, its settings, and
 * who is to be told of changes.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import type { Store } from "../store/store.ts";
import type { DeadLetters } from "./dead_letters.ts";
import type { Depth } from "./depth.ts";
import type { QueueKeys, Row } from "./row.ts";

/** How a queue behaves. Every process that shares it should say the same. */
export interface QueueSettings {
  /** How long who took a message has it, in milliseconds. @default {30_000} */
  readonly leaseMs: number;
  /** How often a message is tried before it is a dead letter. @default {5} */
  readonly attemptsMax: number;
  /** How many messages may be unfinished. @default {100_000} */
  readonly depthMax: number;
}

/** The settings of a queue that states none. */
export const QUEUE_SETTINGS: QueueSettings = {
  leaseMs: 30_000,
  attemptsMax: 5,
  depthMax: 100_000,
};

/** What queues take from their surroundings. */
export interface QueueWorld extends Pick<Effects, "clock" | "ids"> {
  /** Told of what went wrong and is tried again. */
  readonly onError: (message: string, error: unknown) => void;
}

/** See the module comment. */
export interface QueueCore {
  readonly keys: QueueKeys;
  readonly store: Store;
  readonly world: QueueWorld;
  readonly deadLetters: DeadLetters;
  readonly depth: Depth;
  /** The settings as of now. */
  readonly settings: () => QueueSettings;
  /** Something can be handed out, or can be from a time on. */
  readonly changed: (dueMs?: number) => void;
}

/** What is buried of a message. */
export function deadWork(
  { keys, world }: Pick<QueueCore, "keys" | "world">,
  id: string,
  row: Row,
  error: string,
) {
  const now = world.clock.now();
  const { payload, sentAt, priority, key } = row;
  return {
    source: { kind: "queue", name: keys.name },
    payload,
    error,
    attempts: row.attempts,
    firstAt: row.firstAt ?? now,
    lastAt: now,
    origin: { id, sentAt, priority, ...(key === undefined ? {} : { key }) },
  };
}

/** A row as it is when nobody has it: one attempt less if none has begun. */
export function untried(row: Row): Row {
  return { ...row, attempts: row.attempts - 1 };
}
