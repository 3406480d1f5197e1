/**
 * Marks the broker on which an application tells of its own workflows.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { Broker } from "./broker.ts";

/** A broker that also says whether anybody listens. */
export interface EventBus extends Broker {
  /** Whether a message on a topic would reach a subscriber now. */
  isHeard(topic: string): boolean;
}

/** Modules that are the event bus of their application. */
export const EventBus = defineService<EventBus>(
  "event.bus",
  "carries the events of the application's own workflows",
);
