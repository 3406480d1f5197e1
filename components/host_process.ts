/**
 * One component host, as the engine has it: sends and takes frames, and kills it,
 * also when it says that it holds too much memory.
 *
 * @module
 */
import type { Effects } from "../engine/effects.ts";
import { messageOf } from "../engine/errors.ts";
import {
  encodeFrame,
  type Frame,
  FrameReader,
  HOST_MEMORY_BYTES_MAX,
  type HostReport,
  type HostRequest,
  joined,
  TOKEN_BYTES,
} from "./protocol.ts";
import { spawnHost } from "./spawn_host.ts";

/** Bytes that are read at a time: what a pipe holds. */
const READ_BYTES = 64 * 1024;

/** Whoever has a component in the host. */
export interface Resident {
  /** Bytes that the component sent, which are there until this returns. */
  readonly onBytes: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Its worker has given no sign of life for seconds. */
  readonly onSilent: () => void;
  /** Its worker has ended, or its host. */
  readonly onGone: (reason: string) => void;
}

/** The hosts that have not ended, with what each holds; 0 until it says so. */
const running = new Map<number, number>();

/** The ids of the host processes that have not ended. */
export function runningHosts(): number[] {
  return [...running.keys()];
}

/** What a host said last that it holds, in bytes; `undefined` before. */
export function hostMemory(pid: number): number | undefined {
  return running.get(pid) || undefined;
}

/** See the module comment. */
export class HostProcess {
  readonly #process: Deno.ChildProcess;
  readonly #residents = new Map<number, Resident>();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ready = Promise.withResolvers<void>();
  /** Frames for the host, as long as a write is under way. */
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #isWriting = false;
  #next = 1;
  #reason: string | undefined;
  /** Resolves when the process has ended, with why. */
  readonly ended: Promise<string>;

  constructor({ random }: Pick<Effects, "random">) {
    const token = random.bytes(TOKEN_BYTES);
    this.#process = spawnHost("main");
    running.set(this.pid, 0);
    this.#writer = this.#process.stdin.getWriter();
    this.#ready.promise.catch(() => {});
    this.#write(token);
    void this.#readAll(token);
    this.ended = this.#process.status.then(({ code, signal }) => {
      running.delete(this.pid);
      const reason = this.#reason ??
        `its process ended ${
          signal === null ? `with ${code}` : `by ${signal}`
        }`;
      this.#gone(reason);
      return reason;
    });
  }

  /** The id of the process, for those who look from outside. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it can still be given something. */
  get isAlive(): boolean {
    return this.#reason === undefined;
  }

  /** How many components are in it. */
  get size(): number {
    return this.#residents.size;
  }

  /** Resolves when it takes components. @throws {Error} It ended before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Takes a component in; its number is what `load`, `send` and `unload` take. */
  enter(resident: Resident): number {
    const component = this.#next++;
    this.#residents.set(component, resident);
    return component;
  }

  /** Begins its worker. */
  load(
    component: number,
    given: Omit<HostRequest & { do: "load" }, "do" | "component">,
  ): void {
    this.#ask({ do: "load", component, ...given });
  }

  /** Has a worker at hand for the next component, from the first one on. */
  keepSpare(): void {
    this.#ask({ do: "keepSpare" });
  }

  /** Ends a worker. One that spins goes on until the host is killed. */
  unload(component: number): void {
    if (!this.#residents.delete(component)) return;
    this.#ask({ do: "unload", component });
  }

  /** Sends bytes to a component. */
  send(component: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#write(encodeFrame({ component, bytes }));
  }

  /** Ends it at once. All its residents are told why. */
  kill(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    this.#gone(reason);
  }

  #ask(request: HostRequest): void {
    const bytes = encoder.encode(JSON.stringify([request]));
    this.#write(encodeFrame({ component: 0, bytes }));
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#reason !== undefined) return;
    this.#waiting.push(bytes);
    if (!this.#isWriting) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#waiting.length > 0) {
        const frames = this.#waiting;
        this.#waiting = [];
        await this.#writer.write(joined(frames));
      }
    } catch (error) {
      this.kill(`it takes nothing any more: ${messageOf(error)}`);
    }
    this.#isWriting = false;
  }

  async #readAll(token: Uint8Array): Promise<void> {
    const frames = new FrameReader(token);
    const reader = this.#process.stdout.getReader({ mode: "byob" });
    try {
      // One buffer for all: to make one costs more than to read into it.
      let buffer = new ArrayBuffer(READ_BYTES);
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (done) return;
        for (const frame of frames.read(value)) this.#frame(frame);
        buffer = value.buffer;
      }
    } catch (error) {
      this.kill(messageOf(error));
      await reader.cancel().catch(() => {});
    }
  }

  #frame({ component, bytes }: Frame): void {
    if (component !== 0) {
      return this.#residents.get(component)?.onBytes(bytes);
    }
    for (const report of JSON.parse(decoder.decode(bytes))) this.#heard(report);
  }

  #heard(report: HostReport): void {
    switch (report.is) {
      case "ready":
        return this.#ready.resolve();
      case "memory":
        return void running.set(this.pid, report.bytes);
      case "full":
        return this.kill(
          `it holds ${report.bytes} bytes of memory, the limit is ` +
            `${HOST_MEMORY_BYTES_MAX} bytes`,
        );
      case "silent":
        return this.#residents.get(report.component)?.onSilent();
      case "ended": {
        const resident = this.#residents.get(report.component);
        this.#residents.delete(report.component);
        return resident?.onGone(report.error);
      }
    }
  }

  #gone(reason: string): void {
    this.#reason ??= reason;
    this.#ready.reject(new Error(`Cannot use a component host: ${reason}`));
    this.#writer.close().catch(() => {});
    const residents = [...this.#residents.values()];
    this.#residents.clear();
    for (const { onGone } of residents) onGone(reason);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
