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
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(token: Uint8Array = NO_TOKEN) {
    this.#token = token;
  }

  /**
   * The frames that a chunk completes.
   *
   * @throws {Error} What came is no frame, or one that is too long.
   */
  read(chunk: Uint8Array<ArrayBuffer>): Frame[] {
    const data = this.#rest.length === 0 ? chunk : join(this.#rest, chunk);
    const head = this.#token.length + 8;
    const frames: Frame[] = [];
    let at = 0;
    while (data.length - at >= head) {
      for (let i = 0; i < this.#token.length; i++) {
        if (data[at + i] !== this.#token[i]) {
          throw new Error("Cannot read a frame: something else was written");
        }
      }
      const view = new DataView(data.buffer, data.byteOffset + at);
      const length = view.getUint32(this.#token.length);
      if (length > FRAME_BYTES_MAX) {
        throw new Error(
          `Cannot read a frame: it has ${length} bytes, the limit is ` +
            `${FRAME_BYTES_MAX} bytes`,
        );
      }
      if (data.length - at < head + length) break;
      frames.push({
        component: view.getUint32(this.#token.length + 4),
        bytes: data.slice(at + head, at + head + length),
      });
      at += head + length;
    }
    this.#rest = data.slice(at);
    return frames;
  }
}

const NO_TOKEN = new Uint8Array(0);

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** What the engine asks of a host. */
export type HostRequest =
  /** Begins a worker for a component; `code` is its module. */
  | {
    readonly do: "load";
    readonly component: number;
    readonly code: string;
    readonly env: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, string>>;
    readonly services: Readonly<Record<string, readonly string[]>>;
    readonly outputMax: number;
  }
  | { readonly do: "unload"; readonly component: number }
  | { readonly do: "ping"; readonly ping: number };

/** What a host tells. */
export type HostReport =
  | { readonly is: "ready" }
  | { readonly is: "pong"; readonly ping: number }
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
  | {
    /** The number of the call. */
    readonly c: number;
    readonly f: FunctionName;
    readonly p: unknown;
    /** The idempotency key, and what randomness is made of. */
    readonly k: string;
    /** The time now, and when nobody waits any more, in milliseconds since 1970. */
    readonly n: number;
    readonly d: number | null;
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
