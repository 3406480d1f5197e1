/**
 * Frames between the engine and a component host. Engine to host: a length, the
 * number of a component (0 is the host itself), and bytes. Host to engine: the
 * same behind a token that no component knows, so that whatever else should get
 * to the host's output is told apart and ends the host.
 *
 * The bytes are JSON, a list of messages: one frame carries all that there is.
 *
 * @module
 */

/** Bytes of a token. */
export const TOKEN_BYTES = 16;

/** The most that one frame may hold, in bytes: 16 MiB. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

/** A frame: who it is for or from, and what it holds. */
export interface Frame {
  readonly component: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One frame as bytes. */
export function encodeFrame(
  { component, bytes }: Frame,
  token: Uint8Array = NO_TOKEN,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(token.length + 8 + bytes.length);
  frame.set(token);
  const view = new DataView(frame.buffer);
  view.setUint32(token.length, bytes.length);
  view.setUint32(token.length + 4, component);
  frame.set(bytes, token.length + 8);
  return frame;
}

/** Puts chunks together again into frames. */
export class FrameReader {
  readonly #token: Uint8Array;
  readonly #head: number;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;
  /** How many bytes there must be until a frame may be whole. */
  #needed: number;

  constructor(token: Uint8Array = NO_TOKEN) {
    this.#token = token;
    this.#head = token.length + 8;
    this.#needed = this.#head;
  }

  /**
   * The frames that a chunk completes. What they hold is a view of it; the chunk
   * may be written over before the next one is read.
   *
   * @throws {Error} What came is no frame, or one that is too long.
   */
  read(chunk: Uint8Array<ArrayBuffer>): Frame[] {
    this.#length += chunk.length;
    const frames: Frame[] = [];
    // Chunks of a long frame are put together once, when all are there.
    if (this.#length < this.#needed) {
      this.#chunks.push(chunk.slice());
      return frames;
    }
    const data = joined([...this.#chunks, chunk]);
    let at = 0;
    this.#needed = this.#head;
    while (data.length - at >= this.#head) {
      const length = this.#lengthAt(data, at);
      const end = at + this.#head + length;
      if (end > data.length) {
        this.#needed = this.#head + length;
        break;
      }
      const view = new DataView(data.buffer, data.byteOffset + at);
      const component = view.getUint32(this.#token.length + 4);
      frames.push({ component, bytes: data.subarray(at + this.#head, end) });
      at = end;
    }
    this.#chunks = at === data.length ? [] : [data.slice(at)];
    this.#length = data.length - at;
    return frames;
  }

  #lengthAt(data: Uint8Array<ArrayBuffer>, at: number): number {
    for (let i = 0; i < this.#token.length; i++) {
      if (data[at + i] !== this.#token[i]) {
        throw new Error("Cannot read a frame: something else was written");
      }
    }
    const view = new DataView(data.buffer, data.byteOffset + at);
    const length = view.getUint32(this.#token.length);
    if (length <= FRAME_BYTES_MAX) return length;
    throw new Error(
      `Cannot read a frame: it has ${length} bytes, the limit is ` +
        `${FRAME_BYTES_MAX} bytes`,
    );
  }
}

/** Several pieces as one. */
export function joined(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Whether JSON nests deeper than `limit` levels. Only JSON that is long enough
 * to keep the engine busy for a while is looked at.
 */
export function nestsDeeper(bytes: Uint8Array, limit: number): boolean {
  if (bytes.length <= LIST_CHARACTERS) return false;
  let depth = 0;
  let isText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Characters of a list of messages, unless one message alone has more. */
export const LIST_CHARACTERS = 128 * 1024;

const NO_TOKEN = new Uint8Array(0);

/** What the engine asks of a host. */
export type HostRequest =
  /** Begins a worker for a component; `code` is its module. */
  | {
    readonly do: "load";
    readonly component: number;
    readonly code: string;
    /** Null is granted, and not set. */
    readonly env: Readonly<Record<string, string | null>>;
    readonly secrets: Readonly<Record<string, string>>;
    readonly services: Readonly<Record<string, readonly string[]>>;
    readonly outputMax: number;
  }
  | { readonly do: "unload"; readonly component: number }
  /** From now on a worker is at hand for the next component. */
  | { readonly do: "keepSpare" };

/** What a host may hold in memory, in bytes: 512 MiB. */
export const HOST_MEMORY_BYTES_MAX = 512 * 1024 * 1024;

/** What a host tells. */
export type HostReport =
  | { readonly is: "ready" }
  /** What it holds in memory, now and then. */
  | { readonly is: "memory"; readonly bytes: number }
  /** It holds more than it may, and waits to be killed. */
  | { readonly is: "full"; readonly bytes: number }
  /** A worker gives no sign of life; told again as long as it does not. */
  | { readonly is: "silent"; readonly component: number }
  /** A worker has ended by itself. */
  | {
    readonly is: "ended";
    readonly component: number;
    readonly error: string;
  };

/** What a component may export to be called. */
export type FunctionName = "execute" | "init" | "start" | "stop";

/** What the engine sends to a component. */
export type ToComponent =
  /**
   * The first of a list: the time now, and when nobody waits any more for the calls
   * that follow, in milliseconds since 1970.
   */
  | { readonly n: number; readonly d: number | null }
  | {
    /** The number of the call. */
    readonly c: number;
    /** `execute` if it is absent. */
    readonly f?: FunctionName;
    readonly p: unknown;
    /** The idempotency key, and what randomness is made of. */
    readonly k: string;
  }
  /** Nobody waits for a call any more. */
  | { readonly x: number; readonly why: string }
  /** The answer to a request. */
  | { readonly r: number; readonly v: unknown }
  | { readonly r: number; readonly e: Thrown }
  | { readonly ping: number };

/** An error that crosses the boundary. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What a component sends to the engine. */
export type FromComponent =
  /** Its module is loaded: what it exports. */
  | {
    readonly loaded: {
      readonly name: string | null;
      readonly contract: unknown;
      readonly functions: readonly string[];
    };
  }
  | { readonly failed: Thrown }
  | { readonly c: number; readonly v: unknown }
  | { readonly c: number; readonly e: Thrown }
  /** It asks for something that it has not got itself. */
  | {
    readonly r: number;
    readonly c: number;
    readonly op: "fetch" | "read" | "write" | "service";
    readonly a: readonly unknown[];
  }
  | {
    readonly log: "debug" | "info" | "warn" | "error";
    readonly m: string;
    readonly f: unknown;
  }
  | { readonly pong: number };
