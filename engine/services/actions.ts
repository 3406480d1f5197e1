/**
 * The contract of what pipelines can ask a module to do.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** How an action is to be done. */
export interface ActContext {
  /** Aborts when the step times out, the run is cancelled, or the engine stops. */
  readonly signal: AbortSignal;
  /** The same for every attempt at the same piece of work, also after a crash. */
  readonly idempotencyKey: string;
  /** The run whose step asks for it; absent where none does. */
  readonly runId?: string;
  /** Goes with what the action publishes or dispatches; see `StepContext`. */
  readonly via?: readonly string[];
}

/**
 * Does the actions that the module's definition declares under `actions`. An
 * action runs at least once: again, with the same key, if the process dies
 * before its outcome is committed.
 */
export interface Actions {
  /**
   * Does one action. `input` is what the action's schema has accepted; the
   * result must fit its `output`.
   *
   * @throws {TerminalError | RefusedError} Trying again cannot help.
   */
  act(
    action: string,
    input: Readonly<Record<string, JsonValue | undefined>>,
    context: ActContext,
  ): Promise<JsonValue>;
}

/** Modules whose definition declares actions. */
export const Actions = defineService<Actions>(
  "actions",
  "does what steps of pipelines ask for",
);
