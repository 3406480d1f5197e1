/**
 * Keeps state machines: instances that survive a kill, a history of every
 * transition, and hooks whose work is never lost between a transition and its
 * end. What the machines are comes from `workflows.statemachine`.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, ref } from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker } from "@engine/services/broker.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { actingOn, machineActions } from "./_machine_actions.ts";
import { Machines } from "./_machines.ts";

export default defineModule({
  type: "statemachine.engine",
  summary:
    "Keeps state machines, their history and the work that transitions ask for",
  stability: "stable",
  config: z.strictObject({
    broker: ref(Broker).optional().describe(
      "Where transitions are announced; by default the broker of the document, if it has one",
    ),
  }),
  inert: {
    initial_state: "each definition has an initialState of its own",
    initialState: "each definition has an initialState of its own",
  },
  provides: [StateMachines, Actions],
  actions: machineActions,
  examples: [{
    title: "An order that is paid and shipped",
    modules: [{ name: "orders", type: "statemachine.engine" }],
    workflows: {
      statemachine: {
        engine: "orders",
        definitions: [{
          name: "order",
          initialState: "new",
          states: {
            new: {},
            paid: {},
            shipped: { isFinal: true },
          },
          transitions: {
            pay: {
              fromState: "new",
              toState: "paid",
              condition: "input.amount >= data.total",
            },
            ship: {
              fromState: "paid",
              toState: "shipped",
              autoTransform: true,
            },
          },
        }],
      },
    },
  }],
  create(config, host) {
    const machines = new Machines(host);
    return Object.assign(machines, actingOn(machines), {
      wire() {
        const { broker } = config;
        machines.announcer.broker = broker === undefined
          ? undefined
          : host.use(broker);
        return () => machines.announcer.broker = undefined;
      },
    });
  },
});
