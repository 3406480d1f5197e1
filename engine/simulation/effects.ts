/**
 * The outside world as a function of a seed: time moves when it is told to,
 * chance repeats, and nothing leaves the process.
 *
 * @module
 */
import {
  type Effects,
  type Network,
  type Random,
  type Serve,
  sleepOn,
  timeOrderedIds,
} from "../effects.ts";

/** How a simulated world starts. */
export interface SimulationOptions {
  /** Two worlds with one seed behave the same. @default {1} */
  readonly seed?: number;
  /** The time at the start, in milliseconds since 1970. @default {1_700_000_000_000} */
  readonly startMs?: number;
  /** Answers what no listener of this world answers. @default it is refused */
  readonly fetch?: Network["fetch"];
  /**
   * The addresses of host names. `localhost` is always this world; with `fetch`,
   * every other name stands for `OUTSIDE_ADDRESS`, without it for nothing.
   */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
}

/** A public address, for names of which a simulation says nothing else. */
export const OUTSIDE_ADDRESS = "93.184.215.14";

/** A simulated world, with the handle that moves its time. */
export interface SimulatedEffects extends Effects {
  /**
   * Moves time forward and runs every timer that falls due, in order, letting
   * promises settle before and after each.
   */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly timers: number;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Makes a simulated world. Its network reaches its own listeners only. */
export function simulatedEffects(
  options: SimulationOptions = {},
): SimulatedEffects {
  const startMs = options.startMs ?? 1_700_000_000_000;
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let order = 0;
  const clock = {
    now: () => nowMs,
    elapsed: () => nowMs - startMs,
    after(ms: number, callback: () => void) {
      const timer = {
        dueMs: nowMs + Math.max(0, ms),
        order: order++,
        callback,
      };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    sleep: (ms: number, signal?: AbortSignal) => sleepOn(clock, ms, signal),
    turn: () => sleepOn(clock, 0),
  };
  async function advance(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    await settle();
    for (let next = earliest(timers); next; next = earliest(timers)) {
      if (next.dueMs > untilMs) break;
      timers.delete(next);
      nowMs = next.dueMs;
      next.callback();
      await settle();
    }
    nowMs = untilMs;
  }
  const random = seededRandom(options.seed ?? 1);
  return {
    clock,
    random,
    ids: timeOrderedIds(clock, random),
    network: loopback(options),
    advance,
    get timers() {
      return timers.size;
    },
  };
}

function earliest(timers: ReadonlySet<Timer>): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (
      !first || timer.dueMs < first.dueMs ||
      (timer.dueMs === first.dueMs && timer.order < first.order)
    ) first = timer;
  }
  return first;
}

/**
 * Lets every promise that can settle do so: a timer fires after all of them. (A
 * message port does not serve: it fires after a few turns, once a library has
 * loaded that polls.)
 */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A network inside the process: a fetch to a port reaches who listens on it. */
function loopback(
  { fetch: outsideFetch, hosts = {} }: SimulationOptions,
): Network {
  const outside = outsideFetch ?? refuseFetch;
  const listeners = new Map<number, Serve>();
  let freePort = 40_000;
  function send(request: Request, host: string): Promise<Response> {
    const port = new URL(request.url).port;
    const serve = LOOPBACK.has(host) && listeners.get(Number(port || 80));
    return serve
      ? Promise.resolve(serve(request, "127.0.0.1"))
      : outside(request);
  }
  return {
    fetch(input, init) {
      const request = new Request(input, init);
      return send(request, new URL(request.url).hostname);
    },
    fetchAt: (addresses, request) => send(request, addresses[0] ?? ""),
    resolve(hostname) {
      const known = hosts[hostname] ?? ownAddresses(hostname);
      if (known !== undefined) return Promise.resolve(known);
      return outsideFetch === undefined
        ? Promise.reject(
          new TypeError(
            `Cannot resolve "${hostname}": the simulated network is closed`,
          ),
        )
        : Promise.resolve([OUTSIDE_ADDRESS]);
    },
    listen({ hostname, port }, serve) {
      const taken = port === 0 ? freePort++ : port;
      if (listeners.has(taken)) {
        throw new Deno.errors.AddrInUse(
          `Address already in use: ${hostname}:${taken}`,
        );
      }
      listeners.set(taken, serve);
      return {
        hostname,
        port: taken,
        shutdown: () => Promise.resolve(void listeners.delete(taken)),
      };
    },
  };
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** What stands for itself, and this world's own name. */
function ownAddresses(hostname: string): readonly string[] | undefined {
  if (hostname === "localhost") return ["127.0.0.1"];
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.includes(":");
  return isAddress ? [hostname] : undefined;
}

function refuseFetch(input: string | URL | Request): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input);
  return Promise.reject(
    new TypeError(`Cannot fetch "${url}": the simulated network is closed`),
  );
}

/** mulberry32: 32 bits of state, enough for replay, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  return {
    float: () => next() / 2 ** 32,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 255),
  };
}
