/**
 * An S3 server of a test's own: S3Proxy, which keeps objects as files of a folder.
 * `fetch_s3proxy.sh` fetches it.
 *
 * @module
 */
import { join } from "node:path";
import {
  freePort,
  isListening,
  PROGRAMS,
  serverOfFile as keptServer,
  ServerProcess,
} from "./server.ts";

/** Where the program is; the script beside this file names the same version. */
const JAR = join(
  PROGRAMS,
  "s3proxy/s3proxy-3.1.0-jar-with-dependencies.jar",
);

/** The secret key; it must not stand in any message. */
export const SECRET = "never-in-a-message";

/** A server that runs. */
export class S3Server extends ServerProcess {
  readonly port: number;
  readonly #folder: string;

  constructor(folder: string, port: number) {
    super({
      program: "java",
      args: ["-Xmx256m", "-jar", JAR, "--properties", join(folder, "s3.conf")],
      isReady: () => isListening(port),
    });
    this.#folder = folder;
    this.port = port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Makes the folder with its settings. */
  async make(): Promise<void> {
    await Deno.mkdir(join(this.#folder, "data"));
    await Deno.writeTextFile(
      join(this.#folder, "s3.conf"),
      [
        `s3proxy.endpoint=${this.endpoint}`,
        "s3proxy.authorization=aws-v4",
        "s3proxy.identity=the-key",
        `s3proxy.credential=${SECRET}`,
        "jclouds.provider=filesystem-nio2",
        `jclouds.filesystem.basedir=${join(this.#folder, "data")}`,
      ].join("\n"),
    );
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A server that is removed after the tests of a file; else why there is none. */
export async function serverOfFile(): Promise<S3Server | string> {
  return await keptServer(missing(), async () => {
    const folder = await Deno.makeTempDir({ prefix: "workflow-s3-" });
    const server = new S3Server(folder, freePort());
    await server.make();
    await server.start();
    return server;
  });
}

function missing(): string | undefined {
  try {
    Deno.statSync(JAR);
    return undefined;
  } catch {
    return "no S3Proxy: run tests/services/fetch_s3proxy.sh";
  }
}
