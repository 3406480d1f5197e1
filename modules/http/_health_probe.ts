/**
 * Asks backends at regular times whether they are well.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";

/** How backends are asked. */
export interface ProbeOptions {
  /** What is asked for, by the id of the backend. */
  readonly urls: ReadonlyMap<string, URL>;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** The statuses of a backend that is well. */
  readonly isWell: (status: number) => boolean;
}

/** Knows which backends are unwell. */
export class HealthProbe {
  readonly #host: Pick<Host, "effects" | "log">;
  readonly #options: ProbeOptions;
  readonly #unwell = new Map<string, string>();
  #stop = new AbortController();

  constructor(host: Pick<Host, "effects" | "log">, options: ProbeOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** The backends that failed when they were last asked, with the reason. */
  get unwell(): ReadonlyMap<string, string> {
    return this.#unwell;
  }

  /** Begins to ask. The first answers come later: until then all count as well. */
  open(): void {
    this.#stop = new AbortController();
    for (const [backend, url] of this.#options.urls) {
      this.#watch(backend, url, this.#stop.signal);
    }
  }

  /** Asks no more. */
  close(): void {
    this.#stop.abort();
  }

  async #watch(backend: string, url: URL, stop: AbortSignal): Promise<void> {
    const { clock } = this.#host.effects;
    while (!stop.aborted) {
      const reason = await this.#ask(url, stop);
      if (stop.aborted) return;
      this.#note(backend, reason);
      // The wait is given up when the probe closes; the loop then ends.
      await clock.sleep(this.#options.intervalMs, stop).catch(() => {});
    }
  }

  /** Why a backend is unwell; `undefined` if it is not. */
  async #ask(url: URL, stop: AbortSignal): Promise<string | undefined> {
    const { clock, network } = this.#host.effects;
    const { timeoutMs, isWell } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(timeoutMs, () => deadline.abort());
    try {
      const response = await network.fetch(url, {
        redirect: "manual",
        signal: AbortSignal.any([stop, deadline.signal]),
      });
      await response.body?.cancel();
      return isWell(response.status) ? undefined : `status ${response.status}`;
    } catch (error) {
      if (deadline.signal.aborted) return `no answer within ${timeoutMs} ms`;
      return messageOf(error);
    } finally {
      cancel();
    }
  }

  #note(backend: string, reason: string | undefined): void {
    const was = this.#unwell.has(backend);
    if (reason === undefined) {
      this.#unwell.delete(backend);
      if (was) this.#host.log.info(`Backend ${backend} is well again`);
    } else {
      this.#unwell.set(backend, reason);
      if (!was) this.#host.log.warn(`Backend ${backend} is unwell: ${reason}`);
    }
  }
}
