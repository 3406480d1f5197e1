/**
 * Counts what moves along the edges of a document, for those who watch. Told at
 * most five times a second, and to nobody if nobody watches.
 *
 * @module
 */
import type { Clock } from "./effects.ts";
import type { EventHub } from "./events.ts";

/** How often counts are told, in milliseconds. */
export const TELL_EVERY_MS = 200;

/** See the module comment. */
export class Traffic {
  readonly #application: string;
  readonly #events: EventHub;
  readonly #clock: Pick<Clock, "after">;
  readonly #counts = new Map<string, number>();
  readonly #changed = new Set<string>();
  #isDue = false;

  /** @param application The id of the document. */
  constructor(
    application: string,
    events: EventHub,
    clock: Pick<Clock, "after">,
  ) {
    this.#application = application;
    this.#events = events;
    this.#clock = clock;
  }

  /** Something went along the edge that the document states at `path`. */
  count(path: string): void {
    this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1);
    if (!this.#events.isWatched) return;
    this.#changed.add(path);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.after(TELL_EVERY_MS, () => this.#tell());
  }

  /** How often since the start, by the path of the edge. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  #tell(): void {
    this.#isDue = false;
    const edges = Object.fromEntries(
      [...this.#changed].map((path) => [path, this.#counts.get(path) ?? 0]),
    );
    this.#changed.clear();
    this.#events.emitPassing("traffic", {
      application: this.#application,
      message: "Something moved",
      edges,
    });
  }
}
