/**
 * Everything that a run of the engine takes from the outside world, as one
 * value: time, chance, ids and the network. Nothing else in `engine/` or
 * `modules/` may reach for them, so that `simulation/` can replay any run.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { pinnedFetch } from "./outgoing/pinned_fetch.ts";

/** The time. */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock. May jump; never use it to measure. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  elapsed(): number;
  /**
   * Calls back once after `ms`. The returned function cancels; calling it
   * twice, or after the call, is harmless. Does not keep the process alive.
   */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms`; rejects with the reason of the signal when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Resolves once everything else that could go on has had its turn. Takes some
   * microseconds, where a sleep of no time takes one or two milliseconds.
   */
  turn(): Promise<void>;
}

/** Chance. */
export interface Random {
  /** A number from 0 (inclusive) to 1 (exclusive). Not for secrets. */
  float(): number;
  /** Bytes fit for keys and tokens. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

/** Names for new things. */
export interface Ids {
  /**
   * 26 characters that sort by time of creation, and within one process by
   * order of creation. Unique across processes (80 random bits).
   */
  next(): string;
}

/** A listening socket. */
export interface Listener {
  readonly hostname: string;
  readonly port: number;
  /** Accepts nothing new and resolves when the last answer is sent. */
  shutdown(): Promise<void>;
}

/** Answers one request. */
export type Serve = (
  request: Request,
  remoteAddress: string,
) => Response | Promise<Response>;

/** Where to listen. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 picks a free port. */
  readonly port: number;
}

/** The network. */
export interface Network {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Sends a request to one of these addresses instead of resolving the name in
   * its URL, which stays the `Host` and what a certificate must be for. Follows
   * no redirect. See `outgoing/guarded_fetch.ts`, which checks the addresses.
   */
  fetchAt(
    addresses: readonly string[],
    request: Request,
  ): Promise<Response>;
  /**
   * The addresses of IPv4 and IPv6 that a host name stands for, as the system's
   * resolver sees it; an address stands for itself. Never empty.
   *
   * Whoever connects to the name afterwards resolves it again, and the answer
   * may have changed (DNS rebinding). What was checked is reached with `fetchAt`.
   *
   * @throws if the name cannot be resolved.
   */
  resolve(hostname: string): Promise<readonly string[]>;
  /**
   * Starts to listen.
   *
   * @throws {Deno.errors.AddrInUse} if another socket has the port.
   */
  listen(options: ListenOptions, serve: Serve): Listener;
}

/** The outside world. */
export interface Effects {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly network: Network;
}

/** The real world. */
export function systemEffects(): Effects {
  const clock = systemClock();
  const random = systemRandom();
  return { clock, random, ids: timeOrderedIds(clock, random), network };
}

function systemClock(): Clock {
  function after(ms: number, callback: () => void): () => void {
    // Timers wrap at 31 bits: a longer wait is cut into legs.
    const leg = Math.min(ms, MAX_TIMER_MS);
    const timer = setTimeout(() => {
      if (ms <= MAX_TIMER_MS) return callback();
      cancelRest = after(ms - leg, callback);
    }, leg);
    let cancelRest = () => {};
    Deno.unrefTimer(timer);
    return () => {
      clearTimeout(timer);
      cancelRest();
    };
  }
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    after,
    sleep: (ms, signal) => sleepOn({ after }, ms, signal),
    turn: () => new Promise((resolve) => void setImmediate(resolve)),
  };
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Builds `sleep` on `after`, for any clock. */
export function sleepOn(
  clock: Pick<Clock, "after">,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    function abort() {
      cancel();
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function systemRandom(): Random {
  return {
    float: () => Math.random(),
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * ULIDs (https://github.com/ulid/spec): 48 bits of time and 80 of chance, where
 * the chance part counts up within a millisecond, so that ids keep their order.
 */
export function timeOrderedIds(
  clock: Pick<Clock, "now">,
  random: Pick<Random, "bytes">,
): Ids {
  let lastMs = -1;
  let timePart = "";
  const digits = new Uint8Array(16);
  let head = "";
  return {
    next() {
      // A clock that goes back must not break the order.
      const ms = Math.max(clock.now(), lastMs);
      if (ms !== lastMs) {
        lastMs = ms;
        timePart = encodeTime(ms);
        random.bytes(16).forEach((byte, index) => digits[index] = byte & 31);
        // Room to count up: the first digit stays small.
        digits[0] = (digits[0] ?? 0) & 15;
        head = encodeDigits(digits, 13);
      } else {
        head = increment(digits, head);
      }
      return timePart + head + tail(digits);
    },
  };
}

function encodeTime(ms: number): string {
  let text = "";
  for (let rest = ms, i = 0; i < 10; i++) {
    text = CROCKFORD[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeDigits(digits: Uint8Array, count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) text += CROCKFORD[digits[i] ?? 0];
  return text;
}

function tail(digits: Uint8Array): string {
  return CROCKFORD.charAt(digits[13] ?? 0) +
    CROCKFORD.charAt(digits[14] ?? 0) + CROCKFORD.charAt(digits[15] ?? 0);
}

/** Counts up by one; the head is encoded again only when the carry reaches it. */
function increment(digits: Uint8Array, head: string): string {
  for (let i = 15; i >= 0; i--) {
    const digit = digits[i] ?? 0;
    if (digit < 31) {
      digits[i] = digit + 1;
      return i < 13 ? encodeDigits(digits, 13) : head;
    }
    digits[i] = 0;
  }
  return head;
}

const network: Network = {
  fetch: (input, init) => fetch(input, init),
  fetchAt: pinnedFetch,
  async resolve(hostname) {
    const { lookup } = await import("node:dns/promises");
    const found = await lookup(hostname, { all: true });
    return found.map(({ address }) => address);
  },
  listen(options, serve) {
    const server = Deno.serve(
      { ...options, onListen: () => {} },
      (request, info) =>
        serve(
          request,
          "hostname" in info.remoteAddr ? info.remoteAddr.hostname : "",
        ),
    );
    return {
      hostname: options.hostname,
      port: server.addr.port,
      shutdown: () => server.shutdown(),
    };
  },
};
