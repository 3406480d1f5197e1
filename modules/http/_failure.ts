/**
 * Turns what a handler or a middleware throws into an answer. Refusals are told
 * to the caller; anything else is told to the log only.
 *
 * @module
 */
import {
  messageOf,
  type RefusalCode,
  RefusedError,
  RetryableError,
} from "@engine/errors.ts";
import type { Host } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { BodyTimeoutError, BodyTooLargeError } from "../_http_body.ts";
import { problemResponse } from "../_problem.ts";

const STATUS = {
  "not-found": 404,
  "unknown-workflow": 404,
  "unknown-definition": 404,
  "unknown-action": 400,
  "unknown-transition": 400,
  "invalid-input": 400,
  "wrong-state": 409,
  "guard-refused": 409,
  "already-exists": 409,
  conflict: 409,
} as const satisfies Record<RefusalCode, number>;

/** The answer to a request of which the work ended with `error`. */
export function failureResponse(
  error: unknown,
  context: HttpContext,
  log: Host["log"],
): Response {
  if (error instanceof RefusedError) {
    const { code, message } = error;
    return problemResponse(STATUS[code], message, { code });
  }
  if (error instanceof BodyTooLargeError) {
    return problemResponse(413, error.message);
  }
  if (error instanceof BodyTimeoutError) {
    return problemResponse(408, error.message);
  }
  if (isCallerGone(error)) {
    return problemResponse(400, "The request body ended too early");
  }
  const { method, path, route, requestId } = context;
  const id = requestId === undefined ? {} : { requestId };
  if (error instanceof RetryableError) {
    const message = `Cannot answer ${method} ${path} now: ${error.message}`;
    log.warn(message, { method, path, route, ...id });
    return laterResponse(error, id);
  }
  log.error(`Cannot answer ${method} ${path}: ${messageOf(error)}`, {
    method,
    path,
    route,
    ...id,
    error: error instanceof Error
      ? error.stack ?? error.message
      : String(error),
  });
  return problemResponse(500, "The request failed; the log says why", id);
}

/** The answer while something is full or away: the caller is to come again. */
function laterResponse(
  { retryAfterMs = 1_000 }: RetryableError,
  id: Readonly<Record<string, string>>,
): Response {
  const response = problemResponse(
    503,
    "The request cannot be served now; try again later",
    id,
  );
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  response.headers.set("retry-after", String(seconds));
  return response;
}

/** The connection broke while a body was read, so that nobody reads the answer. */
function isCallerGone(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource &&
    error.message.startsWith("Cannot read body");
}
