/**
 * How the resource handler answers: always JSON, whatever happens.
 *
 * @module
 */
import type { HttpRefusal } from "./_refusal.ts";

/** An answer with a JSON body. */
export function answer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An answer without a body. */
export function emptyAnswer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(null, {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** The answer to a request that is refused. */
export function refusalAnswer(refusal: HttpRefusal): Response {
  return answer(refusal.status, refusal.body, refusal.headers);
}
