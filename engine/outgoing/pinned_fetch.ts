/**
 * A fetch that connects to given addresses rather than to what the name in the
 * URL stands for at that moment. Whoever has checked the addresses of a name
 * thus reaches what was checked, whatever a second look-up would say. (The
 * `proxy` option of `Deno.createHttpClient` would not do: it talks to an https
 * URL without TLS.)
 *
 * @module
 */
import type { IncomingMessage, RequestOptions } from "node:http";

type Lookup = NonNullable<RequestOptions["lookup"]>;

/**
 * Sends one request, without following redirects. The name in the URL stands in
 * the `Host` header and is what the certificate must be for. Each call opens a
 * connection of its own.
 */
export async function pinnedFetch(
  addresses: readonly string[],
  request: Request,
): Promise<Response> {
  const { protocol } = new URL(request.url);
  const { request: send } = protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  const body = request.body === null
    ? undefined
    : new Uint8Array(await request.arrayBuffer());
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const outgoing = send(request.url, {
    method: request.method,
    headers: headersOf(request, body),
    lookup: lookupOf(addresses),
    agent: false,
    signal: request.signal,
  }, (incoming) => resolve(responseOf(incoming)));
  outgoing.on("error", (error) => reject(reasonOf(error, request)));
  outgoing.end(body);
  return await promise;
}

function headersOf(
  { headers }: Request,
  body: Uint8Array | undefined,
): Record<string, string> {
  return {
    "accept": "*/*",
    "user-agent": "workflow",
    ...Object.fromEntries(headers),
    // Unlike fetch, this does not unpack.
    "accept-encoding": "identity",
    "connection": "close",
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
  };
}

function lookupOf(addresses: readonly string[]): Lookup {
  const found = addresses.map((address) => ({
    address,
    family: address.includes(":") ? 6 : 4,
  }));
  return (hostname, options, callback) => {
    const [first] = found;
    if (first === undefined) {
      callback(new TypeError(`"${hostname}" has no address`), "", 0);
    } else if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  };
}

/** The statuses that a response with a body cannot have. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf(incoming: IncomingMessage): Response {
  const headers = new Headers();
  const { rawHeaders, statusCode = 0, statusMessage = "" } = incoming;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  }
  const status = { status: statusCode, statusText: statusMessage, headers };
  if (WITHOUT_BODY.has(statusCode)) {
    incoming.resume();
    return new Response(null, status);
  }
  const packing = headers.get("content-encoding");
  if (packing !== "gzip" && packing !== "deflate") {
    return new Response(bodyOf(incoming), status);
  }
  // Some pack what nobody has asked them to, and fetch would unpack it.
  headers.delete("content-encoding");
  headers.delete("content-length");
  const unpacked = bodyOf(incoming).pipeThrough(
    new DecompressionStream(packing),
  );
  return new Response(unpacked, status);
}

function bodyOf(
  incoming: IncomingMessage,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel() {
      incoming.destroy();
    },
  });
}

/** What aborted the request says more than that it was aborted. */
function reasonOf(error: Error, { signal }: Request): unknown {
  return signal.aborted ? signal.reason : error;
}
