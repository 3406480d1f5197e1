/**
 * The error answers of this folder: problem details (RFC 9457) for programs,
 * and the short texts that the router of the original format answers.
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
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** A plain text answer, one line. */
export function textResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}
