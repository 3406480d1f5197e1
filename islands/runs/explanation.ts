/**
 * What the engine answers who asks why a run is as it is.
 *
 * @module
 */
import type { RunError, RunStatus } from "@engine/run/journal.ts";

/** Why one step, or the run, does not go on. */
export type Reason =
  & { readonly message: string; readonly step?: string }
  & (
    | { readonly kind: "signal"; readonly signal: string }
    | {
      readonly kind: "approval";
      readonly title: string;
      readonly link: string;
    }
    | { readonly kind: "child"; readonly run: string }
    | {
      readonly kind:
        | "doing"
        | "retrying"
        | "time"
        | "pending"
        | "stuck"
        | "ending"
        | "ended"
        | "paused"
        | "held";
    }
  );

/** See the module comment. */
export interface Explanation {
  readonly run: string;
  readonly status: RunStatus;
  readonly reasons: readonly Reason[];
  readonly wakes: readonly string[];
  readonly timeoutAt?: number;
  readonly failure?: RunError;
}
