/**
 * A Redis server of a test's own, which keeps what it has acknowledged when it is
 * killed.
 *
 * @module
 */
import {
  freePort,
  serverOfFile as keptServer,
  ServerProcess,
  type TestServer,
} from "./server.ts";

/** Where Debian's package has the program. */
const PROGRAM = "/usr/bin/redis-server";

/** The password of every server. */
const PASSWORD = "never-in-a-message";

/** A server that runs. */
export interface RedisServer extends TestServer {
  readonly password: string;
  /** Without the password. */
  readonly url: string;
  /** Lets it stand still, until `SIGCONT`. */
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Sends one command beside the application, and gives back what is answered. */
  command(...words: readonly string[]): Promise<string>;
}

/** A server that is removed after the tests of a file; else why there is none. */
export async function serverOfFile(): Promise<RedisServer | string> {
  return await keptServer(missing(), startRedis);
}

function missing(): string | undefined {
  try {
    Deno.statSync(PROGRAM);
    return undefined;
  } catch {
    return `no Redis at ${PROGRAM}`;
  }
}

async function startRedis(): Promise<RedisServer> {
  const folder = await Deno.makeTempDir({ prefix: "workflow-redis-" });
  const server = new Server(folder, freePort());
  await server.start();
  return server;
}

class Server implements RedisServer {
  readonly password = PASSWORD;
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #process: ServerProcess;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#process = new ServerProcess({
      program: PROGRAM,
      args: [
        ...["--port", String(port), "--bind", "127.0.0.1"],
        ...["--dir", folder, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", "always"],
        ...["--requirepass", PASSWORD, "--logfile", `${folder}/log`],
      ],
      isReady: async () => await this.command("PING") === "+PONG",
    });
  }

  start(): Promise<void> {
    return this.#process.start();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
    await this.#process.signal(signal);
  }

  async command(...words: readonly string[]): Promise<string> {
    using connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: this.#port,
    });
    const text = `AUTH ${PASSWORD}\r\n${words.join(" ")}\r\nQUIT\r\n`;
    await connection.write(new TextEncoder().encode(text));
    const answer = await new Response(connection.readable).text();
    // The first and the last line answer AUTH and QUIT.
    return answer.split("\r\n").slice(1, -2).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
