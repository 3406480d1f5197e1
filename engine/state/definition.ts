/**
 * What a state machine is: pure data, as a document states it.
 *
 * @module
 */

/** One state. */
export interface StateDefinition {
  readonly description?: string | undefined;
  /** Nothing follows by itself. @default {false} */
  readonly isFinal: boolean;
  /** Reaching it is a failure. @default {false} */
  readonly isError: boolean;
}

/** One way from a state to another. */
export interface TransitionDefinition {
  readonly fromState: string;
  readonly toState: string;
  /** A CEL expression over `data`, `input`, `id`, `state`: must hold to commit. */
  readonly condition?: string | undefined;
  /** Fires by itself once `fromState` is reached. @default {false} */
  readonly autoTransform: boolean;
}

/** A state machine. */
export interface MachineDefinition {
  readonly name: string;
  readonly description?: string | undefined;
  readonly initialState: string;
  readonly states: Readonly<Record<string, StateDefinition>>;
  readonly transitions: Readonly<Record<string, TransitionDefinition>>;
}
