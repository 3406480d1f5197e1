/**
 * The contract of what takes messages.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { Message } from "./broker.ts";

/** Takes messages: from a subscription, a hook or a job. */
export interface MessageHandler {
  receive(message: Message): void | Promise<void>;
}

/** Modules that a subscription can name. */
export const MessageHandler = defineService<MessageHandler>(
  "message.handler",
  "takes messages",
);
