/**
 * The stream of a JetStream server that a module publishes to: it is made where it
 * is missing, and what is published is in it before anybody hears that it is.
 *
 * @module
 */
import type {
  Consumer,
  JetStreamClient,
  JetStreamManager,
  StreamInfo,
} from "@nats-io/jetstream";
import type { Host } from "@engine/define.ts";
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "@engine/errors.ts";
import type { Connection, Session } from "./_nats_connection.ts";
import type { Outgoing } from "./_nats_core.ts";
import { originHeaders } from "./_nats_message.ts";
import { filtersOf, isWithin, subjectsOf } from "./_nats_subject.ts";

/** The JetStream library, which is loaded when a stream is first wanted. */
type JetStreamLibrary = typeof import("@nats-io/jetstream");

/** How a stream is kept, and messages are handed out of it. */
export interface StreamConfig {
  readonly stream: string;
  /** As patterns of topics; absent: the stream is there already. */
  readonly subjects?: readonly string[] | undefined;
  readonly storage: "file" | "memory";
  readonly replicas: number;
  /** 0: as long as there is room. */
  readonly maxAgeMs: number;
  readonly duplicateWindowMs: number;
  readonly deliverFrom: "new" | "all";
  readonly ackWaitMs: number;
  readonly requestTimeoutMs: number;
  /** The stream of dead letters, and what their subjects begin with. */
  readonly deadLetters: { readonly stream: string; readonly prefix: string };
}

/** A message on its way into the stream. */
export interface Stored extends Outgoing {
  /** What the stream has once with this id, it does not take again. */
  readonly id: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JetStream at the end of one connection. */
interface Api {
  readonly session: Session;
  readonly library: JetStreamLibrary;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** The wait before a message is published again, in milliseconds. */
const AGAIN_MS = 100;

/** How many messages of a consumer may be handed out and not acknowledged. */
const ACK_PENDING_MAX = 10_000;

const NANOS_PER_MS = 1_000_000;

/** See the module comment. */
export class Stream {
  readonly config: StreamConfig;
  readonly #connection: Connection;
  readonly #host: Host;
  #api: Api | undefined;
  #subjects: readonly string[] = [];

  constructor(config: StreamConfig, connection: Connection, host: Host) {
    this.config = config;
    this.#connection = connection;
    this.#host = host;
  }

  /**
   * Makes what is missing at the end of a connection.
   *
   * @throws {Error} that says what is wrong with the server, or the stream there.
   */
  async prepare(session: Session): Promise<void> {
    const library = await import("@nats-io/jetstream");
    const options = { timeout: this.config.requestTimeoutMs };
    const manager = await library.jetstreamManager(session.connection, options);
    const client = library.jetstream(session.connection, options);
    const api = { session, library, client, manager };
    await this.#ensureAll(api);
    this.#api = api;
  }

  /** @throws {Error} if the server has not got the stream, or does not say. */
  async check(): Promise<void> {
    await this.api.manager.streams.info(this.config.stream);
  }

  /** @throws {RetryableError} if there is no connection. */
  get api(): Api {
    if (this.#api === undefined) {
      throw new RetryableError("NATS is not connected yet");
    }
    return this.#api;
  }

  /** By which consumers get what a pattern selects; none if nothing comes of it. */
  filters(pattern: string): readonly string[] {
    return filtersOf(pattern, this.#subjects);
  }

  /**
   * Resolves when the server has stored the message.
   *
   * @throws {RefusedError} `invalid-input` if the stream takes no such topic.
   * @throws {RetryableError} if nobody knows, after `requestTimeout`, whether the
   * server has it.
   */
  async publish(message: Stored): Promise<void> {
    const { clock } = this.#host.effects;
    const { requestTimeoutMs } = this.config;
    const end = clock.elapsed() + requestTimeoutMs;
    for (;;) {
      if (this.#connection.session === undefined) {
        await this.#connection.ready(Math.max(1, end - clock.elapsed()));
      }
      try {
        return await this.#publishOnce(message, end - clock.elapsed());
      } catch (error) {
        this.#throwFinal(message, error);
        if (clock.elapsed() + AGAIN_MS >= end) {
          throw new RetryableError(
            `Cannot publish to "${message.topic}": NATS has not acknowledged it ` +
              `within ${requestTimeoutMs} ms (${messageOf(error)})`,
            { cause: error },
          );
        }
        // The id keeps it from being stored twice.
        await clock.sleep(AGAIN_MS, this.#host.signal);
        // Somebody may have deleted the stream. Why not is said by what follows.
        await this.#ensureAll(this.api).catch(() => {});
      }
    }
  }

  /** The consumer of a name, which keeps its place in the stream. */
  async consumer(name: string, subject: string): Promise<Consumer> {
    await this.check().catch(() => this.#ensureAll(this.api));
    const { client, library, manager } = this.api;
    const { stream, deliverFrom, ackWaitMs } = this.config;
    const settings = {
      ack_wait: ackWaitMs * NANOS_PER_MS,
      max_ack_pending: ACK_PENDING_MAX,
    };
    try {
      const { config } = await manager.consumers.info(stream, name);
      if (config.ack_wait !== settings.ack_wait) {
        await manager.consumers.update(stream, name, settings);
      }
    } catch (error) {
      if (!isMissing(error, library)) throw error;
      await manager.consumers.add(stream, {
        ...settings,
        durable_name: name,
        filter_subject: subject,
        ack_policy: library.AckPolicy.Explicit,
        deliver_policy: deliverFrom === "new"
          ? library.DeliverPolicy.New
          : library.DeliverPolicy.All,
        // What a message has failed at is counted here, where it becomes a dead letter.
        max_deliver: -1,
      });
    }
    return await client.consumers.get(stream, name);
  }

  async #publishOnce(
    stored: Stored,
    timeoutMs: number,
  ): Promise<void> {
    const { topic, text, id, headers: more } = stored;
    const { client, session } = this.api;
    this.#refuseForeign(topic);
    const entries = Object.entries({ ...more, ...originHeaders(stored) });
    if (entries.length === 0) {
      await client.publish(topic, text, { msgID: id, timeout: timeoutMs });
      return;
    }
    const headers = session.library.headers();
    for (const [name, value] of entries) headers.set(name, value);
    await client.publish(topic, text, {
      msgID: id,
      timeout: timeoutMs,
      headers,
    });
  }

  #refuseForeign(topic: string): void {
    const { stream, deadLetters } = this.config;
    if (topic.startsWith(`${deadLetters.prefix}.`)) return;
    if (this.#subjects.some((subject) => isWithin(topic, subject))) return;
    throw new RefusedError(
      "invalid-input",
      `Cannot publish to "${topic}": the stream "${stream}" takes only ` +
        this.#subjects.join(", "),
    );
  }

  /** Throws what trying again cannot help. */
  #throwFinal({ topic }: Stored, error: unknown): void {
    if (error instanceof RefusedError) throw error;
    const { library, session } = this.api;
    if (error instanceof library.JetStreamApiError) {
      // The stream is full, or the like: what the server says of it.
      throw new RetryableError(
        `Cannot publish to "${topic}": ${messageOf(error)}`,
        { cause: error },
      );
    }
    if (error instanceof session.library.InvalidArgumentError) {
      throw new TerminalError(
        `Cannot publish to "${topic}": ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  async #ensureAll(api: Api): Promise<void> {
    const { stream, subjects, deadLetters } = this.config;
    const wanted = subjects?.flatMap(subjectsOf);
    this.#subjects = await this.#ensure(api, stream, wanted, this.config);
    await this.#ensure(api, deadLetters.stream, [`${deadLetters.prefix}.>`], {
      ...this.config,
      maxAgeMs: 0,
    });
  }

  /** Makes a stream, or adds what it does not take yet; returns what it takes. */
  async #ensure(
    { library, manager }: Api,
    name: string,
    wanted: readonly string[] | undefined,
    { storage, replicas, maxAgeMs, duplicateWindowMs }: StreamConfig,
  ): Promise<readonly string[]> {
    let info: StreamInfo;
    try {
      info = await manager.streams.info(name);
    } catch (error) {
      if (!isMissing(error, library)) throw error;
      if (wanted === undefined) {
        throw new Error(
          `There is no stream "${name}"; jetstream.subjects would make one`,
          { cause: error },
        );
      }
      info = await manager.streams.add({
        name,
        subjects: [...wanted],
        storage: storage === "file"
          ? library.StorageType.File
          : library.StorageType.Memory,
        num_replicas: replicas,
        max_age: maxAgeMs * NANOS_PER_MS,
        duplicate_window: duplicateWindowMs * NANOS_PER_MS,
        // By which dead letters are looked through.
        allow_direct: true,
      });
      this.#host.log.info(`Made the stream "${name}"`, { stream: name });
    }
    const has = info.config.subjects ?? [];
    const missing =
      wanted?.filter((subject) =>
        !has.some((outer) => isWithin(subject, outer))
      ) ?? [];
    if (missing.length === 0) return has;
    const kept = has.filter((subject) =>
      !missing.some((outer) => isWithin(subject, outer))
    );
    const subjects = [...kept, ...missing];
    await manager.streams.update(name, { subjects });
    return subjects;
  }
}

/** Whether a server has not got what it was asked for. */
function isMissing(error: unknown, library: JetStreamLibrary): boolean {
  const { ConsumerNotFound, StreamNotFound } = library.JetStreamApiCodes;
  const missing: readonly number[] = [ConsumerNotFound, StreamNotFound];
  return error instanceof library.JetStreamApiError &&
    missing.includes(error.code);
}
