/**
 * Tells an OpenTelemetry collector what the application does: its requests,
 * transitions, runs and steps, and what it asks of others, as spans of traces.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type Lifecycle,
  secret,
} from "@engine/define.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import type { FinishedSpan, SpanSink } from "@engine/tracing.ts";
import { notPositive } from "../_positive_duration.ts";
import { Collector } from "./_collector.ts";
import { loadEncoding } from "./_otlp_encoding.ts";
import { type DropReason, SpanQueue } from "./_span_queue.ts";

const config = z.strictObject({
  endpoint: z.string().min(1).default("http://localhost:4318").describe(
    "The collector's address for OTLP over HTTP; /v1/traces is added to it; " +
      "without a scheme it is http",
  ),
  serviceName: z.string().min(1).default("workflow").describe(
    "What traces call the application",
  ),
  serviceVersion: z.string().min(1).optional().describe(
    "Its version, in traces",
  ),
  attributes: z.record(z.string().min(1), z.string()).default({}).describe(
    "Further facts about the application, such as deployment.environment.name",
  ),
  headers: z.record(z.string().min(1), secret()).default({}).describe(
    "Sent with every request to the collector, such as a key",
  ),
  samplingRatio: z.number().min(0).max(1).default(1).describe(
    "Which part of the traces that begin here is recorded, from 0 to 1; for " +
      "a request that belongs to a trace, whoever began that decides",
  ),
  batchSize: z.int().min(1).max(10_000).default(512).meta({ unit: "count" })
    .describe("How many spans go to the collector at a time"),
  batchInterval: duration().default("5s").describe(
    "How long a span waits for others to go with it",
  ),
  queueSize: z.int().min(1).max(1_000_000).default(4_096)
    .meta({ unit: "count" }).describe(
      "How many spans may wait; more are dropped, and counted",
    ),
  timeout: duration().default("10s").describe(
    "How long the collector may take to answer",
  ),
  shutdownTimeout: duration().default("5s").describe(
    "How long a stop of the application waits for spans to be sent",
  ),
});

type Config = z.output<typeof config>;

const METRICS = {
  otel_spans_exported_total: {
    kind: "counter",
    help: "Spans that a collector has taken",
    labels: ["module"],
  },
  otel_spans_dropped_total: {
    kind: "counter",
    help: "Spans that no collector has taken",
    labels: ["module", "reason"],
  },
} as const;

export default defineModule({
  type: "observability.otel",
  summary: "Sends traces of what the application does to OpenTelemetry",
  stability: "beta",
  config,
  provides: [HealthReporter],
  metrics: METRICS,
  check({ endpoint, batchInterval, timeout }): readonly Issue[] {
    return [
      ...faultOf(endpoint),
      ...notPositive({ batchInterval, timeout }),
    ];
  },
  examples: [{
    title: "Trace requests and the work that they lead to",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      { name: "hello", type: "http.handler" },
      {
        name: "traces",
        type: "observability.otel",
        config: {
          endpoint: "http://localhost:4318",
          serviceName: "shop",
          samplingRatio: 0.1,
        },
      },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
    },
    exchanges: [{
      request: { method: "GET", path: "/hello" },
      response: { status: 200, body: { handler: "hello" } },
    }],
  }],
  create: (config, host) => new TraceExporter(config, host),
});

class TraceExporter implements HealthReporter, SpanSink, Lifecycle {
  readonly healthName: string;
  readonly #config: Config;
  readonly #host: Host;
  #queue: SpanQueue | undefined;
  #detach = () => {};

  constructor(settings: Config, host: Host) {
    this.#config = settings;
    this.#host = host;
    this.healthName = `observability.${host.name}`;
  }

  async start(): Promise<void> {
    const { endpoint, headers, timeout } = this.#config;
    const { effects, tracing } = this.#host;
    const collector = new Collector(
      {
        url: tracesUrl(endpoint).href,
        headers,
        timeoutMs: durationMs(timeout),
      },
      await loadEncoding(this.#about()),
      effects,
    );
    const { batchSize, batchInterval, queueSize } = this.#config;
    this.#queue = new SpanQueue({
      // Whatever span has woken it, its own calls belong to none.
      send: (spans, signal) =>
        tracing.within(undefined, () => collector.send(spans, signal)),
      clock: effects.clock,
      batchSize,
      batchMs: durationMs(batchInterval),
      spansMax: queueSize,
      onExported: (count) => this.#count("otel_spans_exported_total", count),
      onDropped: (count, reason) =>
        this.#count("otel_spans_dropped_total", count, reason),
      onHealth: (reason) => this.#tell(reason),
    });
    this.#detach = tracing.attach(this);
    this.#queue.wake();
  }

  async stop(): Promise<void> {
    this.#detach();
    await this.#queue?.end(durationMs(this.#config.shutdownTimeout));
    this.#queue = undefined;
  }

  samples(traceId: string): boolean {
    const { samplingRatio } = this.#config;
    // The same for all who decide by the id, with the same ratio.
    return parseInt(traceId.slice(-13), 16) < samplingRatio * 2 ** 52;
  }

  take(span: FinishedSpan): void {
    this.#queue?.take(span);
  }

  health(): Promise<Health> {
    return Promise.resolve(this.#queue?.health ?? { status: "healthy" });
  }

  #about(): Readonly<Record<string, string>> {
    const { serviceName, serviceVersion, attributes } = this.#config;
    return {
      ...attributes,
      "service.name": serviceName,
      ...(serviceVersion === undefined
        ? {}
        : { "service.version": serviceVersion }),
    };
  }

  #count(
    name: keyof typeof METRICS,
    count: number,
    reason?: DropReason,
  ): void {
    const { meter, name: module } = this.#host;
    if (!meter.active) return;
    const labels = reason === undefined ? { module } : { module, reason };
    meter.recordOwn(name, labels, count);
  }

  #tell(reason: string | undefined): void {
    const { log, name, notify } = this.#host;
    const message = reason ?? `${name} reaches its collector`;
    if (reason === undefined) return log.info(message);
    log.warn(message);
    notify("notice", { message, severity: "warning" });
  }
}

/** The address of traces; `localhost:4318` is one as well. */
function tracesUrl(endpoint: string): URL {
  const url = new URL(
    /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `http://${endpoint}`,
  );
  if (!url.pathname.endsWith("/v1/traces")) {
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  }
  return url;
}

function faultOf(endpoint: string): readonly Issue[] {
  const fault = (message: string, help?: string): readonly Issue[] => [{
    ...{ code: "invalid-value", path: ["endpoint"], message },
    ...(help === undefined ? {} : { help }),
  }];
  let url: URL;
  try {
    url = tracesUrl(endpoint);
  } catch {
    return fault(`"${endpoint}" is no address of a collector`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return fault(
      `A collector is reached over http or https, not ${url.protocol}`,
    );
  }
  return url.username === "" && url.password === "" ? [] : fault(
    "The address holds a password, which would stand in logs",
    "Give it to the collector in headers",
  );
}
