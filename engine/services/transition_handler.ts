/**
 * The contract of what does the work that a transition asks for.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** A transition that is committed. */
export interface TransitionEvent {
  /** The name of the state machine definition. */
  readonly definition: string;
  readonly instanceId: string;
  readonly transition: string;
  readonly fromState: string;
  readonly toState: string;
  /** The data of the instance right after the transition. */
  readonly data: Readonly<Record<string, JsonValue | undefined>>;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The links, lifecycle events and pipelines that led to it; absent for none. */
  readonly via?: readonly string[];
}

/** How the work is to be done. */
export interface TransitionContext {
  /** Aborts when the engine stops. */
  readonly signal: AbortSignal;
  /** The same for every attempt at this piece of work, also after a crash. */
  readonly idempotencyKey: string;
  /** Counts from 1, across restarts. */
  readonly attempt: number;
  /**
   * Whether the instance is still in the state that the transition led to. Work
   * whose outcome is a further transition is in vain once it has moved on.
   */
  isCurrent(): Promise<boolean>;
}

/** What became of the work. */
export type TransitionOutcome =
  /**
   * Done. `fire` names a transition to commit next, with `data` merged in;
   * without it `data` is merged by itself.
   */
  | {
    readonly kind: "done";
    readonly fire?: string;
    readonly data?: Readonly<Record<string, JsonValue | undefined>>;
  }
  /** Failed for now: try again. The wait survives a restart. */
  | { readonly kind: "retry"; readonly inMs: number; readonly error: string };

/**
 * Does the work that a transition asks for, after the transition is committed.
 * It runs at least once: again, with the same key, if the process dies before
 * the outcome is committed.
 */
export interface TransitionHandler {
  onTransition(
    event: TransitionEvent,
    context: TransitionContext,
  ): Promise<TransitionOutcome>;
}

/** Modules that a hook can name. */
export const TransitionHandler = defineService<TransitionHandler>(
  "transition.handler",
  "does the work that a transition asks for",
);
