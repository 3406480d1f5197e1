/**
 * A connection to NATS that is made again, with longer and longer waits, whenever
 * it cannot be made or is lost. The client's own way of doing so is not used: it
 * does not say why it is not connected, and it keeps what was written for later
 * where nobody sees whether it arrives.
 *
 * @module
 */
import type {
  ConnectionOptions,
  NatsConnection,
  PermissionViolationError,
} from "@nats-io/transport-node";
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError } from "@engine/errors.ts";
import type { Health } from "@engine/services/health_reporter.ts";
import { mendTransport } from "./_nats_transport.ts";

/** The client library, which is loaded when a connection is first wanted. */
export type NatsLibrary = typeof import("@nats-io/transport-node");

/** How a connection is made. */
export interface ConnectionConfig {
  readonly servers: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** How long a connection, and each answer, may take. */
  readonly requestTimeoutMs: number;
  readonly initialBackoffMs: number;
  readonly backoffMsMax: number;
}

/** A connection that stands. */
export interface Session {
  readonly connection: NatsConnection;
  readonly library: NatsLibrary;
  /** Those who wait for an answer, and hear when the connection is lost. */
  readonly asking: Set<(error: Error) => void>;
}

/** What is done with each connection. */
export interface SessionUse {
  /** Until it resolves the connection does not count; if it rejects it is closed. */
  prepare(session: Session): Promise<void>;
  /** It is lost, or closed. */
  end(): void;
  /** The server has refused to let something through. */
  denied(error: PermissionViolationError): void;
}

/** The client asks so often whether the server is there, in milliseconds. */
const PING_MS = 10_000;

/** How long a health check waits for an answer, in milliseconds. */
export const HEALTH_MS = 1_000;

/** See the module comment. */
export class Connection {
  readonly #config: ConnectionConfig;
  readonly #host: Host;
  readonly #use: SessionUse;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #reason = "it has not begun to connect";
  #waiting: ((session: Session) => void)[] = [];
  #running: Promise<void> | undefined;

  constructor(config: ConnectionConfig, host: Host, use: SessionUse) {
    this.#config = config;
    this.#host = host;
    this.#use = use;
  }

  /** Resolves after the first attempt, however it ends. */
  async start(): Promise<void> {
    const library = await import("@nats-io/transport-node");
    await mendTransport();
    const { promise: tried, resolve } = Promise.withResolvers<void>();
    this.#running = this.#run(library, resolve);
    await tried;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`"${this.#host.name}" stops`));
    const session = this.#session;
    if (session !== undefined) {
      // What was acknowledged last is on its way still.
      await this.within(HEALTH_MS, session.connection.flush(), session)
        .catch(() => {});
      await session.connection.close();
    }
    await this.#running;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /**
   * The connection, as soon as there is one.
   *
   * @throws {RetryableError} if there is none after `ms`; else `requestTimeout`.
   */
  ready(ms = this.#config.requestTimeoutMs): Promise<Session> {
    if (this.#session !== undefined) return Promise.resolve(this.#session);
    return new Promise((resolve, reject) => {
      const settle = (session: Session): void => {
        cancel();
        resolve(session);
      };
      this.#waiting.push(settle);
      const cancel = this.#host.effects.clock.after(ms, () => {
        this.#waiting = this.#waiting.filter((other) => other !== settle);
        reject(new RetryableError(this.#describe()));
      });
    });
  }

  /** Asks the server something, and says why not where there is none. */
  async health(
    ask: (session: Session) => Promise<unknown>,
  ): Promise<Health> {
    const session = this.#session;
    if (session === undefined) {
      return { status: "degraded", message: this.#describe() };
    }
    try {
      await this.within(HEALTH_MS, ask(session), session);
      return { status: "healthy" };
    } catch (error) {
      const message = `${session.connection.getServer()}: ${messageOf(error)}`;
      return { status: "degraded", message };
    }
  }

  /**
   * Waits for an answer at most so long, and no longer than the connection stands.
   *
   * @throws {RetryableError} if there is none.
   */
  within<T>(
    ms: number,
    answer: Promise<T>,
    { asking }: Pick<Session, "asking">,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        cancel();
        asking.delete(fail);
      };
      const fail = (error: unknown): void => {
        end();
        reject(error);
      };
      const cancel = this.#host.effects.clock.after(
        ms,
        () => fail(new RetryableError(`NATS has not answered within ${ms} ms`)),
      );
      asking.add(fail);
      answer.then((value) => {
        end();
        resolve(value);
      }, fail);
    });
  }

  #describe(): string {
    const { servers } = this.#config;
    return `Not connected to ${servers.join(", ")}: ${this.#reason}`;
  }

  async #run(library: NatsLibrary, tried: () => void): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const session = await this.#connect(library);
        failures = 0;
        tried();
        throw await lossOf(session.connection);
      } catch (error) {
        this.#lose(error);
      }
      tried();
      await this.#backOff(failures);
    }
  }

  async #connect(library: NatsLibrary): Promise<Session> {
    const connection = await library.connect(this.#options());
    const session: Session = { connection, library, asking: new Set() };
    void lossOf(connection).then((error) => {
      for (const fail of [...session.asking]) fail(error);
    });
    try {
      this.#stopping.signal.throwIfAborted();
      void this.#watch(session);
      await this.#use.prepare(session);
      if (connection.isClosed()) throw await lossOf(connection);
      this.#stopping.signal.throwIfAborted();
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.#session = session;
    this.#reason = "";
    const server = connection.getServer();
    this.#host.log.info(`Connected to NATS at ${server}`, { server });
    for (const resolve of this.#waiting.splice(0)) resolve(session);
    return session;
  }

  #options(): ConnectionOptions {
    const { servers, user, password, token, requestTimeoutMs } = this.#config;
    return {
      servers: [...servers],
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
      name: `${this.#host.application}/${this.#host.name}`,
      timeout: requestTimeoutMs,
      reconnect: false,
      // A stack for each request would cost more than the request.
      noAsyncTraces: true,
      pingInterval: PING_MS,
      maxPingOut: 2,
    };
  }

  /** Tells of what the server says beside answers. */
  async #watch({ connection, library }: Session): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type !== "error") continue;
      const { error } = status;
      if (error instanceof library.PermissionViolationError) {
        this.#use.denied(error);
      } else {
        this.#host.log.warn(`NATS says: ${messageOf(error)}`);
      }
    }
  }

  #lose(error: unknown): void {
    const wasThere = this.#session !== undefined;
    this.#session = undefined;
    this.#use.end();
    if (this.#stopping.signal.aborted) return;
    const reason = reasonOf(error);
    // The same reason, attempt after attempt, is worth one line.
    const isNews = wasThere || reason !== this.#reason;
    this.#reason = reason;
    if (isNews) this.#host.log.warn(`${this.#describe()}. It is tried again`);
  }

  async #backOff(failures: number): Promise<void> {
    const { initialBackoffMs, backoffMsMax } = this.#config;
    const { clock, random } = this.#host.effects;
    const longest = Math.min(initialBackoffMs * 2 ** failures, backoffMsMax);
    try {
      await clock.sleep(
        longest * (0.5 + random.float() / 2),
        this.#stopping.signal,
      );
    } catch {
      // It stops: the loop ends.
    }
  }
}

/** Resolves when a connection is closed, with the error of those who used it. */
async function lossOf(connection: NatsConnection): Promise<Error> {
  const error = await connection.closed();
  return new RetryableError(
    "The connection is lost",
    error instanceof Error ? { cause: error } : {},
  );
}

/** Why, in the words of the client; never with what it was given. */
function reasonOf(error: unknown): string {
  const text = messageOf(error);
  const cause = error instanceof Error && error.cause !== undefined
    ? messageOf(error.cause)
    : "";
  return cause === "" || text.includes(cause) ? text : `${text} (${cause})`;
}
