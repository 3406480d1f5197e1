/**
 * Answers in plain text, as the middlewares and the file server give them to
 * people and to `curl`.
 *
 * @module
 */

/** A short text with a line end, which no browser takes for anything else. */
export function textAnswer(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${message}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}
