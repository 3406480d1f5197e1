/**
 * Connections to PostgreSQL that are not tried in a tight loop. The client library
 * waits between attempts that are refused, but not where a server, or what stands
 * in front of it, accepts a connection and closes it.
 *
 * @module
 */
import { createConnection, type Socket } from "node:net";

/** The first wait, which doubles with each attempt. */
const FIRST_MS = 10;

/** What the library knows of where to connect. */
interface Place {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/** See the module. */
export class Pace {
  readonly #free: number;
  readonly #msMax: number;
  readonly #sleep: (ms: number) => Promise<void>;
  /** Since the server was last heard of. */
  #attempts = 0;

  /** @param free How many connections may be tried without a wait. */
  constructor(
    free: number,
    { msMax, sleep }: {
      readonly msMax: number;
      readonly sleep: (ms: number) => Promise<void>;
    },
  ) {
    this.#free = free;
    this.#msMax = msMax;
    this.#sleep = sleep;
  }

  /** The server has answered. */
  answered(): void {
    this.#attempts = 0;
  }

  /** A socket that connects; the library takes what it says, errors too. */
  async socket({ host, port, path }: Place): Promise<Socket> {
    const attempt = this.#attempts++;
    const late = attempt - this.#free;
    if (late >= 0) {
      await this.#sleep(Math.min(FIRST_MS * 2 ** late, this.#msMax));
    }
    if (path) return createConnection(path);
    const index = attempt % host.length;
    const name = host[index] ?? "localhost";
    const socket = createConnection(port[index] ?? 5432, name);
    // TLS checks the certificate against it.
    return Object.assign(socket, { host: name });
  }
}
