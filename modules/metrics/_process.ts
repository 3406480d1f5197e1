/**
 * What the process itself uses, read when somebody asks. The default metrics of
 * the client library are not used: they leave timers behind that cannot be ended.
 *
 * @module
 */
import process from "node:process";
import type { Registry } from "prom-client";
import type { Client } from "./_client.ts";

/** Adds the gauges to `registry`, under the names that dashboards know. */
export function addProcessMetrics(
  client: Client,
  registry: Registry,
  nowMs: number,
): void {
  const registers = [registry];
  function gauge(name: string, help: string, read: () => number): void {
    new client.Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
  gauge(
    "process_resident_memory_bytes",
    "Memory that the process holds, in bytes",
    () => Deno.memoryUsage().rss,
  );
  gauge(
    "nodejs_heap_size_total_bytes",
    "Memory that the heap holds, in bytes",
    () => Deno.memoryUsage().heapTotal,
  );
  gauge(
    "nodejs_heap_size_used_bytes",
    "Memory that the heap uses, in bytes",
    () => Deno.memoryUsage().heapUsed,
  );
  gauge(
    "nodejs_external_memory_bytes",
    "Memory outside of the heap that objects on it hold, in bytes",
    () => Deno.memoryUsage().external,
  );
  const memory = machineMemory();
  if (memory !== undefined) {
    gauge(
      "machine_memory_bytes",
      "Memory that the machine has, in bytes",
      () => memory,
    );
  }
  const startSeconds = nowMs / 1_000 - process.uptime();
  gauge(
    "process_start_time_seconds",
    "When the process started, in seconds since 1970",
    () => startSeconds,
  );
  new client.Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time that the process has used, in seconds",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

/** Absent where the process may not know it. */
function machineMemory(): number | undefined {
  try {
    return Deno.systemMemoryInfo().total;
  } catch {
    // A deployment decides what the process may ask the system for.
    return undefined;
  }
}
