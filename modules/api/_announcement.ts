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
import type { HandlerConfig } from "./_config.ts";

type Forward = Parameters<MessageSource["onProcessed"]>[0];

/** What the rest of the application hears of. */
export class Announcements implements MessageSource {
  readonly #config: HandlerConfig;
  readonly #host: Host;
  readonly #forwards = new Set<Forward>();

  constructor(config: HandlerConfig, host: Host) {
    this.#config = config;
    this.#host = host;
  }

  onProcessed(forward: Forward): () => void {
    this.#forwards.add(forward);
    return () => this.#forwards.delete(forward);
  }

  /** Publishes `<resourceName>.<what>` with these fields and forwards the resource. */
  async tell(
    what: string,
    fields: JsonObject,
    resource: JsonObject,
  ): Promise<void> {
    const eventType = `${this.#config.resourceName}.${what}`;
    await this.#publish({ eventType, ...fields });
    for (const forward of this.#forwards) {
      try {
        await forward(resource);
      } catch (error) {
        this.#host.log.error(
          `Cannot forward ${eventType}: ${messageOf(error)}`,
        );
      }
    }
  }

  async #publish(event: JsonObject): Promise<void> {
    const { broker, publishEvents, resourceName } = this.#config;
    if (!publishEvents || broker === undefined) return;
    const topic = `${resourceName}-events`;
    try {
      await this.#host.use(broker).publish(topic, event);
    } catch (error) {
      this.#host.log.error(
        `Cannot publish to "${topic}": ${messageOf(error)}`,
      );
    }
  }
}
