/**
 * Spreads seeds over workers, so that every core has its world.
 *
 * @module
 */
import type { Fault } from "../../engine/simulation/faults.ts";
import type { WorldResult } from "../../engine/simulation/world.ts";
import type { Order } from "./worker.ts";

/** How long one world may take, in milliseconds; one that stands still is told. */
const WORLD_MS_MAX = 60_000;

/** What is to be simulated. */
export interface Orders {
  readonly seed: number;
  readonly runs: number;
  readonly workers: number;
  readonly faults: readonly Fault[];
}

/** Simulates `runs` seeds from `seed` on; results come in no order. */
export async function simulateAll(
  { seed, runs, workers, faults }: Orders,
  onResult: (result: WorldResult) => void,
): Promise<void> {
  let next = seed;
  const end = seed + runs;
  await Promise.all(
    Array.from({ length: Math.min(workers, runs) }, async () => {
      let worker = newWorker();
      while (next < end) {
        const order = { seed: next++, faults };
        const result = await ask(worker, order);
        onResult(result ?? stuck(order));
        if (result !== undefined) continue;
        worker.terminate();
        worker = newWorker();
      }
      worker.terminate();
    }),
  );
}

function newWorker(): Worker {
  return new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
}

/** The result of a seed; none if the world stands still. */
function ask(worker: Worker, order: Order): Promise<WorldResult | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), WORLD_MS_MAX);
    worker.onmessage = ({ data }: MessageEvent<WorldResult>) => {
      clearTimeout(timer);
      resolve(data);
    };
    worker.onerror = (event) => {
      clearTimeout(timer);
      reject(new Error(`Cannot simulate ${order.seed}: ${event.message}`));
    };
    worker.postMessage(order);
  });
}

function stuck({ seed }: Order): WorldResult {
  return {
    seed,
    violations: [`The world stands still after ${WORLD_MS_MAX} ms`],
    ...{ hash: "", runs: 0, happened: 0, faults: [] },
  };
}
