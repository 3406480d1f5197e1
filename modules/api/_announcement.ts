/**
 * Tells the rest of the application of a write that was served: an event on the
 * broker, and the resource itself to whoever forwards it. The write is durable by
 * then, so a failure here is logged and never turns into an error for the client.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type { MessageSource } from "@engine/services/message_source.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";
import type { HandlerConfig } from "./_config.ts";

/** How an event names the instance, for those who move it on. */
export function about(instance: MachineInstance | undefined): JsonObject {
  return instance === undefined ? {} : { instanceId: instance.id };
}

type Forward = Parameters<MessageSource["onProcessed"]>[0];

/** What the rest of the application hears of. */
export class Announcements implements MessageSource {
  readonly #config: HandlerConfig;
  readonly #host: Host;
  #forwards: readonly Forward[] = [];

  constructor(config: HandlerConfig, host: Host) {
    this.#config = config;
    this.#host = host;
  }

  onProcessed(forward: Forward): () => void {
    // A wrapper of its own, so that the same function may be added twice.
    const own: Forward = (payload, cause) => forward(payload, cause);
    this.#forwards = [...this.#forwards, own];
    return () =>
      this.#forwards = this.#forwards.filter((other) => other !== own);
  }

  /** Publishes `<resourceName>.<what>` with these fields and forwards the resource. */
  async tell(
    what: string,
    fields: JsonObject,
    resource: JsonObject,
  ): Promise<void> {
    await this.#publish(what, fields);
    await this.forward(resource);
  }

  /** Forwards a resource without an event. */
  async forward(resource: JsonObject): Promise<void> {
    for (const forward of this.#forwards) {
      try {
        await forward(resource);
      } catch (error) {
        this.#host.log.error(
          `Cannot forward a resource of "${this.#config.resourceName}": ${
            messageOf(error)
          }`,
        );
      }
    }
  }

  async #publish(what: string, fields: JsonObject): Promise<void> {
    const { broker, publishEvents, resourceName } = this.#config;
    if (!publishEvents || broker === undefined) return;
    const topic = `${resourceName}-events`;
    const eventType = `${resourceName}.${what}`;
    try {
      await this.#host.use(broker).publish(topic, { eventType, ...fields });
    } catch (error) {
      this.#host.log.error(
        `Cannot publish to "${topic}": ${messageOf(error)}`,
      );
    }
  }
}
