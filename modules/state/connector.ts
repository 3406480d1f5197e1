/**
 * Ties resources to the state machines that hold their state: says which machine
 * that is, and keeps a tracker up to date.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host, ref } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import {
  type ResourceMapping,
  StateConnector,
} from "@engine/services/state_connector.ts";
import type {
  MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";
import { StateTracker } from "@engine/services/state_tracker.ts";

const config = z.strictObject({
  tracker: ref(StateTracker, {
    conventional: ["workflow.service.statetracker"],
  }).optional().describe("The module that is told of each change of state"),
});

export default defineModule({
  type: "state.connector",
  summary: "Ties resources to the state machines that hold their state",
  stability: "stable",
  config,
  provides: [StateConnector],
  examples: [{
    title: "Orders whose state a machine holds",
    modules: [
      { name: "orders", type: "statemachine.engine" },
      { name: "states", type: "state.tracker" },
      { name: "connector", type: "state.connector" },
    ],
    workflows: {
      statemachine: {
        engine: "orders",
        connector: "connector",
        resourceMappings: [{ resourceType: "orders", stateMachine: "orders" }],
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, paid: { isFinal: true } },
          transitions: { pay: { fromState: "new", toState: "paid" } },
        }],
      },
    },
  }],
  create: (config, host) => new Connector(config, host),
});

class Connector implements StateConnector {
  readonly #config: z.output<typeof config>;
  readonly #host: Host;
  #mappings: readonly ResourceMapping[] = [];
  #isOpen = false;

  constructor(settings: z.output<typeof config>, host: Host) {
    this.#config = settings;
    this.#host = host;
  }

  connect(mappings: readonly ResourceMapping[]): () => void {
    this.#mappings = [...this.#mappings, ...mappings];
    const stop = [...new Set(mappings.map(({ machines }) => machines))]
      .map((machines) => this.#follow(machines, mappings));
    if (this.#isOpen) this.#fillLater(mappings);
    return () => {
      this.#mappings = this.#mappings.filter((one) => !mappings.includes(one));
      for (const stopOne of stop) stopOne();
    };
  }

  machinesFor(resourceType: string): StateMachines | undefined {
    return this.#mappings
      .find((mapping) => mapping.resourceType === resourceType)?.machines;
  }

  async open(): Promise<void> {
    this.#isOpen = true;
    await this.#fill(this.#mappings);
  }

  close(): void {
    this.#isOpen = false;
  }

  #follow(
    machines: StateMachines,
    mappings: readonly ResourceMapping[],
  ): () => void {
    return machines.onCommitted((instance) =>
      this.#track(
        instance,
        mappings.filter((mapping) => mapping.machines === machines),
      )
    );
  }

  #track(
    instance: MachineInstance,
    mappings: readonly ResourceMapping[],
    isNews = true,
  ): void {
    const { tracker: name } = this.#config;
    if (name === undefined) return;
    const tracker = this.#host.use(name);
    const { id, state, data } = instance;
    for (const { resourceType, definitions } of mappings) {
      if (!definitions.includes(instance.definition)) continue;
      // What a commit has told is newer than what a list may still find.
      if (!isNews && tracker.get(resourceType, id) !== undefined) continue;
      tracker.set(resourceType, id, state, data);
    }
  }

  /** Tells the tracker of what there is already. */
  async #fill(mappings: readonly ResourceMapping[]): Promise<void> {
    if (this.#config.tracker === undefined) return;
    for (const machines of new Set(mappings.map(({ machines }) => machines))) {
      for await (const instance of machines.list()) {
        if (!this.#isOpen) return;
        this.#track(
          instance,
          mappings.filter((mapping) => mapping.machines === machines),
          false,
        );
      }
    }
  }

  /** A reload ties anew while everything runs, and cannot wait. */
  #fillLater(mappings: readonly ResourceMapping[]): void {
    this.#fill(mappings).catch((error: unknown) =>
      this.#host.log.error(`Cannot read the states: ${messageOf(error)}`)
    );
  }
}
