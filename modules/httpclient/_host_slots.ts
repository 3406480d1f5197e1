/**
 * Bounds how many calls go to one host at a time. The others wait in the order in
 * which they came.
 *
 * @module
 */
import { RetryableError } from "@engine/errors.ts";

/** How many calls may wait for one host; more fail at once. */
export const WAITING_MAX = 1_000;

interface Host {
  running: number;
  readonly waiting: Set<() => void>;
}

/** See the module comment. */
export class HostSlots {
  readonly #atOnce: number;
  /** Only hosts that are being called. */
  readonly #hosts = new Map<string, Host>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Does work when it is the host's turn.
   *
   * @throws {RetryableError} if too many wait already.
   * @throws the reason of the signal when it aborts.
   */
  async run<T>(
    name: string,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const host = this.#hosts.get(name) ?? { running: 0, waiting: new Set() };
    this.#hosts.set(name, host);
    if (host.running < this.#atOnce) host.running++;
    else await this.#turn(name, host, signal);
    try {
      return await work();
    } finally {
      this.#leave(name, host);
    }
  }

  /** The place of one that ends goes to the next without becoming free. */
  #leave(name: string, host: Host): void {
    const [next] = host.waiting;
    if (next !== undefined) next();
    else if (--host.running === 0) this.#hosts.delete(name);
  }

  #turn(name: string, { waiting }: Host, signal: AbortSignal): Promise<void> {
    if (waiting.size >= WAITING_MAX) {
      throw new RetryableError(
        `Cannot call ${name} yet: ${WAITING_MAX} calls wait for it already`,
      );
    }
    return new Promise((resolve, reject) => {
      function leave() {
        waiting.delete(enter);
        signal.removeEventListener("abort", give);
      }
      function enter() {
        leave();
        resolve();
      }
      function give() {
        leave();
        reject(signal.reason);
      }
      waiting.add(enter);
      signal.addEventListener("abort", give, { once: true });
    });
  }
}
