/**
 * What the tests against real servers have in common: a server of a file's own, which
 * can be killed and started again with the same data.
 *
 * @module
 */
import { ROOT } from "../_process.ts";
import { join } from "node:path";

/** A server that a test can kill. */
export interface TestServer extends AsyncDisposable {
  /** Kills it, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with the same data. */
  start(): Promise<void>;
}

/** Where programs are kept that were built or fetched for tests; git ignores it. */
export const PROGRAMS = join(ROOT, ".cache/servers");

/**
 * Defines a test that needs a server of its file. Where there is none it is ignored,
 * with the reason in its name; but a machine that says it is `CI` must have one.
 */
export function serverTest<S>(
  name: string,
  server: S | string,
  run: (server: S) => Promise<void>,
): void {
  if (typeof server !== "string") return Deno.test(name, () => run(server));
  const isRequired = (Deno.env.get("CI") ?? "") !== "";
  Deno.test({
    name: `${name} (${server})`,
    ignore: !isRequired,
    fn() {
      throw new Error(`Cannot test on CI: ${server}`);
    },
  });
}

/**
 * A server that is removed after the tests of a file; else why there is none.
 *
 * @param missing What it needs and this machine has not got.
 */
export async function serverOfFile<S extends AsyncDisposable>(
  missing: string | undefined,
  start: () => Promise<S>,
): Promise<S | string> {
  if (missing !== undefined) return missing;
  const server = await start();
  Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
  return server;
}

/** A port that nothing listens on now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** How a server is started, and when it is there. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Throws, or is false, as long as the server cannot be used. */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to be there, in milliseconds; 30,000 unless told. */
  readonly startMs?: number;
}

/** A server that is one process in the foreground. */
export class ServerProcess implements TestServer {
  readonly #command: ServerCommand;
  #process: Deno.ChildProcess | undefined;
  #printed: Promise<string> | undefined;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** @throws {Error} with what it printed, if it is not there in time. */
  async start(): Promise<void> {
    const { program, args, env = {}, isReady, startMs = 30_000 } =
      this.#command;
    const process = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#process = process;
    this.#printed = lastOf(process.stderr);
    const end = Date.now() + startMs;
    let hasEnded = false;
    void process.status.then(() => {
      hasEnded = true;
    });
    while (!await isReady().catch(() => false)) {
      if (hasEnded || Date.now() > end) {
        await this.kill();
        throw new Error(`Cannot start ${program}: ${await this.#printed}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /**
   * Lets it stand still with `SIGSTOP`, as a machine under load does, until `SIGCONT`.
   * Resolves when it does: a thread that runs goes on for a moment.
   */
  async signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    process.kill(signal);
    while (signal === "SIGSTOP" && !await standsStill(process.pid)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    try {
      process.kill(signal);
    } catch {
      // It has ended by itself.
    }
    await process.status;
    await this.#printed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** The end of what is printed. */
async function lastOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + part).slice(-4_000);
  }
  return text;
}

/** Whether something listens at a port of this machine. */
export async function isListening(port: number): Promise<boolean> {
  try {
    using _ = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}

/** Whether each thread of a process is stopped. */
async function standsStill(pid: number): Promise<boolean> {
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const stat = await Deno.readTextFile(`/proc/${pid}/task/${name}/stat`);
    // What follows the name of the program, which may hold anything, is the state.
    if (stat[stat.lastIndexOf(")") + 2] !== "T") return false;
  }
  return true;
}
