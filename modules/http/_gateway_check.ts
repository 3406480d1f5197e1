/**
 * What the schema of `http.proxy` cannot say: that names and patterns hold.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";
import { notPositive } from "../_positive_duration.ts";
import { isPattern } from "./_backend_choice.ts";
import type { GatewayConfig } from "../_gateway_config.ts";

/** Every name that means no backend, and every pattern that fits no path. */
export function checkGateway(config: GatewayConfig): readonly Issue[] {
  return [
    ...namesOf(config).flatMap(({ path, name }) =>
      Object.hasOwn(config.backend_services, name)
        ? []
        : [unknownBackend(path, name)]
    ),
    ...patternsOf(config).flatMap(({ path, pattern }) =>
      isPattern(pattern) ? [] : [malformed(path, pattern)]
    ),
    ...notPositive({
      request_timeout: config.request_timeout,
      cache_ttl: config.cache_ttl,
      "circuit_breaker.open_timeout": config.circuit_breaker?.open_timeout,
      "health_check.interval": config.health_check?.interval,
      "health_check.timeout": config.health_check?.timeout,
    }),
    ...Object.entries(config.route_configs).flatMap(([key, { timeout }]) =>
      notPositive({ timeout }).map((issue) => ({
        ...issue,
        path: ["route_configs", key, ...issue.path],
      }))
    ),
  ];
}

type Place = Issue["path"];

function namesOf(config: GatewayConfig): { path: Place; name: string }[] {
  const { default_backend: fallback, routes, composite_routes } = config;
  const endpoints = config.health_check?.health_endpoints ?? {};
  return [
    ...(fallback === undefined
      ? []
      : [{ path: ["default_backend"], name: fallback }]),
    ...Object.entries(routes).map(([pattern, name]) => ({
      path: ["routes", pattern],
      name,
    })),
    ...Object.entries(composite_routes).flatMap(([key, { backends }]) =>
      backends.map((name, index) => ({
        path: ["composite_routes", key, "backends", index],
        name,
      }))
    ),
    ...Object.keys(endpoints).map((name) => ({
      path: ["health_check", "health_endpoints", name],
      name,
    })),
  ];
}

function patternsOf(config: GatewayConfig): { path: Place; pattern: string }[] {
  return [
    ...["routes", "route_configs"].flatMap((section) =>
      Object.keys(config[section as "routes" | "route_configs"])
        .map((pattern) => ({ path: [section, pattern], pattern }))
    ),
    ...Object.entries(config.composite_routes).map(([key, { pattern }]) => ({
      path: ["composite_routes", key],
      pattern: pattern ?? key,
    })),
  ];
}

function unknownBackend(path: Place, name: string): Issue {
  return {
    code: "unresolved-reference",
    path,
    message: `No backend is called "${name}"`,
    help: "Add it to backend_services",
  };
}

function malformed(path: Place, pattern: string): Issue {
  return {
    code: "invalid-route",
    path,
    message:
      `The pattern "${pattern}" must be a path, with nothing but "/*" at its end to stand for more`,
  };
}
