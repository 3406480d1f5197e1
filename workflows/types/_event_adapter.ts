/**
 * Makes events of the messages on topics.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import type { Broker, Message } from "@engine/services/broker.ts";
import type { EventProcessor } from "@engine/services/event_processor.ts";
import { fieldsOf, textIn } from "./_event_field.ts";

/** What an adapter does, as the document says it. */
export interface Adapter {
  readonly broker: string;
  readonly topics: readonly string[];
  /** The type of what has none that a pattern names; else the category. */
  readonly eventType: string;
  readonly sourceIdKey?: string | undefined;
  readonly correlIdKey?: string | undefined;
}

/** Subscribes; returns what ends it. */
export function adapt(
  adapter: Adapter,
  processor: EventProcessor,
  host: Host,
): () => void {
  const { topics, eventType } = adapter;
  const broker = host.use<Broker>(adapter.broker);
  const receive = async (message: Message): Promise<void> => {
    await processor.submit(eventOf(adapter, message, processor));
  };
  const undo = [...new Set(topics)].map((topic) =>
    broker.subscribe(topic, receive, { name: `event adapter ${eventType}` })
  );
  return () => {
    for (const undoOne of undo.toReversed()) undoOne();
  };
}

function eventOf(
  { eventType: category, sourceIdKey, correlIdKey }: Adapter,
  message: Message,
  processor: EventProcessor,
) {
  const data = fieldsOf(message);
  return {
    eventType: typeOf(message.topic, data, processor) ?? category,
    category,
    sourceId: textIn(data, sourceIdKey),
    correlationId: textIn(data, correlIdKey),
    data,
    id: message.id,
  };
}

/** The topic, else what the message says, if a pattern names it. */
function typeOf(
  topic: string,
  data: JsonObject,
  processor: EventProcessor,
): string | undefined {
  const named = new Set(
    processor.patterns().flatMap(({ eventTypes }) => eventTypes),
  );
  const said = [topic, textIn(data, "type"), textIn(data, "eventType")];
  return said.find((type) => type !== undefined && named.has(type));
}
