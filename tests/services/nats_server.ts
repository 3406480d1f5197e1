/**
 * A NATS server of a test's own, with JetStream on a folder that outlives a kill.
 *
 * @module
 */
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import {
  freePort,
  serverOfFile as keptServer,
  ServerProcess,
  type TestServer,
} from "./server.ts";

/** Where Debian has it. */
const PROGRAM = "/usr/sbin/nats-server";

/** The user whom a server with `isGuarded` lets in. */
export const USER = "shop";

/** Of that user. */
export const PASSWORD = "never-in-a-message";

/** What a server is asked to be. */
export interface NatsOptions {
  /** Lets nobody in but `USER`, who may not publish to `forbidden.>`. */
  readonly isGuarded?: boolean;
  /** Lets in whoever has it. */
  readonly token?: string;
  /** @default {true} */
  readonly hasJetStream?: boolean;
  /** What it is called among several, its port for them, and the ports of all. */
  readonly cluster?: {
    readonly name: string;
    readonly port: number;
    readonly ports: readonly number[];
  };
}

/** A server, which does not run before it is started. */
export class NatsServer implements TestServer {
  readonly url: string;
  readonly #folder: string;
  readonly #process: ServerProcess;

  private constructor(folder: string, port: number) {
    this.url = `nats://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#process = new ServerProcess({
      program: PROGRAM,
      args: ["-c", join(folder, "nats.conf")],
      isReady: () => isReady(port),
    });
  }

  static async make(options: NatsOptions = {}): Promise<NatsServer> {
    const { isGuarded = false, hasJetStream = true, token, cluster } = options;
    const folder = await Deno.makeTempDir({ prefix: "workflow-nats-" });
    const port = freePort();
    const lines = [
      `listen: "127.0.0.1:${port}"`,
      ...hasJetStream ? [`jetstream { store_dir: "${folder}" }`] : [],
      ...cluster === undefined ? [] : [
        `server_name: "${cluster.name}"`,
        `cluster { name: "test", listen: "127.0.0.1:${cluster.port}", routes: [`,
        ...cluster.ports.map((port) => `  "nats://127.0.0.1:${port}"`),
        "] }",
      ],
      ...token === undefined ? [] : [`authorization { token: "${token}" }`],
      ...isGuarded
        ? [
          `authorization { users = [ { user: "${USER}", password: "${PASSWORD}",`,
          `  permissions: { publish: { deny: "forbidden.>" } } } ] }`,
        ]
        : [],
    ];
    await Deno.writeTextFile(join(folder, "nats.conf"), lines.join("\n"));
    return new NatsServer(folder, port);
  }

  start(): Promise<void> {
    return this.#process.start();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Lets it stand still, or go on. */
  async signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
    await this.#process.signal(signal);
  }

  /** Another program that is connected. */
  client(): Promise<NatsConnection> {
    return connect({ servers: this.url, reconnect: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A server that is removed after the tests of a file; else why there is none. */
export function serverOfFile(): Promise<NatsServer | string> {
  return keptServer(missingProgram(), async () => {
    const server = await NatsServer.make();
    await server.start();
    return server;
  });
}

/** What a test of NATS needs and this machine has not got. */
export function missingProgram(): string | undefined {
  try {
    Deno.statSync(PROGRAM);
    return undefined;
  } catch {
    return `no ${PROGRAM}`;
  }
}

/** A server greets whoever connects. */
async function isReady(port: number): Promise<boolean> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = new Uint8Array(4);
  return await connection.read(bytes) === 4 &&
    new TextDecoder().decode(bytes) === "INFO";
}
