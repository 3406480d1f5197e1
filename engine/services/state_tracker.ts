/**
 * The contract of what knows the present state of resources.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** The present state of one resource. */
export interface TrackedState {
  readonly id: string;
  readonly resourceType: string;
  readonly currentState: string;
  readonly previousState?: string;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  readonly data?: Readonly<Record<string, JsonValue | undefined>>;
}

/**
 * Knows the present state of resources. In memory, where the one that changed
 * longest ago may be forgotten; a connector fills it again at each start.
 */
export interface StateTracker {
  get(resourceType: string, id: string): TrackedState | undefined;
  /** Replaces what is known. Listeners hear of it if the state changed. */
  set(
    resourceType: string,
    id: string,
    state: string,
    data?: Readonly<Record<string, JsonValue | undefined>>,
  ): void;
  /** Calls back after a change; `*` stands for every type. */
  onChange(
    resourceType: string,
    listener: (state: TrackedState) => void,
  ): () => void;
}

/** Modules that track states. */
export const StateTracker = defineService<StateTracker>(
  "state.tracker",
  "knows the present state of resources",
);
