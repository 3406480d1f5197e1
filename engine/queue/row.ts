/**
 * How a queue stands in the store. A message is one entry that moves: it is
 * ready, delayed or leased, and its key says which. Pure.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import type { JsonValue, Key } from "../store/store.ts";

/** The priorities: 9 is handed out first. */
export const PRIORITY_MAX = 9;

/** The priority of a message that states none. */
export const PRIORITY_DEFAULT = 4;

/** The longest delay of a message, in milliseconds: a year. */
export const DELAY_MS_MAX = 365 * 24 * 60 * 60 * 1_000;

/** How long a deduplication id is remembered by default, in milliseconds. */
export const DEDUPLICATION_MS = 5 * 60 * 1_000;

/** The longest deduplication id and the longest key, in characters. */
export const NAME_CHARACTERS_MAX = 256;

/** What a sender may say beside the payload. */
export interface SendOptions {
  /** From 0 (lowest) to 9 (handed out first). @default {4} */
  readonly priority?: number;
  /** How long nobody gets it, in milliseconds. @default {0} */
  readonly delayMs?: number;
  /** A message with an id that was sent within the window is not sent again. */
  readonly deduplicationId?: string;
  /** The window, in milliseconds. @default {300_000} */
  readonly deduplicationMs?: number;
  /**
   * Messages of one key are handled one at a time and in the order of sending;
   * one that fails holds up those behind it until it is done or dead.
   */
  readonly key?: string;
}

/** A message as it stands in the store. An alias: an interface is no JSON. */
export type Row = {
  readonly payload: JsonValue;
  /** When it was sent, in milliseconds since 1970. */
  readonly sentAt: number;
  /** How often it was handed out. */
  readonly attempts: number;
  readonly priority: number;
  readonly key?: string;
  /** When it was first handed out. */
  readonly firstAt?: number;
  /** Why the last attempt failed. */
  readonly error?: string;
};

/** Where a queue keeps what. Ids sort by time, so keys of one kind ascend. */
export class QueueKeys {
  readonly all: Key;
  readonly ready: Key;
  readonly delayed: Key;
  readonly leased: Key;
  readonly signal: Key;

  constructor(readonly name: string) {
    this.all = ["queue", name];
    this.ready = ["queue", name, "ready"];
    this.delayed = ["queue", name, "delayed"];
    this.leased = ["queue", name, "leased"];
    this.signal = ["queue", name, "signal"];
  }

  readyRow({ priority }: Pick<Row, "priority">, id: string): Key {
    return ["queue", this.name, "ready", PRIORITY_MAX - priority, id];
  }

  delayedRow(dueMs: number, id: string): Key {
    return ["queue", this.name, "delayed", dueMs, id];
  }

  leasedRow(untilMs: number, id: string): Key {
    return ["queue", this.name, "leased", untilMs, id];
  }

  /** Holds the id of the first unfinished message of a key, once handed out. */
  turn(key: string): Key {
    return ["queue", this.name, "turn", key];
  }

  duplicate(deduplicationId: string): Key {
    return ["queue", this.name, "duplicate", deduplicationId];
  }
}

/** The id at the end of a row's key. */
export function idOf(key: Key): string {
  return key.at(-1) as string;
}

/**
 * Refuses what nobody can mean.
 *
 * @throws {RefusedError} `invalid-input`
 */
export function checkSend(queue: string, options: SendOptions): void {
  const fault = faultOf(options);
  if (fault === undefined) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot send to queue "${queue}": ${fault}`,
  );
}

function faultOf(options: SendOptions): string | undefined {
  const { priority, delayMs, deduplicationId, deduplicationMs, key } = options;
  if (priority !== undefined && !isWhole(priority, 0, PRIORITY_MAX)) {
    return `priority is ${priority}, expected 0 to ${PRIORITY_MAX}`;
  }
  if (delayMs !== undefined && !isWhole(delayMs, 0, DELAY_MS_MAX)) {
    return `delayMs is ${delayMs} ms, expected 0 to ${DELAY_MS_MAX} ms`;
  }
  if (deduplicationMs !== undefined) {
    if (!isWhole(deduplicationMs, 1, DELAY_MS_MAX)) {
      return `deduplicationMs is ${deduplicationMs} ms, expected 1 to ${DELAY_MS_MAX} ms`;
    }
    if (deduplicationId === undefined) {
      return "deduplicationMs stands without a deduplicationId";
    }
  }
  if (key !== undefined && priority !== undefined) {
    return "a message with a key has no priority: messages of a key keep their order";
  }
  return nameFault("deduplicationId", deduplicationId, 1) ??
    nameFault("key", key, 0);
}

function nameFault(
  what: string,
  name: string | undefined,
  least: number,
): string | undefined {
  const length = name?.length ?? least;
  if (length >= least && length <= NAME_CHARACTERS_MAX) return undefined;
  return `${what} has ${length} characters, expected ${least} to ${NAME_CHARACTERS_MAX}`;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
