/**
 * What kafkajs throws, in our words.
 *
 * @module
 */
import { messageOf } from "@engine/errors.ts";
import { DriverError } from "./driver.ts";

/** What kafkajs adds to its errors. */
interface LibraryError extends Error {
  readonly retriable?: boolean;
  /** The name that the protocol has for it. */
  readonly type?: string;
  readonly errors?: readonly LibraryError[];
}

/** Not worth another attempt, whatever the library says. */
const HOPELESS: ReadonlySet<string> = new Set([
  "MESSAGE_TOO_LARGE",
  "INVALID_TOPIC_EXCEPTION",
  "RECORD_LIST_TOO_LARGE",
]);

/** What servers say of topics and groups that are being made. */
const NOT_THERE_YET: ReadonlySet<string> = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
  "NOT_COORDINATOR_FOR_GROUP",
]);

/** Whether a moment may be all that it takes. */
export function isNotThereYet(error: unknown): boolean {
  return NOT_THERE_YET.has(causeOf(error).type ?? "");
}

/** An error of the library as one of ours. */
export function driverError(error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const deepest = causeOf(error);
  const isHopeless = deepest.type !== undefined && HOPELESS.has(deepest.type);
  return new DriverError(reasonOf(error), !isHopeless, error);
}

/** Why something went wrong, for people. */
export function reasonOf(error: unknown): string {
  const deepest = causeOf(error);
  const text = messageOf(deepest) || deepest.name;
  return deepest.type === undefined || text.includes(deepest.type)
    ? text
    : `${text} (${deepest.type})`;
}

/** What is behind "the number of retries is exceeded". */
function causeOf(error: unknown): LibraryError {
  let deepest = error as LibraryError;
  for (let depth = 0; depth < 10; depth++) {
    const next = deepest.cause ?? deepest.errors?.[0];
    if (!(next instanceof Error)) break;
    deepest = next as LibraryError;
  }
  return deepest;
}
