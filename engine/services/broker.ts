/**
 * The contract of what carries messages.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** The longest topic, and the longest pattern, in characters. */
export const TOPIC_CHARACTERS_MAX = 1_024;

/** One message. */
export interface Message {
  /** The same at every attempt. */
  readonly id: string;
  readonly topic: string;
  readonly payload: JsonValue;
  /** When it was published, in milliseconds since 1970. */
  readonly publishedAt: number;
  /** 1 at the first time; more where a durable broker delivers it again. */
  readonly attempt: number;
  /**
   * Who has forwarded it on its way here, oldest first; absent for nobody.
   * Whoever finds itself in it would forward for ever, and stops.
   */
  readonly via?: readonly string[];
  /** What published it, as a part of a trace; absent if nobody kept traces then. */
  readonly traceparent?: string;
}

/** Begins an entry of `via` that is a link between documents. */
export const LINK_MARK = "link:";

/** Begins an entry of `via` that is an event about a dispatched action. */
export const LIFECYCLE_MARK = "lifecycle:";

/** Begins an entry of `via` that is a pipeline: a run of it has led to this. */
export const PIPELINE_MARK = "pipeline:";

/** The entry of `via` that stands for a pipeline of an application. */
export function pipelineMark(application: string, pipeline: string): string {
  return `${PIPELINE_MARK}${application}/${pipeline}`;
}

/** Begins an entry of `via` that is the state machine engine that published. */
export const MACHINE_MARK = "machine:";

/**
 * The part of a message's `via` that also holds for what the message leads to:
 * links, lifecycle events and pipelines. Who has forwarded the message itself is no part.
 */
export function chainOf(
  via: readonly string[] | undefined,
): { readonly via?: readonly string[] } {
  const chain =
    via?.filter((entry) => LASTING.some((mark) => entry.startsWith(mark))) ??
      [];
  return chain.length === 0 ? {} : { via: chain };
}

const LASTING = [LINK_MARK, LIFECYCLE_MARK, PIPELINE_MARK];

/** What a publisher may say beside the message. */
export interface PublishOptions {
  /** Becomes the `via` of the message. */
  readonly via?: readonly string[];
}

/** What a subscriber may say about itself. */
export interface SubscribeOptions {
  /**
   * Who it is, in logs and notices. A subscription that is ended and made anew
   * under the same name and pattern continues with what was still queued; with a
   * durable broker also after a restart. Without a name nothing is durable: it
   * gets what this process publishes while it is subscribed.
   */
  readonly name?: string;
  /**
   * A subscription that a module adds by itself gives way, topic by topic, to
   * one that the document states under the same name.
   * @default {false}
   */
  readonly implied?: boolean;
  /**
   * Several messages may be handled at a time, as many as the broker has workers;
   * then nothing is promised of their order.
   * @default {false}
   */
  readonly concurrent?: boolean;
}

/**
 * Takes a message. A thrown error is logged and counted. It ends the delivery; a
 * durable broker delivers again, later and later, and keeps what fails at every
 * attempt, or with a `TerminalError`, as a dead letter.
 */
export type Receive = (message: Message) => void | Promise<void>;

/**
 * Carries messages from publishers to subscribers. One in memory delivers at most
 * once, and loses what is queued when the process ends. A durable one delivers to
 * each subscription with a name at least once, whatever is killed or restarted.
 */
export interface Broker {
  /** Whether what a subscriber with a name fails at comes again. @default {false} */
  readonly isDurable?: boolean;
  /**
   * Resolves when the message is accepted, also where nobody subscribes; of a
   * durable broker, when it is committed. Each subscriber gets it in order of
   * publication, one at a time (a durable broker may be told to hand out several);
   * a slow one delays nobody else. Errors of subscribers stay with the broker.
   *
   * @throws {RefusedError} `invalid-input` if the topic is empty or a pattern.
   * @throws {RetryableError} if there are subscribers and none has room for it; of
   * a durable broker, if one has no room, and then nobody gets it.
   */
  publish(
    topic: string,
    payload: JsonValue,
    options?: PublishOptions,
  ): Promise<void>;
  /**
   * Delivers every message whose topic matches: segments are split at dots,
   * `*` stands for one segment and `**` for any number of them. Returns what
   * ends it; what is queued by then is still delivered, by a durable broker as
   * soon as somebody subscribes under the same name and pattern, within a week.
   */
  subscribe(
    pattern: string,
    receive: Receive,
    options?: SubscribeOptions,
  ): () => void;
}

/** Modules that carry messages. */
export const Broker = defineService<Broker>("broker", "carries messages");
