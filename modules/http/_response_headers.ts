/**
 * Changes the headers of a response that another part of the chain has made.
 * The headers of what `fetch` returns cannot be changed, so that a proxy behind
 * a middleware needs a copy.
 *
 * @module
 */

/**
 * Lets `amend` change the headers and returns the response that carries them:
 * the same one, or a copy with the same body if its headers are fixed. `amend`
 * runs again on the copy, so it must only look at the headers it is given.
 */
export function amendHeaders(
  response: Response,
  amend: (headers: Headers) => void,
): Response {
  // The answer to an upgrade is known by its identity and never copied.
  if (response.status === SWITCHING_PROTOCOLS) return response;
  try {
    amend(response.headers);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const copy = new Response(response.body, response);
  amend(copy.headers);
  return copy;
}

const SWITCHING_PROTOCOLS = 101;

/** Adds a name to `Vary`, unless it is covered already. */
export function addVary(headers: Headers, name: string): void {
  const vary = headers.get("vary");
  if (vary === null || vary === "") return headers.set("vary", name);
  const wanted = name.toLowerCase();
  const covered = vary.split(",").some((part) => {
    const word = part.trim().toLowerCase();
    return word === wanted || word === "*";
  });
  if (!covered) headers.set("vary", `${vary}, ${name}`);
}
