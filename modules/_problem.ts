/**
 * Error answers for programs: problem details (RFC 9457).
 *
 * @module
 */

/** Facts that a problem answer carries beside its standard members. */
export type ProblemFields = Readonly<Record<string, unknown>>;

/** An `application/problem+json` answer. */
export function problemResponse(
  status: keyof typeof TITLES,
  detail: string,
  fields: ProblemFields = {},
): Response {
  const body = {
    type: "about:blank",
    title: TITLES[status],
    status,
    detail,
    ...fields,
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}

const TITLES = {
  400: "Bad Request",
  404: "Not Found",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;
