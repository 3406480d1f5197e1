/**
 * The contract of what ties resources to state machines.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { StateMachines } from "./state_machines.ts";

/** Which machine holds the state of which resources. */
export interface ResourceMapping {
  readonly resourceType: string;
  /** The definitions whose instances are resources of this type. */
  readonly definitions: readonly string[];
  readonly machines: StateMachines;
}

/** Ties resources to state machines. */
export interface StateConnector {
  /** Adds mappings; returns what removes them. */
  connect(mappings: readonly ResourceMapping[]): () => void;
  /** The machines that hold the state of a type of resource. */
  machinesFor(resourceType: string): StateMachines | undefined;
}

/** Modules that tie resources to state machines. */
export const StateConnector = defineService<StateConnector>(
  "state.connector",
  "ties resources to state machines",
);
