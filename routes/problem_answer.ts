/**
 * Answers that say what is wrong: `application/problem+json` (RFC 9457).
 *
 * @module
 */
import {
  ConfigError,
  LifecycleError,
  type Problem,
  RefusedError,
  RetryableError,
} from "../engine/mod.ts";

/** What a problem answer may carry beside its status and words. */
export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly problems?: readonly Problem[];
  readonly [member: string]: unknown;
}

/** Makes a problem answer. */
export function problem(
  status: number,
  code: string,
  detail: string,
  { headers, ...members }: ProblemOptions = {},
): Response {
  const body = {
    type: "about:blank",
    title: TITLES[status],
    status,
    code,
    detail,
  };
  return new Response(JSON.stringify({ ...body, ...members }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  404: "Not found",
  409: "Conflict",
  412: "Precondition failed",
  413: "Content too large",
  415: "Unsupported media type",
  422: "Unprocessable content",
  428: "Precondition required",
  500: "Internal error",
  503: "Service unavailable",
};

/** A parameter, or a member of a body, that is not as it must be. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";
  readonly parameter: string;

  constructor(message: string, parameter: string) {
    super(message);
    this.parameter = parameter;
  }
}

/** What a refusal is answered with, where it is not a conflict. */
const STATUSES: Readonly<Partial<Record<RefusedError["code"], number>>> = {
  "not-found": 404,
  "invalid-input": 422,
};

/** When to ask again, where nothing says it. */
const RETRY_AFTER_MS = 1_000;

/** The answer to an error that callers are expected to meet. */
export function problemOf(error: unknown): Response | undefined {
  if (error instanceof ConfigError) {
    return problem(422, "invalid-document", error.message, {
      problems: error.problems,
    });
  }
  if (error instanceof LifecycleError) {
    return problem(409, "cannot-start", error.message, {
      module: error.module,
    });
  }
  if (error instanceof RefusedError) {
    return problem(STATUSES[error.code] ?? 409, error.code, error.message);
  }
  if (error instanceof ParameterError) {
    const { parameter, message } = error;
    return problem(400, "invalid-parameter", message, { parameter });
  }
  if (error instanceof RetryableError) {
    const seconds = Math.ceil((error.retryAfterMs ?? RETRY_AFTER_MS) / 1_000);
    return problem(503, "try-later", error.message, {
      headers: { "retry-after": String(Math.max(1, seconds)) },
    });
  }
  return undefined;
}
