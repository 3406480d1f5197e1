/**
 * How `http.proxy` changes a request on its way to a backend. Pure.
 *
 * @module
 */
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { Target } from "../_backend_url.ts";
import { forwardedHeaders } from "./_forward.ts";
import type { GatewayConfig } from "../_gateway_config.ts";

/** What is special about the paths of one pattern. */
export type Rewriting = GatewayConfig["route_configs"][string];

/** What a backend needs to understand a request, whatever is forwarded. */
const ALWAYS_FORWARDED: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "range",
]);

/** The target with its path rewritten. */
export function rewritten(
  { path, query }: Target,
  rewriting: Rewriting | undefined,
): Target {
  const { strip_base_path: strip, base_path_rewrite: base } =
    rewriting?.path_rewriting ?? {};
  let changed = path;
  if (strip !== undefined) changed = withoutPrefix(changed, trimmed(strip));
  if (base !== undefined) changed = trimmed(base) + changed;
  return { path: changed, query };
}

/** Word by word: `/api` is no beginning of `/apis`. */
function withoutPrefix(path: string, prefix: string): string {
  if (path === prefix) return "/";
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}

function trimmed(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

/** The headers that a backend gets. */
export function gatewayHeaders(
  context: HttpContext,
  config: Pick<GatewayConfig, "forward_headers" | "tenant_id_header">,
  rewriting: Rewriting | undefined,
): Headers {
  const { set_headers: set = {}, remove_headers: removed = [] } =
    rewriting?.header_rewriting ?? {};
  const headers = forwardedHeaders(context, filterOf(config));
  // A client may not declare the tenant to be for the gateway alone.
  const tenant = context.request.headers.get(config.tenant_id_header);
  if (tenant !== null) headers.set(config.tenant_id_header, tenant);
  for (const name of removed) headers.delete(name);
  for (const [name, value] of Object.entries(set)) headers.set(name, value);
  return headers;
}

function filterOf(
  { forward_headers: allowed, tenant_id_header: tenant }: Pick<
    GatewayConfig,
    "forward_headers" | "tenant_id_header"
  >,
): (name: string) => boolean {
  if (allowed === undefined) return () => true;
  const names = new Set([...allowed, tenant].map((name) => name.toLowerCase()));
  return (name) => names.has(name) || ALWAYS_FORWARDED.has(name);
}
