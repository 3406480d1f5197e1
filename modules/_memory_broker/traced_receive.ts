/**
 * Messages as parts of a trace: each is handled as a part of what published it,
 * whatever the broker was doing when its turn came.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Receive } from "@engine/services/broker.ts";

/** The same receiver. @param name Of the subscription. */
export function tracedReceive(
  receive: Receive,
  { tracing }: Pick<Host, "tracing">,
  name: string,
): Receive {
  return (message) => {
    if (!tracing.active) return receive(message);
    const { topic, id, attempt, traceparent } = message;
    const start = {
      name: `process ${name}`,
      kind: "consumer",
      parent: traceparent ?? null,
      attributes: {
        "messaging.operation.type": "process",
        "messaging.destination.name": topic,
        "messaging.message.id": id,
        "messaging.attempt": attempt,
      },
    } as const;
    return tracing.span(start, () => receive(message));
  };
}

/** What a message takes with it from where it is published. */
export function tracePlace(
  { tracing: { current } }: Pick<Host, "tracing">,
): { readonly traceparent?: string } {
  return current === undefined ? {} : { traceparent: current };
}
