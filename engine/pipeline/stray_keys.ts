/**
 * Finds the keys of a step that would be without effect: what is written must do
 * something.
 *
 * @module
 */
import type { STEP_KINDS, StepConfig } from "./grammar.ts";

/** A key that has no effect where it stands. */
export interface StrayKey {
  readonly key: string;
  readonly message: string;
  readonly expected: string;
}

/** The kind of step to which a key belongs. */
const OWNERS = {
  with: "use",
  retry: "use",
  timeout: "use",
  idempotencyKey: "use",
  compensate: "use",
  as: "forEach",
  concurrency: "forEach",
  steps: "forEach",
} as const satisfies Partial<
  Record<keyof StepConfig, (typeof STEP_KINDS)[number]>
>;

/** Keys that only another kind of step has. */
export function strayKeys(
  step: StepConfig,
  kind: (typeof STEP_KINDS)[number],
): readonly StrayKey[] {
  return Object.entries(OWNERS)
    .filter(([key, owner]) =>
      step[key as keyof StepConfig] !== undefined && owner !== kind
    )
    .map(([key, owner]) => ({
      key,
      message: `"${key}" has no effect in a step with "${kind}"`,
      expected: `"${key}" belongs to a step with "${owner}"`,
    }));
}

/** Keys that only matter where an attempt is made. */
export function idleKeys(
  step: Pick<
    StepConfig,
    "retry" | "timeout" | "idempotencyKey" | "compensate"
  >,
  what: "wait" | "pipeline",
): readonly StrayKey[] {
  const keys = ["retry", "timeout", "idempotencyKey"] as const;
  const idle = what === "wait" ? [...keys, "compensate"] as const : keys;
  return idle.filter((key) => step[key] !== undefined).map((key) => ({
    key,
    message: what === "wait"
      ? `"${key}" has no effect in a step that only waits`
      : `"${key}" has no effect in a step that is a pipeline`,
    expected: what === "wait"
      ? "a step that does something"
      : "the limits of the pipeline itself",
  }));
}
