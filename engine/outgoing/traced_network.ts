/**
 * Calls to the outside as parts of a trace: each is a span, and tells whoever
 * answers to which trace it belongs. A call that belongs to nothing, such as a
 * probe of somebody's health, is made as it is.
 *
 * @module
 */
import type { Network } from "../effects.ts";
import type { Tracing } from "../tracing.ts";
import { shownUrl } from "./guarded_fetch.ts";

/** The header of https://www.w3.org/TR/trace-context/. */
const HEADER = "traceparent";

/** The same network. */
export function tracedNetwork(network: Network, tracing: Tracing): Network {
  return {
    ...network,
    fetch(input, init) {
      if (tracing.current === undefined) return network.fetch(input, init);
      const asked = input instanceof Request ? input : undefined;
      const method = init?.method ?? asked?.method ?? "GET";
      const url = asked?.url ?? String(input);
      return call({ method, url }, tracing, (traceparent) => {
        const headers = new Headers(init?.headers ?? asked?.headers);
        // The one of the caller's caller would leave this span out.
        headers.set(HEADER, traceparent);
        return network.fetch(input, { ...init, headers });
      });
    },
    fetchAt(addresses, request) {
      if (tracing.current === undefined) {
        return network.fetchAt(addresses, request);
      }
      return call(request, tracing, (traceparent) => {
        const headers = new Headers(request.headers);
        headers.set(HEADER, traceparent);
        return network.fetchAt(addresses, new Request(request, { headers }));
      });
    },
  };
}

function call(
  { method, url }: Pick<Request, "method" | "url">,
  tracing: Tracing,
  send: (traceparent: string) => Promise<Response>,
): Promise<Response> {
  const { hostname, port, protocol } = new URL(url);
  const attributes = {
    "http.request.method": method,
    // A query may hold what is nobody's business.
    "url.full": shownUrl(url),
    "server.address": hostname.replace(/^\[|\]$/g, ""),
    "server.port": Number(port || (protocol === "https:" ? 443 : 80)),
  };
  const start = { name: method, kind: "client", attributes } as const;
  return tracing.span(start, async (span) => {
    const response = await send(span.traceparent);
    const { status } = response;
    span.set({ "http.response.status_code": status });
    if (status >= 400) span.fail(`HTTP ${status}`);
    return response;
  });
}
