/**
 * Measurements. The engine and the modules say what happened; what counts it is
 * attached from outside, so that an application without metrics pays nothing.
 *
 * @module
 */

/** Every metric that the engine itself reports, with its labels. */
export const METRICS = {
  workflow_executions_total: {
    kind: "counter",
    help: "Workflow actions that were executed",
    labels: ["workflow_type", "action", "status"],
    failed: { status: "error" },
  },
  workflow_duration_seconds: {
    kind: "histogram",
    help: "How long a workflow action took",
    labels: ["workflow_type", "action"],
  },
  http_requests_total: {
    kind: "counter",
    help: "HTTP requests that were answered",
    labels: ["method", "path", "status_code"],
    failed: { status_code: "5" },
  },
  http_request_duration_seconds: {
    kind: "histogram",
    help: "How long an HTTP request took",
    labels: ["method", "path"],
  },
  module_operations_total: {
    kind: "counter",
    help: "Operations of modules",
    labels: ["module", "operation", "status"],
    failed: { status: "failure" },
  },
  step_failures_total: {
    kind: "counter",
    help: "Attempts at steps of runs that failed",
    labels: ["workflow_type"],
  },
  active_workflows: {
    kind: "gauge",
    help: "State machine instances that are not in a final state",
    labels: ["workflow_type"],
  },
} as const satisfies Record<string, MetricDefinition>;

/** What a metric is. */
export interface MetricDefinition {
  readonly kind: "counter" | "histogram" | "gauge";
  readonly help: string;
  readonly labels: readonly string[];
  /**
   * A label, and how its value begins where something failed. Absent: the metric
   * does not tell what came of it.
   */
  readonly failed?: Readonly<Record<string, string>>;
}

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;

/** The labels of one metric. */
export type Labels<N extends MetricName> = Readonly<
  Record<(typeof METRICS)[N]["labels"][number], string>
>;

/**
 * Takes measurements: `value` is added to a counter or a gauge and is one
 * observation, in seconds, of a histogram.
 */
export type MetricSink = (
  name: string,
  labels: Readonly<Record<string, string>>,
  value: number,
) => void;

/** Takes a part of the measurements: what is measured anyway, and what it wants. */
export interface Sampler {
  /** Whether it wants the next thing that happens. */
  wants(): boolean;
  /** @param isWhole Whether everything is measured now, wanted or not. */
  take(
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    isWhole: boolean,
  ): void;
}

/** Hands measurements to whoever counts them. */
export class Meter {
  /** Takes a part, so that it costs next to nothing. Never throws. */
  sampler: Sampler | undefined;
  readonly #definitions = new Map<string, MetricDefinition>(
    Object.entries(METRICS),
  );
  #sinks: readonly MetricSink[] = [];

  /** Every metric that may be reported, by name. */
  definitions(): ReadonlyMap<string, MetricDefinition> {
    return this.#definitions;
  }

  /**
   * Makes the metrics of a module type known. Many modules may have one type.
   *
   * @throws {RangeError} if a name means something else already.
   */
  define(metrics: Readonly<Record<string, MetricDefinition>>): void {
    for (const [name, definition] of Object.entries(metrics)) {
      const known = this.#definitions.get(name);
      if (known !== undefined && known !== definition) {
        throw new RangeError(
          `Cannot define the metric "${name}": it is defined already`,
        );
      }
      this.#definitions.set(name, definition);
    }
  }

  /**
   * Whether somebody wants to hear of what happens now. Callers ask once for each
   * thing that happens, and skip what only serves metrics if it is not wanted.
   */
  get active(): boolean {
    return this.#sinks.length > 0 || this.sampler?.wants() === true;
  }

  /** Whether somebody counts everything: a gauge makes no sense for less. */
  get isExact(): boolean {
    return this.#sinks.length > 0;
  }

  /** Adds a sink; returns what removes it. */
  attach(sink: MetricSink): () => void {
    this.#sinks = [...this.#sinks, sink];
    return () => this.#sinks = this.#sinks.filter((other) => other !== sink);
  }

  /** Reports one measurement of the engine's own metrics. */
  record<N extends MetricName>(name: N, labels: Labels<N>, value = 1): void {
    this.recordOwn(name, labels, value);
  }

  /** Reports one measurement of a metric that a module type defines. */
  recordOwn(
    name: string,
    labels: Readonly<Record<string, string>>,
    value = 1,
  ): void {
    for (const sink of this.#sinks) sink(name, labels, value);
    this.sampler?.take(name, labels, value, this.isExact);
  }
}
