/**
 * Counts what the engine and its modules measure, and shows it to Prometheus.
 *
 * @module
 */
import type { Registry } from "prom-client";
import { z } from "zod";
import {
  defineModule,
  type Host,
  type Lifecycle,
  type Ref,
  ref,
} from "@engine/define.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import type { MetricDefinition } from "@engine/observe.ts";
import { type Client, loadClient } from "./_client.ts";
import { addProcessMetrics } from "./_process.ts";
import { type Add, type LabelValues, Series, SERIES_MAX } from "./_series.ts";

interface CollectorConfig {
  readonly router?: Ref<HttpRouter> | undefined;
  readonly path: string;
  readonly namespace?: string | undefined;
}

/** One metric that is counted. */
interface Family {
  readonly kind: MetricDefinition["kind"];
  readonly series: Series;
}

class MetricsCollector implements HttpHandler, Lifecycle {
  readonly #config: CollectorConfig;
  readonly #host: Host;
  readonly #families = new Map<string, Family>();
  readonly #refused = new Set<string>();
  #registry: Registry | undefined;
  #detach = () => {};

  constructor(config: CollectorConfig, host: Host) {
    this.#config = config;
    this.#host = host;
  }

  async start(): Promise<void> {
    const client = await loadClient();
    const registry = new client.Registry();
    for (const [name, definition] of this.#host.meter.definitions()) {
      this.#families.set(
        name,
        this.#family(name, definition, client, registry),
      );
    }
    addProcessMetrics(client, registry, this.#host.effects.clock.now());
    this.#registry = registry;
    this.#detach = this.#host.meter.attach((name, labels, value) =>
      this.#record(name, labels, value)
    );
  }

  wire(): () => void {
    const { router, path } = this.#config;
    if (router === undefined) return () => {};
    return this.#host.use(router).mount([{
      method: "GET",
      pattern: path,
      handler: this,
      middlewares: [],
      implied: true,
    }]);
  }

  stop(): void {
    this.#detach();
    this.#detach = () => {};
    this.#families.clear();
    this.#registry = undefined;
  }

  async handle(): Promise<Response> {
    const registry = this.#registry;
    if (registry === undefined) {
      return new Response("The metrics are not collected now\n", {
        status: 503,
      });
    }
    return new Response(await registry.metrics(), {
      headers: {
        "content-type": registry.contentType,
        "cache-control": "no-store",
      },
    });
  }

  /** Never throws: who measures must not fail because of it. */
  #record(name: string, labels: LabelValues, value: number): void {
    const family = this.#families.get(name);
    if (family === undefined) return;
    if (!Number.isFinite(value) || (value < 0 && family.kind !== "gauge")) {
      return this.#refuse(name, family.kind, value);
    }
    family.series.of(labels)(value);
  }

  #refuse(name: string, kind: Family["kind"], value: number): void {
    if (this.#refused.has(name)) return;
    this.#refused.add(name);
    const wanted = kind === "gauge"
      ? "finite numbers"
      : "finite numbers from 0";
    this.#host.log.error(
      `Cannot add ${value} to "${name}": a ${kind} takes ${wanted}`,
    );
  }

  #family(
    name: string,
    { kind, help, labels }: MetricDefinition,
    client: Client,
    registry: Registry,
  ): Family {
    const { namespace } = this.#config;
    const full = namespace === undefined ? name : `${namespace}_${name}`;
    const make = adder(client, kind, {
      name: full,
      help,
      labelNames: [...labels],
      registers: [registry],
    });
    const onFull = () => this.#tellFull(full);
    return { kind, series: new Series({ labels, make, onFull }) };
  }

  #tellFull(name: string): void {
    const message = `"${name}" has ${SERIES_MAX} series: ` +
      "further combinations of labels are counted as one";
    this.#host.log.warn(message);
    this.#host.notify("notice", { message, severity: "warning" });
  }
}

/** Makes a metric of the client library; returns what makes its series. */
function adder(
  client: Client,
  kind: MetricDefinition["kind"],
  options: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: string[];
    readonly registers: Registry[];
  },
): (labels: LabelValues) => Add {
  switch (kind) {
    case "counter": {
      const counter = new client.Counter(options);
      return (labels) => counter.labels(labels).inc;
    }
    case "gauge": {
      const gauge = new client.Gauge(options);
      return (labels) => gauge.labels(labels).inc;
    }
    case "histogram": {
      const histogram = new client.Histogram(options);
      return (labels) => histogram.labels(labels).observe;
    }
  }
}

export default defineModule({
  type: "metrics.collector",
  summary: "Counts what happens and shows it to Prometheus",
  stability: "stable",
  config: z.strictObject({
    path: z.string().regex(/^\/\S*$/, 'Expected a path such as "/metrics"')
      .default("/metrics").describe(
        "Where the router answers with the metrics; a route that the document " +
          "states for the same path takes precedence",
      ),
    namespace: z.string().regex(
      /^[a-zA-Z_:][a-zA-Z0-9_:]*$/,
      "Expected letters, digits, underscores and colons, and no digit in front",
    ).optional().describe(
      "Stands before the name of every metric, joined by an underscore; those " +
        "of the process keep their usual names",
    ).meta({ examples: ["shop"] }),
    router: ref(HttpRouter).optional().describe(
      "The router that answers; a document without one only counts",
    ),
  }),
  provides: [HttpHandler],
  examples: [{
    title: "Show metrics beside an application",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router", dependsOn: ["server"] },
      { name: "hello", type: "http.handler" },
      {
        name: "metrics",
        type: "metrics.collector",
        config: { namespace: "shop" },
      },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
    },
    exchanges: [{
      request: { method: "GET", path: "/metrics" },
      response: {
        status: 200,
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      },
    }],
  }],
  create: (config, host) => new MetricsCollector(config, host),
});
