/**
 * Knows the present state of resources, for those who want to look or to be told
 * without asking a state machine. What it knows is a copy, in memory only.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import {
  StateTracker,
  type TrackedState,
} from "@engine/services/state_tracker.ts";

/** Resources that are known at a time; the one that changed longest ago goes first. */
export const TRACKED_MAX = 100_000;

type Listener = (state: TrackedState) => void;

export default defineModule({
  type: "state.tracker",
  summary: "Knows the present state of resources",
  stability: "stable",
  config: z.strictObject({}),
  provides: [StateTracker],
  examples: [{
    title: "Follow orders through their states",
    modules: [
      { name: "orders", type: "statemachine.engine" },
      { name: "order-states", type: "state.tracker" },
      {
        name: "order-connector",
        type: "state.connector",
        config: { tracker: "order-states" },
      },
    ],
    workflows: {
      statemachine: {
        engine: "orders",
        resourceMappings: [{ resourceType: "orders" }],
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, paid: { isFinal: true } },
          transitions: { pay: { fromState: "new", toState: "paid" } },
        }],
      },
    },
  }],
  create: (_, host) => new Tracker(host),
});

class Tracker implements StateTracker {
  readonly #host: Host;
  readonly #states = new Map<string, TrackedState>();
  readonly #listeners = new Map<string, ReadonlySet<Listener>>();

  constructor(host: Host) {
    this.#host = host;
  }

  get(resourceType: string, id: string): TrackedState | undefined {
    return this.#states.get(keyOf(resourceType, id));
  }

  set(
    resourceType: string,
    id: string,
    state: string,
    data?: TrackedState["data"],
  ): void {
    const key = keyOf(resourceType, id);
    const before = this.#states.get(key);
    const hasChanged = before?.currentState !== state;
    const previous = hasChanged ? before?.currentState : before?.previousState;
    const tracked: TrackedState = {
      id,
      resourceType,
      currentState: state,
      ...previous === undefined ? {} : { previousState: previous },
      updatedAt: this.#host.effects.clock.now(),
      ...data === undefined ? {} : { data },
    };
    this.#remember(key, tracked);
    if (!hasChanged) return;
    for (const type of [resourceType, "*"]) {
      for (const listener of this.#listeners.get(type) ?? []) {
        this.#tell(listener, tracked);
      }
    }
  }

  onChange(resourceType: string, listener: Listener): () => void {
    // Each call is a subscription of its own, even with the same function.
    const own: Listener = (state) => listener(state);
    const listeners = this.#listeners.get(resourceType) ?? new Set();
    this.#listeners.set(resourceType, new Set([...listeners, own]));
    return () => {
      const rest = new Set(this.#listeners.get(resourceType));
      rest.delete(own);
      if (rest.size === 0) this.#listeners.delete(resourceType);
      else this.#listeners.set(resourceType, rest);
    };
  }

  #remember(key: string, tracked: TrackedState): void {
    // Deleting first moves the key to the end of the order.
    if (!this.#states.delete(key) && this.#states.size >= TRACKED_MAX) {
      const oldest = this.#states.keys().next();
      if (!oldest.done) this.#states.delete(oldest.value);
    }
    this.#states.set(key, tracked);
  }

  #tell(listener: Listener, state: TrackedState): void {
    try {
      listener(state);
    } catch (error) {
      this.#host.log.error("A listener to states failed", {
        resourceType: state.resourceType,
        id: state.id,
        error: messageOf(error),
      });
    }
  }
}

/** Neither part can be taken for the other: JSON marks where the type ends. */
function keyOf(resourceType: string, id: string): string {
  return `${JSON.stringify(resourceType)} ${id}`;
}
