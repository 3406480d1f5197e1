/**
 * Passes one request on to a backend and its answer back: both bodies stream,
 * redirects go to the client, and a client that leaves ends the request.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { endToEnd } from "./_hop_headers.ts";
import { isSession, withoutSession } from "./_session_cookie.ts";

/** What a proxy sends on. */
export interface Forward {
  readonly url: URL;
  /** Made by `forwardedHeaders`. */
  readonly headers: Headers;
  /** How long the backend may take until its answer begins. */
  readonly timeoutMs: number;
}

/** What became of it. */
export type Forwarded =
  | { readonly kind: "answered"; readonly response: Response }
  /** The backend cannot be reached, or does not speak HTTP. */
  | { readonly kind: "unreachable"; readonly error: unknown }
  | { readonly kind: "timeout"; readonly timeoutMs: number }
  /** The client is gone: nobody reads an answer. */
  | { readonly kind: "abandoned" };

/** Sends a request on. Never throws. */
export async function forward(
  { request }: HttpContext,
  { url, headers, timeoutMs }: Forward,
  { clock, network }: Host["effects"],
): Promise<Forwarded> {
  const deadline = new AbortController();
  const cancel = clock.after(timeoutMs, () => deadline.abort());
  try {
    const response = await network.fetch(url, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([request.signal, deadline.signal]),
    });
    if (response.status < 200) throw new TypeError(HANDOVER);
    return { kind: "answered", response: answerOf(response) };
  } catch (error) {
    if (request.signal.aborted) return { kind: "abandoned" };
    if (deadline.signal.aborted) return { kind: "timeout", timeoutMs };
    return { kind: "unreachable", error };
  } finally {
    cancel();
  }
}

/** Whatever follows such an answer would pass unseen by every rule in front. */
const HANDOVER =
  "The backend hands over a connection that nobody has asked for";

/** The statuses that a response with a body cannot have. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** The answer as the client gets it, with headers that middlewares may change. */
function answerOf(response: Response): Response {
  const headers = new Headers();
  for (const [name, value] of endToEnd(response.headers)) {
    if (name === "set-cookie" && isSession(value)) continue;
    headers.append(name, value);
  }
  const { status, statusText } = response;
  const body = WITHOUT_BODY.has(status) ? null : response.body;
  return new Response(body, { status, statusText, headers });
}

/**
 * The headers of a request as its backend gets them: without those of the hop
 * and without the engine's session, with those that tell where it comes from.
 *
 * @param passes Whether a header of the client (in lower case) may go through.
 */
export function forwardedHeaders(
  context: HttpContext,
  passes: (name: string) => boolean = () => true,
): Headers {
  const { request, remoteAddress, requestId } = context;
  const headers = new Headers();
  for (const [name, value] of endToEnd(request.headers)) {
    if (!name.startsWith("x-forwarded-") && !passes(name)) continue;
    const kept = name === "cookie" ? withoutSession(value) : value;
    if (kept !== undefined) headers.append(name, kept);
  }
  // fetch would unpack a body and leave the headers that say it is packed.
  headers.set("accept-encoding", "identity");
  // A body of unknown source streams; its length is told by its chunks.
  headers.delete("content-length");
  if (requestId !== undefined) headers.set("x-request-id", requestId);
  if (remoteAddress !== "") headers.append("x-forwarded-for", remoteAddress);
  const scheme = request.url.slice(0, request.url.indexOf(":"));
  headers.append("x-forwarded-proto", scheme);
  headers.append("x-forwarded-host", hostOf(request));
  return headers;
}

function hostOf(request: Request): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}
