/**
 * Takes the events of one application that its links ask for. A message is taken
 * when a broker hands it over. A transition of a state machine is taken as work
 * that is committed with it, so that no crash comes between the two; its
 * announcement on a broker is then not taken again.
 *
 * @module
 */
import type { Link } from "../config/links.ts";
import type { JsonObject } from "../define.ts";
import type { Application } from "../lifecycle.ts";
import {
  Broker,
  chainOf,
  MACHINE_MARK,
  type Message,
} from "../services/broker.ts";
import { type Hook, StateMachines } from "../services/state_machines.ts";
import { compileTopic } from "../services/topic_pattern.ts";
import type { TransitionHandler } from "../services/transition_handler.ts";
import { announcedTopics, announcement } from "../state/announcement.ts";
import type { MachineDefinition } from "../state/definition.ts";
import type { JsonValue } from "../store/store.ts";

/** What is taken. */
export interface Taken {
  readonly link: Link;
  readonly topic: string;
  readonly payload: JsonValue;
  readonly via: readonly string[];
  /** The same each time that this event of the source is taken. */
  readonly key: string;
}

/** Takes an event; rejects if it is aborted before the event is safe. */
export type Take = (taken: Taken, signal?: AbortSignal) => Promise<void>;

/** Names the work of links beside the work of a document's hooks. */
const HANDLER = "(links)";

/** Takes what `links` ask of an application, until the result is called. */
export function tap(
  application: Application,
  links: readonly Link[],
  take: Take,
): () => void {
  const undo = [
    ...application.all(Broker).flatMap(({ service }) =>
      links.map((link) => tapBroker(service, link, application.id, take))
    ),
    ...application.all(StateMachines).map(({ service }) =>
      tapMachines(service, links, take)
    ),
  ];
  return () => undo.splice(0).reverse().forEach((undoOne) => undoOne());
}

function tapBroker(
  broker: Broker,
  link: Link,
  application: string,
  take: Take,
): () => void {
  const own = `${MACHINE_MARK}${application}/`;
  return broker.subscribe(
    link.pattern,
    (message: Message) => {
      const { id, topic, payload, via } = message;
      if (via?.at(-1)?.startsWith(own)) return;
      const chain = chainOf(via).via ?? [];
      return take({ link, topic, payload, via: chain, key: id });
    },
    { name: `link ${link.id}` },
  );
}

function tapMachines(
  machines: StateMachines,
  links: readonly Link[],
  take: Take,
): () => void {
  const patterns = links.map((link) => ({
    link,
    matches: compileTopic(link.pattern),
  }));
  const wanted = (definition: MachineDefinition, transition: string) => {
    const way = Object.hasOwn(definition.transitions, transition)
      ? definition.transitions[transition]
      : undefined;
    const topics = way === undefined ? [] : announcedTopics(definition, way);
    return topics.flatMap((topic) =>
      patterns.filter(({ matches }) => matches(topic))
        .map(({ link }) => ({ link, topic }))
    );
  };
  const handler: TransitionHandler = {
    async onTransition(event, { idempotencyKey, signal }) {
      const definition = machines.definition(event.definition);
      for (
        const { link, topic } of definition
          ? wanted(definition, event.transition)
          : []
      ) {
        const payload: JsonObject = announcement(topic, event);
        const key = `${idempotencyKey}/${topic}`;
        const via = event.via ?? [];
        await take({ link, topic, payload, via, key }, signal);
      }
      return { kind: "done" };
    },
  };
  const hooks = machines.definitions().flatMap((definition): Hook[] => {
    const transitions = Object.keys(definition.transitions)
      .filter((transition) => wanted(definition, transition).length > 0);
    if (transitions.length === 0) return [];
    const { name } = definition;
    return [{ definition: name, transitions, handlerName: HANDLER, handler }];
  });
  // Work of links that are gone by now must find somebody who lets it go.
  const leftOver = { definition: "", handlerName: HANDLER, handler };
  return machines.define([], [leftOver, ...hooks]);
}
