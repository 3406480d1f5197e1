/**
 * The step type `sleep` is a wait in the form of a step.
 *
 * @module
 */
import type { WaitConfig } from "./grammar.ts";

/** The wait that a step stands for; `undefined` if it does something. */
export function asWait(
  use: string,
  values: Readonly<Record<string, unknown>>,
): WaitConfig | undefined {
  if (use !== "sleep") return undefined;
  const { for: time, until } = values;
  return {
    ...typeof time === "string" ? { for: time } : {},
    ...typeof until === "string" ? { until } : {},
  };
}
