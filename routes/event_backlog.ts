/**
 * The events that wait for one reader of the stream.
 *
 * @module
 */
import type { EngineEvent, EventHub } from "../engine/mod.ts";

/** How many events wait for a slow reader before it must start anew. */
export const BACKLOG_MAX = 1_000;

/** What a reader is told next. */
export type Told =
  | { readonly kind: "event"; readonly event: EngineEvent }
  /** Something was missed: begin from the present state. */
  | { readonly kind: "reset"; readonly cursor: number }
  /** Nothing happened for a while. */
  | { readonly kind: "quiet" }
  | { readonly kind: "closed" };

/** Collects events from the moment it is made until it is closed. */
export class EventBacklog {
  readonly #hub: EventHub;
  readonly #unwatch: () => void;
  readonly #waiting: EngineEvent[] = [];
  #isBehind = false;
  #isClosed = false;
  #wake = () => {};

  /**
   * @param seen The cursor of the last event that the reader has; absent for a
   * reader that starts from the present state.
   */
  constructor(hub: EventHub, seen: number | undefined) {
    this.#hub = hub;
    const missed = seen === undefined ? undefined : hub.since(seen);
    if (missed) this.#waiting.push(...missed);
    else this.#isBehind = true;
    this.#unwatch = hub.watch((event) => this.#take(event));
  }

  /** What comes next; `quiet` after `quietMs` without an event. */
  async next(quietMs: number): Promise<Told> {
    for (;;) {
      if (this.#isClosed) return { kind: "closed" };
      if (this.#isBehind) {
        this.#isBehind = false;
        this.#waiting.length = 0;
        return { kind: "reset", cursor: this.#hub.cursor };
      }
      const event = this.#waiting.shift();
      if (event) return { kind: "event", event };
      if (!await this.#woken(quietMs)) return { kind: "quiet" };
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#wake();
  }

  #take(event: EngineEvent): void {
    if (this.#waiting.length < BACKLOG_MAX) this.#waiting.push(event);
    else this.#isBehind = true;
    this.#wake();
  }

  #woken(quietMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), quietMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
