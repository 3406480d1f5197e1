/**
 * What a client is told when a backend gave no answer. It names the backend, as
 * the original engine does; the reason itself stays in the log.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type { Forwarded } from "./_forward.ts";

/** Where a request was sent to. */
export interface Place {
  /** Host and port. */
  readonly backend: string;
  /** The path that the client asked for. */
  readonly path: string;
}

/** A client that is gone; the answer is for logs and metrics only. */
const CLIENT_CLOSED_REQUEST = 499;

/** The answer for any outcome; failures are logged. */
export function answerTo(
  outcome: Forwarded,
  place: Place,
  log: Host["log"],
): Response {
  switch (outcome.kind) {
    case "answered":
      return outcome.response;
    case "unreachable": {
      const reason = messageOf(outcome.error);
      log.warn(`Cannot reach ${place.backend}: ${reason}`, { ...place });
      return proxyError(502, "The backend cannot be reached", place);
    }
    case "timeout": {
      const error = `The backend did not answer within ${outcome.timeoutMs} ms`;
      log.warn(`Cannot wait for ${place.backend}: ${error}`, { ...place });
      return proxyError(504, error, place);
    }
    case "abandoned":
      return new Response(null, { status: CLIENT_CLOSED_REQUEST });
  }
}

/** An error of a proxy, as JSON. */
export function proxyError(
  status: number,
  error: string,
  { backend, path }: Place,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ backend, error, path }, { status, headers });
}
