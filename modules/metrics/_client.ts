/**
 * The parts of the client library that are used. The rest of it, which pushes,
 * reads the process and works in clusters, takes longer to load than an
 * application takes to start.
 *
 * @module
 */
import type { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The constructors. */
export interface Client {
  readonly Registry: typeof Registry;
  readonly Counter: typeof Counter;
  readonly Gauge: typeof Gauge;
  readonly Histogram: typeof Histogram;
}

/** Loads them. */
export async function loadClient(): Promise<Client> {
  // Each file is the constructor that the library's index has under this name;
  // there are no types for them.
  const [registry, counter, gauge, histogram] = await Promise.all([
    import("prom-client/lib/registry.js"),
    import("prom-client/lib/counter.js"),
    import("prom-client/lib/gauge.js"),
    import("prom-client/lib/histogram.js"),
  ]);
  return {
    Registry: registry.default,
    Counter: counter.default,
    Gauge: gauge.default,
    Histogram: histogram.default,
  };
}
