/**
 * A request as a part of a trace: of the caller's, if it names one.
 *
 * @module
 */
import type { Span, SpanStart } from "@engine/tracing.ts";

/** A request that comes in. Its query may hold what is nobody's business. */
export function requestSpan(
  request: Request,
  remoteAddress: string,
): SpanStart {
  const { protocol, hostname, port, pathname } = new URL(request.url);
  return {
    name: request.method,
    kind: "server",
    parent: request.headers.get("traceparent"),
    attributes: {
      "http.request.method": request.method,
      "url.scheme": protocol.slice(0, -1),
      "url.path": pathname,
      "server.address": hostname,
      "server.port": port === "" ? undefined : Number(port),
      "client.address": remoteAddress === "" ? undefined : remoteAddress,
    },
  };
}

/** Its answer begins. An error of the caller's is no failure of the server. */
export function answered(
  span: Span,
  { method, route, status }: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
  },
): void {
  span.name = route === "" ? method : `${method} ${route}`;
  span.set({
    "http.route": route === "" ? undefined : route,
    "http.response.status_code": status,
  });
  if (status >= 500) span.fail(`HTTP ${status}`);
}
