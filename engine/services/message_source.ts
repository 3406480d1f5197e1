/**
 * The contract of what yields messages that a document may forward to topics.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";
import type { Message } from "./broker.ts";

/** Yields what it has processed. */
export interface MessageSource {
  /**
   * Calls `forward` after each processed message, or each write that was
   * served, with its payload, and waits for it. `cause` is the message that was
   * processed, where there is one. Returns what ends this.
   */
  onProcessed(
    forward: (payload: JsonValue, cause?: Message) => Promise<void>,
  ): () => void;
}

/** Modules that a document may list under `producers`. */
export const MessageSource = defineService<MessageSource>(
  "message.source",
  "yields messages that can be forwarded",
);
