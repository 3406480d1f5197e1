/**
 * Answers the question that browsers ask before a call to another site. It
 * comes as an OPTIONS request, for which a document has no route.
 *
 * @module
 */
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { withHead } from "./_match.ts";

/** What is asked of a route. */
export interface Guarded {
  readonly pattern: string;
  readonly middlewares: readonly HttpMiddleware[];
}

/**
 * The answer of the middleware that guards the route which the browser means to
 * call; `undefined` if none on it answers preflights. Only methods behind the
 * same middleware are allowed, so that one open route does not open others.
 */
export function preflight(
  context: HttpContext,
  routes: readonly (readonly [method: string, route: Guarded])[],
): Response | undefined {
  const wanted = context.request.headers.get("access-control-request-method");
  const meant = routes.find(([method]) => method === wanted) ??
    routes.find(([method]) => method === "GET" && wanted === "HEAD");
  const candidates = meant === undefined ? routes : [meant];
  for (const [, { pattern, middlewares }] of candidates) {
    const guard = middlewares.find((middleware) => middleware.preflight);
    if (guard === undefined) continue;
    const methods = routes
      .filter(([, route]) => route.middlewares.includes(guard))
      .map(([method]) => method);
    context.route = pattern;
    return guard.preflight?.(context, withHead(methods));
  }
  return undefined;
}
