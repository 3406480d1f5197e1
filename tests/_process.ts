/**
 * Runs the engine as a user does, as a process of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The root of the project. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A process that runs, with what it has printed. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** The addresses of the `ready` line. */
  readonly addresses: readonly string[];
  /** Everything on standard output so far. */
  output(): string;
  /** Resolves when a line that matches is printed. */
  printed(pattern: RegExp): Promise<string>;
  /** Sends a signal and resolves with the exit code, once all output is read. */
  end(signal: Deno.Signal): Promise<number>;
}

/** How a process is started. */
export interface ProcessOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Kills the process when it aborts, also before it is ready. */
  readonly killed?: AbortSignal;
}

/** Starts `main.ts` and resolves when it is ready. */
export async function startProcess(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=start", "main.ts", ...args],
    cwd: options.cwd ?? ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Output(child.stdout);
  const errors = new Output(child.stderr);
  const status = child.status;
  const end = async (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended by itself: the status tells how.
    }
    const { code } = await status;
    await Promise.all([output.done, errors.done]);
    return code;
  };
  options.killed?.addEventListener("abort", () => void end("SIGKILL"));
  const ready = await Promise.race([
    output.printed(/^ready .*$/m),
    status.then(() => undefined),
  ]);
  if (ready === undefined) {
    await Promise.all([output.done, errors.done]);
    throw new Error(`Cannot start the process: ${errors.text}${output.text}`);
  }
  return {
    pid: child.pid,
    addresses: ready.split(" ").slice(1),
    output: () => output.text,
    printed: (pattern) => output.printed(pattern),
    end,
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
    },
  };
}

/** Runs a command of the project to its end. */
export async function runProcess(
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly cwd?: string } =
    {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: options.cwd ?? ROOT,
    env: { NO_COLOR: "1", ...options.env },
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Collects a stream and calls those who wait for a line. */
class Output {
  text = "";
  readonly done: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.done = this.#read(stream);
  }

  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match[0];
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#waiting.splice(0).forEach((resolve) => resolve());
    }
  }
}
