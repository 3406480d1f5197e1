/**
 * Simulates the seeds that it is sent, one after the other.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import type { Fault } from "../../engine/simulation/faults.ts";
import { simulate } from "./one_seed.ts";

/** What a worker is sent. */
export interface Order {
  readonly seed: number;
  readonly faults: readonly Fault[];
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  self.postMessage(await simulate(data));
};
