/**
 * Calls that a document or its data decide on, kept from what is not theirs to
 * reach: private addresses, other schemes, answers without end. Every hop of a
 * redirect is a call of its own and is checked like the first.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import { messageOf, RetryableError, TerminalError } from "../errors.ts";
import { addressBytes, nonPublicReason } from "./public_address.ts";
import { readBody, readStart } from "./read_body.ts";
import { withDeadline } from "./deadline.ts";

/** Redirects that are followed where nothing else is said. */
export const REDIRECTS_MAX = 5;

/** The size of an answer where nothing else is said, in bytes: 8 MiB. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** What to send. */
export interface OutgoingRequest {
  readonly url: string | URL;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** What a call may do and take. */
export interface CallLimits {
  /** Everything from the look-up to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the call. */
  readonly signal: AbortSignal;
  /**
   * Lets the call reach addresses that are not public: all, or those of the URLs
   * that it accepts. @default {false}
   */
  readonly allowPrivateIPs?: boolean | ((url: URL) => boolean);
  /**
   * What is sent at each hop, redirects included: may replace headers and body,
   * which go no further than that hop. What it throws ends the call.
   */
  readonly atHop?: (hop: Hop) => Hop;
  /** @default {REDIRECTS_MAX} */
  readonly redirectsMax?: number;
  /** @default {ANSWER_BYTES_MAX} */
  readonly answerBytesMax?: number;
  /** Whether a larger answer is an error, or is cut off there. @default {"refuse"} */
  readonly longAnswer?: "refuse" | "cut";
}

/** What came back, whatever its status. */
export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The address, the scheme or the size of something is not allowed. */
export class GuardError extends TerminalError {}

/**
 * Makes a call. Only `http` and `https`, and only to public addresses: a name is
 * resolved, all of its addresses must be public, and the connection then goes to
 * one of those, so that a name cannot change its meaning in between. Credentials
 * stay behind when a redirect leads to another origin.
 *
 * @throws {GuardError} The scheme, an address, the number of redirects or the size
 * of the answer is not allowed: trying again cannot help.
 * @throws {RetryableError} No answer: the name is unknown, nobody listens, the
 * connection broke, or the time is over.
 * @throws the reason of the signal when it aborts.
 */
export async function guardedFetch(
  { clock, network }: Pick<Effects, "clock" | "network">,
  request: OutgoingRequest,
  limits: CallLimits,
): Promise<OutgoingAnswer> {
  const { timeoutMs, signal } = limits;
  const shown = shownUrl(request.url);
  return await withDeadline({
    clock,
    ms: timeoutMs,
    signal,
    late: () =>
      new RetryableError(
        `Cannot wait for ${request.method} ${shown} any longer: the limit is ${timeoutMs} ms`,
      ),
  }, async (limited) => {
    try {
      return await follow(network, request, { ...limits, signal: limited });
    } catch (error) {
      if (limited.aborted) throw limited.reason;
      if (error instanceof TerminalError) throw error;
      throw new RetryableError(
        `Cannot reach ${shown}: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  });
}

/** A request on its way to one address. */
export type Hop = OutgoingRequest & { readonly url: URL };

async function follow(
  network: Effects["network"],
  request: OutgoingRequest,
  limits: CallLimits,
): Promise<OutgoingAnswer> {
  const { redirectsMax = REDIRECTS_MAX } = limits;
  let hop: Hop = { ...request, url: urlOf(request.url) };
  for (let redirects = 0;; redirects++) {
    const response = await send(network, hop, limits);
    const next = redirectOf(hop, response);
    if (next === undefined) return await answerOf(hop, response, limits);
    await response.body?.cancel();
    if (redirects >= redirectsMax) {
      throw new GuardError(
        `Cannot follow ${shownUrl(request.url)}: it redirects more than ` +
          `${redirectsMax} times`,
      );
    }
    hop = next;
  }
}

async function answerOf(
  { url }: Hop,
  response: Response,
  { answerBytesMax = ANSWER_BYTES_MAX, longAnswer = "refuse" }: CallLimits,
): Promise<OutgoingAnswer> {
  const body = longAnswer === "cut"
    ? await readStart(response, answerBytesMax)
    : await readBody(response, answerBytesMax);
  if (body === undefined) {
    throw new GuardError(
      `Cannot take the answer of ${shownUrl(url)}: it is larger than the ` +
        `limit of ${answerBytesMax} bytes`,
    );
  }
  return { status: response.status, headers: response.headers, body };
}

async function send(
  network: Effects["network"],
  hop: Hop,
  { allowPrivateIPs = false, signal, atHop }: CallLimits,
): Promise<Response> {
  const { url } = hop;
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new GuardError(
      `Cannot call ${shownUrl(url)}: the scheme must be http or https`,
    );
  }
  const request = requestOf(atHop?.(hop) ?? hop, signal);
  const mayBePrivate = typeof allowPrivateIPs === "function"
    ? allowPrivateIPs(url)
    : allowPrivateIPs;
  if (mayBePrivate) return await network.fetch(request);
  const addresses = await publicAddresses(network, url);
  return await network.fetchAt(addresses, request);
}

/** @throws {TerminalError} if a header is malformed, or a GET has a body. */
function requestOf(
  { url, method, headers = {}, body }: Hop,
  signal: AbortSignal,
): Request {
  try {
    const redirect = "manual";
    const content = body === undefined ? {} : { body };
    return new Request(url, { method, redirect, signal, headers, ...content });
  } catch (cause) {
    throw new TerminalError(
      `Cannot send ${method} ${shownUrl(url)}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** @throws {GuardError} if any of them is not public. */
async function publicAddresses(
  network: Effects["network"],
  url: URL,
): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = addressBytes(host) === undefined
    ? await network.resolve(host)
    : [host];
  for (const address of addresses) {
    const reason = nonPublicReason(address);
    if (reason === undefined) continue;
    throw new GuardError(
      `Cannot call ${shownUrl(url)}: its address ${address} is not public ` +
        `(${reason}); allowPrivateIPs allows it`,
    );
  }
  return addresses;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The request that a redirect asks for. */
function redirectOf(hop: Hop, { status, headers }: Response): Hop | undefined {
  const location = headers.get("location");
  if (!REDIRECTS.has(status) || location === null) return undefined;
  const url = urlOf(location, hop.url);
  const isOther = url.origin !== hop.url.origin;
  const kept = Object.entries(hop.headers ?? {})
    .filter(([name]) => !isOther || !isCredential(name));
  if (!becomesGet(status, hop.method)) {
    return { ...hop, url, headers: Object.fromEntries(kept) };
  }
  const ofBody = /^content-|^idempotency-key$/i;
  return {
    url,
    method: "GET",
    headers: Object.fromEntries(kept.filter(([name]) => !ofBody.test(name))),
  };
}

/** As the Fetch Standard has it. */
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** Also the headers that services commonly take keys in. */
function isCredential(name: string): boolean {
  return /^(proxy-)?authorization$|^cookie$|token|secret|api-?key/i.test(name);
}

function urlOf(text: string | URL, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    throw new GuardError(`Cannot call "${text}": it is not a URL`, { cause });
  }
}

/** Without what may be secret: the user, the password and the query. */
export function shownUrl(url: string | URL): string {
  const parsed = URL.parse(String(url));
  if (parsed === null) return `"${url}"`;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/** fetch says "fetch failed", and its cause says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error
    ? error.cause
    : error;
  return messageOf(cause);
}
