/**
 * Messages of a stream that were given up. They are in a stream of their own,
 * where no consumer takes them, until somebody has them handled again.
 *
 * @module
 */
import type { JsMsg, StoredMsg } from "@nats-io/jetstream";
import { RefusedError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";
import {
  decodePayload,
  HEADERS,
  headerText,
  originOf,
} from "./_nats_message.ts";
import type { Stream } from "./_nats_stream.ts";

/** How many dead letters one page has at most. */
export const PAGE_MAX = 100;

/** A message that was given up. */
export interface DeadLetter {
  readonly id: string;
  readonly topic: string;
  readonly message: Message["payload"];
  readonly subscription: string;
  readonly attempts: number;
  readonly error: string;
  readonly deadAt: number;
}

/** See the module comment. */
export class DeadLetters {
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /**
   * Keeps a message. It may be kept twice, if what follows is lost.
   *
   * @throws {RetryableError} if the server does not acknowledge it.
   */
  async bury(
    message: JsMsg,
    { consumer, reason, id }: {
      readonly consumer: string;
      readonly reason: string;
      /** The id of the message. */
      readonly id: string;
    },
  ): Promise<void> {
    const { subject, seq, info, headers, data } = message;
    const { stream, deadLetters } = this.#stream.config;
    await this.#stream.publish({
      topic: `${deadLetters.prefix}.${subject}`,
      text: new TextDecoder().decode(data),
      id: `dead/${stream}/${consumer}/${seq}`,
      ...originOf(headers),
      headers: {
        [HEADERS.originalId]: headerText(id),
        [HEADERS.subject]: subject,
        [HEADERS.consumer]: consumer,
        [HEADERS.reason]: headerText(reason),
        [HEADERS.attempts]: String(info.deliveryCount),
      },
    });
  }

  /** A page of them, oldest first. */
  async list(
    { limit, after }: {
      readonly limit: number;
      readonly after?: string | undefined;
    },
  ): Promise<{ letters: DeadLetter[]; next?: string }> {
    const letters: DeadLetter[] = [];
    for (let from = Number(after ?? 0) + 1; letters.length < limit;) {
      const found = await this.#find(from);
      if (found === null) return { letters };
      letters.push(letterOf(found));
      from = found.seq + 1;
    }
    const last = letters.at(-1)?.id;
    return last === undefined ? { letters } : { letters, next: last };
  }

  /**
   * Publishes one again, for the subscription only that has given it up, and takes
   * it out.
   *
   * @throws {RefusedError} `not-found` if there is none with this id.
   */
  async replay(id: string): Promise<void> {
    const { manager } = this.#stream.api;
    const { deadLetters } = this.#stream.config;
    const seq = Number(id);
    const found = Number.isSafeInteger(seq) && seq > 0
      ? await this.#find(seq)
      : null;
    if (found === null || found.seq !== seq) {
      throw new RefusedError("not-found", `There is no dead letter "${id}"`);
    }
    const { header, data } = found;
    const originalId = header.get(HEADERS.originalId);
    await this.#stream.publish({
      topic: header.get(HEADERS.subject),
      text: new TextDecoder().decode(data),
      // If the process dies before it is taken out, it is not published twice.
      id: `replay/${deadLetters.stream}/${seq}`,
      ...originOf(header),
      headers: {
        [HEADERS.onlyFor]: header.get(HEADERS.consumer),
        ...(originalId === "" ? {} : { [HEADERS.originalId]: originalId }),
      },
    });
    await manager.streams.deleteMessage(deadLetters.stream, seq);
  }

  /** The first one from a place on. */
  async #find(seq: number): Promise<StoredMsg | null> {
    const { manager } = this.#stream.api;
    const { stream, prefix } = this.#stream.config.deadLetters;
    return await manager.direct.getMessage(stream, {
      seq,
      next_by_subj: `${prefix}.>`,
    });
  }
}

function letterOf({ seq, header, data, time }: StoredMsg): DeadLetter {
  return {
    id: String(seq),
    topic: header.get(HEADERS.subject),
    message: decodePayload(data),
    subscription: header.get(HEADERS.consumer),
    attempts: Number(header.get(HEADERS.attempts)),
    error: header.get(HEADERS.reason),
    deadAt: time.getTime(),
  };
}
