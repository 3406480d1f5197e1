/**
 * One component host, as the engine has it: sends and takes frames, watches that
 * it answers and how much memory it holds, and kills it.
 *
 * @module
 */
import type { Effects } from "../engine/effects.ts";
import { messageOf } from "../engine/errors.ts";
import {
  encodeFrame,
  type Frame,
  FrameReader,
  type HostReport,
  type HostRequest,
  joined,
  TOKEN_BYTES,
} from "./protocol.ts";
import { spawnHost } from "./spawn_host.ts";

/** What a host may hold in memory, in bytes: 512 MiB. */
export const HOST_MEMORY_BYTES_MAX = 512 * 1024 * 1024;

/** How often a host is looked at, in milliseconds. */
const LOOK_MS = 50;

/** Bytes that are read at a time: what a pipe holds. */
const READ_BYTES = 64 * 1024;

/** Bytes of a page of memory, as `/proc` counts. */
const PAGE_BYTES = 4_096;

/** Whoever has a component in the host. */
export interface Resident {
  /** Bytes that the component sent, which are there until this returns. */
  readonly onBytes: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Its worker has ended, or its host. */
  readonly onGone: (reason: string) => void;
}

const running = new Set<number>();

/** The ids of the host processes that have not ended. */
export function runningHosts(): number[] {
  return [...running];
}

/** See the module comment. */
export class HostProcess {
  readonly #process: Deno.ChildProcess;
  readonly #clock: Effects["clock"];
  readonly #residents = new Map<number, Resident>();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ready = Promise.withResolvers<void>();
  /** Frames for the host, as long as a write is under way. */
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #isWriting = false;
  #next = 1;
  #reason: string | undefined;
  #cancelLook = () => {};
  /** Resolves when the process has ended, with why. */
  readonly ended: Promise<string>;

  constructor({ clock, random }: Pick<Effects, "clock" | "random">) {
    this.#clock = clock;
    const token = random.bytes(TOKEN_BYTES);
    this.#process = spawnHost("main");
    running.add(this.pid);
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
    this.#look();
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
      case "ended": {
        const resident = this.#residents.get(report.component);
        this.#residents.delete(report.component);
        return resident?.onGone(report.error);
      }
    }
  }

  #gone(reason: string): void {
    this.#reason ??= reason;
    this.#cancelLook();
    this.#ready.reject(new Error(`Cannot use a component host: ${reason}`));
    this.#writer.close().catch(() => {});
    const residents = [...this.#residents.values()];
    this.#residents.clear();
    for (const { onGone } of residents) onGone(reason);
  }

  /** Memory outside of the heap is bounded by nothing else. */
  #look(): void {
    this.#cancelLook = this.#clock.after(LOOK_MS, () => {
      if (!this.isAlive) return;
      const bytes = residentBytes(this.pid);
      if (bytes > HOST_MEMORY_BYTES_MAX) {
        this.kill(
          `it holds ${bytes} bytes of memory, the limit is ` +
            `${HOST_MEMORY_BYTES_MAX} bytes`,
        );
      } else this.#look();
    });
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a process holds; 0 where that cannot be read. */
function residentBytes(pid: number): number {
  try {
    const [, pages] = Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ");
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
