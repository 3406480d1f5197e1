/**
 * Begins a pipeline when a transition is committed: one run for each transition,
 * also if the process dies in between.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "@engine/errors.ts";
import { chainOf } from "@engine/services/broker.ts";
import type {
  TransitionEvent,
  TransitionHandler,
} from "@engine/services/transition_handler.ts";

/** The longest wait until a run that could not begin is tried again, in milliseconds. */
const AGAIN_MS_MAX = 60_000;

/**
 * The handler of a hook that names a pipeline. It is done once the run is
 * accepted. What a pipeline refuses is given up; any other failure to begin is
 * tried again for as long as it lasts.
 */
export function pipelineHook(pipeline: string, host: Host): TransitionHandler {
  return {
    async onTransition(event, { idempotencyKey, attempt, signal }) {
      const { definition, transition, via } = event;
      try {
        await host.dispatch(pipeline, "start", inputOf(event), {
          idempotencyKey,
          source: `transition ${definition}.${transition}`,
          ...chainOf(via),
        });
        return { kind: "done" };
      } catch (error) {
        // The engine stops: the attempt does not count, and comes again.
        if (signal.aborted) throw error;
        if (error instanceof RefusedError) {
          throw new TerminalError(messageOf(error), { cause: error });
        }
        const asked = error instanceof RetryableError
          ? error.retryAfterMs
          : undefined;
        const inMs = Math.min(
          asked ?? 1_000 * 2 ** (attempt - 1),
          AGAIN_MS_MAX,
        );
        return { kind: "retry", inMs, error: messageOf(error) };
      }
    },
  };
}

/** The data of the instance right after the transition, and what has happened. */
function inputOf(
  { data, instanceId, transition, fromState, toState }: TransitionEvent,
): JsonObject {
  return {
    ...data,
    workflowId: instanceId,
    transitionId: transition,
    fromState,
    toState,
  };
}
