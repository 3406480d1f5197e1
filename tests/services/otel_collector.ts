/**
 * An OpenTelemetry Collector of a test's own, and the spans that it has taken.
 * `install_otelcol.sh` builds it.
 *
 * @module
 */
import { join } from "node:path";
import {
  freePort,
  isListening,
  PROGRAMS,
  serverOfFile as keptServer,
  ServerProcess,
} from "./server.ts";

const PROGRAM = join(PROGRAMS, "otelcol/otelcol");

/** A span as the collector has written it down. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** As the protocol counts: 1 internal, 2 server, 3 client, 5 consumer. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the service that has told of it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Written {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (
        & Omit<CollectedSpan, "attributes" | "resource">
        & { readonly attributes?: readonly Attribute[] }
      )[];
    }[];
  }[];
}

/** See the module comment. */
export class OtelCollector extends ServerProcess {
  readonly url: string;
  readonly #folder: string;

  /** @param folder Which it has for itself. */
  constructor(folder: string, port = freePort()) {
    super({
      program: PROGRAM,
      args: ["--config", join(folder, "config.yaml")],
      isReady: () => isListening(port),
    });
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Every span that it has taken, through all its restarts. */
  async spans(): Promise<readonly CollectedSpan[]> {
    const text = await Deno.readTextFile(join(this.#folder, "spans.json"))
      .catch(() => "");
    return text.split("\n").filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as Written)
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) =>
          spans.map((span) => ({
            ...span,
            parentSpanId: span.parentSpanId ?? "",
            attributes: valuesOf(span.attributes ?? []),
            resource: valuesOf(resource.attributes),
          }))
        )
      );
  }

  /** The spans, once some of them fulfil a condition. */
  async until(
    isEnough: (spans: readonly CollectedSpan[]) => boolean,
  ): Promise<readonly CollectedSpan[]> {
    const end = Date.now() + 20_000;
    while (true) {
      const spans = await this.spans();
      if (isEnough(spans)) return spans;
      if (Date.now() > end) {
        const names = spans.map(({ name }) => name).join(", ");
        throw new Error(`The spans have not come; there are ${names}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A collector that is not started, at a port that nothing listens on. */
export async function newCollector(): Promise<OtelCollector> {
  const folder = await Deno.makeTempDir({ prefix: "workflow-otel-" });
  const port = freePort();
  const config = {
    receivers: {
      otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } },
    },
    exporters: {
      file: {
        path: join(folder, "spans.json"),
        append: true,
        flush_interval: "20ms",
      },
    },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { level: "error" } },
      pipelines: { traces: { receivers: ["otlp"], exporters: ["file"] } },
    },
  };
  await Deno.writeTextFile(join(folder, "config.yaml"), JSON.stringify(config));
  return new OtelCollector(folder, port);
}

/** A collector that is removed after the tests of a file; else why there is none. */
export async function serverOfFile(): Promise<OtelCollector | string> {
  const isThere = await Deno.stat(PROGRAM).then(() => true, () => false);
  const missing = isThere
    ? undefined
    : "no OpenTelemetry Collector: tests/services/install_otelcol.sh builds it";
  return await keptServer(missing, async () => {
    const collector = await newCollector();
    await collector.start();
    return collector;
  });
}

function valuesOf(attributes: readonly Attribute[]) {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
}
