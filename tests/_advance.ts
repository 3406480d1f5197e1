/**
 * Simulated time for applications with real components: what these do takes time
 * that the simulated clock knows nothing of.
 *
 * @module
 */
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";

/** How long components may take for all that is expected, in real milliseconds. */
const PATIENCE_MS = 30_000;

/** How long they are left alone between two steps, in real milliseconds. */
const PAUSE_MS = 10;

/**
 * Lets time pass in steps until something is as expected.
 *
 * @param stepMs Simulated; 0 lets components finish without anything falling due.
 * @throws {AssertionError} with the last that was seen, if it never is.
 */
export async function advanceUntil<T>(
  { advance }: Pick<SimulatedEffects, "advance">,
  stepMs: number,
  look: () => T | Promise<T>,
  expected: NoInfer<T>,
): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    await delay(PAUSE_MS);
    await advance(stepMs);
    try {
      return assert.deepEqual(await look(), expected);
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
  }
}
