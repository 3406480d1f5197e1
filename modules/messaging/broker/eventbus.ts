/**
 * The event bus of an application, as a broker of its own name: what is published
 * here is an event on the bus, and who subscribes here gets the events of the bus.
 * It holds nothing back and forwards nothing, so that no event goes round.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host, type Ref, ref } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker } from "@engine/services/broker.ts";
import { EventBus } from "@engine/services/event_bus.ts";
import { actingOn, brokerActions } from "../_broker_actions.ts";

const config = z.strictObject({
  bus: ref(EventBus, { conventional: ["eventbus"], needed: true }).optional()
    .describe("The event bus"),
});

export default defineModule({
  type: "messaging.broker.eventbus",
  summary: "Lets what needs a broker publish and subscribe on the event bus",
  stability: "beta",
  config,
  provides: [Broker, Actions],
  actions: brokerActions,
  examples: [{
    title: "Log every event of a pipeline",
    modules: [
      { name: "bus", type: "eventbus.modular" },
      { name: "bus-broker", type: "messaging.broker.eventbus" },
      { name: "event-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "bus-broker",
        subscriptions: [{ topic: "workflow.**", handler: "event-log" }],
      },
    },
  }],
  create({ bus }, host) {
    const broker = new EventBusBroker(bus, host);
    return Object.assign(broker, actingOn(broker));
  },
});

class EventBusBroker implements Broker {
  readonly #bus: Ref<EventBus> | undefined;
  readonly #host: Host;

  constructor(bus: Ref<EventBus> | undefined, host: Host) {
    this.#bus = bus;
    this.#host = host;
  }

  async publish(...message: Parameters<Broker["publish"]>): Promise<void> {
    await this.#use().publish(...message);
  }

  /** Each subscription is one on the bus, with a queue there. */
  subscribe(...subscription: Parameters<Broker["subscribe"]>): () => void {
    return this.#use().subscribe(...subscription);
  }

  /** A reload may have put another bus in the place of the first. */
  #use(): EventBus {
    if (this.#bus !== undefined) return this.#host.use(this.#bus);
    throw new RefusedError(
      "not-found",
      `"${this.#host.name}" carries nothing: the document has no event bus`,
    );
  }
}
