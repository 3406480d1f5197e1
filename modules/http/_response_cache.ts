/**
 * Remembers answers of backends for a short time. Only what is the same for
 * everybody is kept: answers to plain GETs without credentials, unless the
 * backend forbids it.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** How many answers are kept; past that the oldest goes. */
export const CACHE_ENTRIES_MAX = 1_000;

/** The longest body that is kept. */
export const CACHE_BODY_BYTES_MAX = 256 * 1_024;

/** How much all bodies together may take. */
export const CACHE_BYTES_MAX = 32 * 1_024 * 1_024;

interface Kept {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer>;
  readonly storedAtMs: number;
  readonly untilMs: number;
}

/**
 * Request headers by which an answer may be meant for its sender alone, or be
 * about something else than the path says.
 */
const PERSONAL = [
  "authorization",
  "cookie",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "origin",
  "range",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-url",
  "x-rewrite-url",
];

/** What `Vary` may name: a proxy asks for one encoding only. */
const KEYED: ReadonlySet<string> = new Set(["", "accept-encoding"]);

/** Answers by key. */
export class ResponseCache {
  readonly #clock: Host["effects"]["clock"];
  readonly #ttlMs: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(clock: Host["effects"]["clock"], ttlMs: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /** Whether a request may be answered from here, and its answer kept. */
  concerns({ method, headers }: Request): boolean {
    return method === "GET" &&
      !PERSONAL.some((name) => headers.has(name)) &&
      !/no-cache|no-store/i.test(headers.get("cache-control") ?? "");
  }

  /** The answer that is kept, with its age in seconds. */
  get(key: string): Response | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    const nowMs = this.#clock.elapsed();
    if (nowMs >= kept.untilMs) {
      this.#drop(key, kept);
      return undefined;
    }
    const headers = new Headers(
      kept.headers.map(([name, value]): [string, string] => [name, value]),
    );
    const ageSeconds = Math.floor((nowMs - kept.storedAtMs) / 1_000);
    headers.set("age", String(ageSeconds));
    return new Response(kept.body, { headers });
  }

  /** Keeps an answer as it streams by, if that is allowed. */
  keep(key: string, response: Response): Response {
    const ttlMs = Math.min(this.#ttlMs, allowedMs(response));
    if (ttlMs <= 0) return response;
    const headers = [...response.headers];
    if (!response.body) {
      this.#put(key, headers, [], ttlMs);
      return response;
    }
    const collected = response.body.pipeThrough(
      collect((chunks) => this.#put(key, headers, chunks, ttlMs)),
    );
    return new Response(collected, response);
  }

  #put(
    key: string,
    headers: Kept["headers"],
    chunks: readonly Uint8Array<ArrayBuffer>[],
    ttlMs: number,
  ): void {
    const before = this.#kept.get(key);
    if (before) this.#drop(key, before);
    const storedAtMs = this.#clock.elapsed();
    const body = concatenate(chunks);
    this.#kept.set(key, {
      headers,
      body,
      storedAtMs,
      untilMs: storedAtMs + ttlMs,
    });
    this.#bytes += body.length;
    for (const [oldest, kept] of this.#kept) {
      const fits = this.#kept.size <= CACHE_ENTRIES_MAX &&
        this.#bytes <= CACHE_BYTES_MAX;
      if (fits) break;
      this.#drop(oldest, kept);
    }
  }

  #drop(key: string, kept: Kept): void {
    if (this.#kept.delete(key)) this.#bytes -= kept.body.length;
  }
}

/** For how long a backend lets anybody keep its answer. */
function allowedMs({ status, headers }: Response): number {
  if (status !== 200 || headers.has("set-cookie")) return 0;
  if (!KEYED.has(headers.get("vary")?.toLowerCase() ?? "")) return 0;
  const control = headers.get("cache-control") ?? "";
  if (/no-store|no-cache|private/i.test(control)) return 0;
  const seconds = /s-maxage=(\d+)/i.exec(control) ??
    /max-age=(\d+)/i.exec(control);
  return seconds === null ? Infinity : Number(seconds[1]) * 1_000;
}

/** Passes a body on and hands it over as a whole, if it comes to a good end. */
function collect(
  done: (chunks: readonly Uint8Array<ArrayBuffer>[]) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes <= CACHE_BODY_BYTES_MAX) chunks.push(chunk.slice());
      else chunks.length = 0;
      controller.enqueue(chunk);
    },
    flush() {
      if (bytes <= CACHE_BODY_BYTES_MAX) done(chunks);
    },
  });
}

function concatenate(
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
