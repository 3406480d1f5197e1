/**
 * The contract of what carries messages.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** One message. */
export interface Message {
  readonly id: string;
  readonly topic: string;
  readonly payload: JsonValue;
  /** When it was published, in milliseconds since 1970. */
  readonly publishedAt: number;
}

/** Takes a message. A thrown error is logged and counted, and ends the delivery. */
export type Receive = (message: Message) => void | Promise<void>;

/** Carries messages from publishers to subscribers. */
export interface Broker {
  /**
   * Resolves when the message is accepted. Each subscriber gets it in order of
   * publication; a slow one delays nobody else.
   */
  publish(topic: string, payload: JsonValue): Promise<void>;
  /**
   * Delivers every message whose topic matches: segments are split at dots,
   * `*` stands for one segment and `**` for any number of them.
   */
  subscribe(
    pattern: string,
    receive: Receive,
    options?: { readonly name?: string },
  ): () => void;
}

/** Modules that carry messages. */
export const Broker = defineService<Broker>("broker", "carries messages");
