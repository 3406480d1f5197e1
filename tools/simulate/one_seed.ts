/**
 * Lets one world happen; a promise that is rejected without anybody who cares
 * would end a real process, and so counts as a violation.
 *
 * @module
 */
import {
  runWorld,
  type WorldOptions,
  type WorldResult,
} from "../../engine/simulation/world.ts";

/** The world of a seed. Worlds come one after the other. */
export async function simulate(options: WorldOptions): Promise<WorldResult> {
  const rejected: string[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    rejected.push(`A promise was rejected, and nobody cared: ${event.reason}`);
  };
  addEventListener("unhandledrejection", note);
  try {
    const result = await runWorld(options);
    // The event comes after the turn in which the promise was rejected.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const violations = [...result.violations, ...rejected];
    return { ...result, violations };
  } catch (error) {
    const violations = [`The world ended: ${error}`];
    const { seed } = options;
    return { seed, violations, hash: "", runs: 0, happened: 0, faults: [] };
  } finally {
    removeEventListener("unhandledrejection", note);
  }
}
