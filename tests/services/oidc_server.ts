/**
 * An OpenID provider of a test's own, in a process that can be killed.
 *
 * @module
 */
import { join } from "node:path";
import { ROOT } from "../_process.ts";
import {
  freePort,
  serverOfFile as keptServer,
  ServerProcess,
  type TestServer,
} from "./server.ts";

/** The secret of its clients `shop` and `poster`. */
const CLIENT_SECRET = "never-in-a-message-either";

/** A fault of the next answer to an exchange of a code. */
export type Fault =
  | "nonce"
  | "issuer"
  | "audience"
  | "expired"
  | "signature"
  | "broken"
  | "down";

/** A provider that runs. */
export interface OidcServer extends TestServer {
  readonly issuer: string;
  readonly clientSecret: string;
  /** Where the application of the test has to listen. */
  readonly applicationPort: number;
  /** Lets it stand still, until `SIGCONT`. */
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Makes something wrong with the next answer. */
  spoil(fault: Fault): Promise<void>;
}

/** A provider that is removed after the tests of a file. */
export async function serverOfFile(): Promise<OidcServer | string> {
  return await keptServer(undefined, startOidc);
}

async function startOidc(): Promise<OidcServer> {
  const server = new Server(freePort(), freePort());
  await server.start();
  return server;
}

class Server implements OidcServer {
  readonly issuer: string;
  readonly clientSecret = CLIENT_SECRET;
  readonly applicationPort: number;
  readonly #process: ServerProcess;

  constructor(port: number, applicationPort: number) {
    this.issuer = `http://127.0.0.1:${port}`;
    this.applicationPort = applicationPort;
    const callback =
      `http://127.0.0.1:${applicationPort}/auth/callback/company`;
    this.#process = new ServerProcess({
      program: Deno.execPath(),
      args: [
        ...["run", "-A", "--config", join(ROOT, "deno.json")],
        join(ROOT, "tests/services/oidc_process.ts"),
        ...[String(port), CLIENT_SECRET, callback],
      ],
      isReady: async () => {
        const path = "/.well-known/openid-configuration";
        const response = await fetch(this.issuer + path);
        await response.body?.cancel();
        return response.ok;
      },
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

  async spoil(fault: Fault): Promise<void> {
    const response = await fetch(`${this.issuer}/test/fault?kind=${fault}`);
    await response.body?.cancel();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
