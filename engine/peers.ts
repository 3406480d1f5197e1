/**
 * The processes that do one kind of work over a store that they share.
 * Each gives signs of life. One is gone when its row is, or when an observer has
 * seen no sign for `LEASE_MS` of its own time: no two clocks are compared.
 *
 * One that only stood still gives signs again, and finds its work taken: whoever
 * takes work over changes its row, and the other's commit is refused.
 *
 * @module
 */
import type { Effects } from "./effects.ts";
import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Key, Store } from "./store/store.ts";

/** How long a process may give no sign until its work is taken over, in milliseconds. */
export const LEASE_MS = 10_000;

/** How often a process gives a sign and looks for others, in milliseconds. */
export const BEAT_MS = 2_500;

interface Sighting {
  readonly version: string;
  /** When it was seen first, as `elapsed` says. */
  readonly atMs: number;
}

/** Says of a process whether it is gone. */
export type IsGone = (peer: string | undefined) => boolean;

/** Where processes meet. */
export interface PeersOptions {
  readonly store: Store;
  /** Where their rows are: the same for all of them, and for this work alone. */
  readonly place: Key;
  readonly effects: Pick<Effects, "clock" | "ids">;
  readonly log: Logger;
}

/** See the module comment. */
export class Peers {
  /** This process, as others know it. */
  readonly self: string;
  readonly #options: PeersOptions;
  readonly #sightings = new Map<string, Sighting>();
  readonly #onLook: (isGone: IsGone) => Promise<void>;
  #beats = 0;
  #cancel: (() => void) | undefined;
  #isEnded = false;

  /** @param onLook Called every `BEAT_MS`, and once at the beginning. */
  constructor(
    options: PeersOptions,
    onLook: (isGone: IsGone) => Promise<void>,
  ) {
    this.self = options.effects.ids.next();
    this.#options = options;
    this.#onLook = onLook;
  }

  /** Gives the first sign and looks around; goes on doing so. */
  async begin(): Promise<void> {
    await this.#beat();
    await this.#look();
    this.#again();
  }

  /** Ends the signs: whatever is left is for others, at once. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#cancel?.();
    await this.#options.store.commit({ deletes: [this.#keyOf(this.self)] });
  }

  #again(): void {
    if (this.#isEnded) return;
    this.#cancel = this.#options.effects.clock.after(BEAT_MS, () => {
      this.#beat().then(() => this.#look())
        .catch((error) => {
          const { log } = this.#options;
          log.warn(`Cannot live beside other processes: ${messageOf(error)}`);
        })
        .finally(() => this.#again());
    });
  }

  async #beat(): Promise<void> {
    if (this.#isEnded) return;
    const value = { beat: ++this.#beats };
    const sets = [{ key: this.#keyOf(this.self), value }];
    await this.#options.store.commit({ sets });
  }

  async #look(): Promise<void> {
    if (this.#isEnded) return;
    const { store, effects: { clock } } = this.#options;
    const now = clock.elapsed();
    const here = new Set<string>();
    const gone = new Map<string, string>();
    const prefix = this.#keyOf();
    for await (const { key, version } of store.list({ prefix })) {
      const peer = String(key.at(-1));
      here.add(peer);
      const seen = this.#sightings.get(peer);
      if (seen?.version !== version) {
        this.#sightings.set(peer, { version, atMs: now });
      } else if (now - seen.atMs >= LEASE_MS) gone.set(peer, version);
    }
    for (const peer of this.#sightings.keys()) {
      if (!here.has(peer)) this.#sightings.delete(peer);
    }
    await this.#onLook((peer) =>
      peer === undefined || !here.has(peer) || gone.has(peer)
    );
    // Its work is taken by now. One that gives a sign meanwhile keeps its row.
    for (const [peer, version] of gone) {
      const key = this.#keyOf(peer);
      await store.commit({ checks: [{ key, version }], deletes: [key] });
    }
  }

  #keyOf(...peer: string[]): Key {
    return [...this.#options.place, ...peer];
  }
}
