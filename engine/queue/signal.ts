/**
 * Tells other processes that a queue has changed: one entry that each writes and
 * all watch. Who writes it is not woken by it.
 *
 * @module
 */
import type { Key, Store } from "../store/store.ts";
import type { QueueWorld } from "./core.ts";

/** The shortest time between two signals of one process, in milliseconds. */
export const SIGNAL_INTERVAL_MS = 10;

/** How long to wait before a watch that broke is taken up again, in milliseconds. */
const WATCH_AGAIN_MS = 1_000;

/** See the module comment. */
export class Signal {
  readonly #key: Key;
  readonly #store: Store;
  readonly #world: QueueWorld;
  readonly #heard: () => void;
  readonly #self: string;
  #count = 0;
  #isResting = false;
  #isWanted = false;
  #watch: AbortController | undefined;

  constructor(
    place: { readonly key: Key; readonly store: Store },
    world: QueueWorld,
    heard: () => void,
  ) {
    this.#key = place.key;
    this.#store = place.store;
    this.#world = world;
    this.#heard = heard;
    this.#self = world.ids.next();
  }

  /** Sends a signal soon; many in a row become one. */
  send(): void {
    if (this.#isResting) {
      this.#isWanted = true;
      return;
    }
    this.#isResting = true;
    this.#isWanted = false;
    const value = { by: this.#self, count: this.#count++ };
    const rest = () =>
      this.#world.clock.after(SIGNAL_INTERVAL_MS, () => {
        this.#isResting = false;
        if (this.#isWanted) this.send();
      });
    // A signal that is lost only delays others: they look again by themselves.
    this.#store.commit({ sets: [{ key: this.#key, value }] })
      .then(rest, rest);
  }

  /** Begins to listen; a second call changes nothing. */
  listen(): void {
    if (this.#watch !== undefined) return;
    this.#watch = new AbortController();
    void this.#listen(this.#watch.signal);
  }

  stop(): void {
    this.#watch?.abort();
    this.#watch = undefined;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const [entry] of this.#store.watch([this.#key], signal)) {
          const value = entry?.value as { by: string } | undefined;
          if (value !== undefined && value.by !== this.#self) this.#heard();
        }
        // A watch ends when it is aborted or its store is closed.
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#world.onError("Cannot watch a queue", error);
        await this.#world.clock.sleep(WATCH_AGAIN_MS, signal).catch(() => {
          // Aborted: the loop ends.
        });
      }
    }
  }
}
