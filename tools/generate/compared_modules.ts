/**
 * The page that compares the names of an earlier engine with the types of this one.
 *
 * @module
 */
import type { Catalog } from "../../engine/catalog.ts";
import { code, page, table } from "../../engine/derive/markdown.ts";

/** The types that it had. */
export const EARLIER_TYPES: readonly string[] = `
  api.handler auth.jwt auth.modular cache.modular chimux.router data.transformer
  database.modular database.workflow dynamic.component eventbus.modular
  eventlogger.modular health.checker http.handler http.middleware.auth
  http.middleware.cors http.middleware.logging http.middleware.ratelimit
  http.middleware.requestid http.middleware.securityheaders http.proxy http.router
  http.server http.simple_proxy httpclient.modular httpserver.modular
  jsonschema.modular messaging.broker messaging.broker.eventbus messaging.handler
  messaging.kafka messaging.nats metrics.collector notification.slack
  observability.otel persistence.store processing.step reverseproxy
  scheduler.modular state.connector state.tracker statemachine.engine
  static.fileserver storage.s3 webhook.sender
`.trim().split(/\s+/);

/** Types that only its examples, or its interface, named, and that it had not. */
export const NAMED_TYPES: readonly string[] = `
  business.service conditional.expression conditional.ifelse conditional.switch
  core.config core.logger core.metrics data.cache data.database event.processor
  grpc.server integration.registry job.store scheduler scheduler.cron
`.trim().split(/\s+/);

/** The text of `docs/modules.md`. */
export function comparedModules(catalog: Catalog): string {
  const known = new Set([...EARLIER_TYPES, ...NAMED_TYPES]);
  const own = [...catalog.modules.keys()].filter((type) => !known.has(type));
  const rows = (types: readonly string[]) =>
    types.map((type) => {
      const module = catalog.modules.get(type);
      return module === undefined
        ? [code(type), "not there", ""]
        : [`[${type}](modules/${type}.md)`, module.stability, module.summary];
    });
  const head = ["Type", "Here", "What it does"];
  return page(
    "# Names of an earlier engine",
    "Documents that were written for the engine before this one name these types. " +
      "`wfctl list modules` shows what this build has; " +
      "[the reference](modules/README.md) explains each.",
    "## Types that it had",
    table(head, rows(EARLIER_TYPES)),
    "## Types that its examples name",
    "It refused documents with them.",
    table(head, rows(NAMED_TYPES)),
    "## Types that are new",
    table(head, rows(own)) || "There are none.",
  );
}
