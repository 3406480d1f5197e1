/**
 * The other nodes of an application. Where several processes share a store, each
 * gives signs of life, and adopts the streams of those that give none any more.
 *
 * A node is taken for gone by the time that passes for its observer, from when it
 * saw a sign change: the clocks of two machines need not agree, and a clock that
 * is set means nothing.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import {
  adopt,
  adoptedBy,
  forgetEmpty,
  isOnItsOwn,
  type Membership,
  type Node,
  type Nodes,
  readNodes,
} from "./nodes.ts";
import { BEATS, BELLS } from "./places.ts";

/** How often a node gives a sign of life and looks at the others, in milliseconds. */
export const BEAT_MS = 1_000;

/** How long a node may give no sign until its stream is adopted, in milliseconds. */
export const LEASE_MS = 10_000;

/** Looks until rows of which nothing is left are removed again. */
const FORGET_EVERY = 30;

/** What is needed to live beside others. */
export interface NeighboursOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly node: Membership;
  /** Whether other processes may be at work on the store. */
  readonly isShared: boolean;
  /** Goes on with streams that are this node's by now, in this order. */
  readonly takeIn: (streams: readonly number[]) => Promise<void>;
  /** There may be something in the inboxes of these streams. */
  readonly onBell: (streams: readonly number[]) => void;
  /** The stream of this node was adopted by another. */
  readonly onFenced: () => void;
  readonly onAdopted: (epoch: number) => void;
  readonly onError: (message: string) => void;
}

interface Sighting {
  readonly version: string | undefined;
  /** When it was seen first, as `elapsed` says. */
  readonly atMs: number;
}

/** See the module comment. */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #sightings = new Map<number, Sighting>();
  /** Adopted streams that this process goes on with. */
  readonly #taken = new Set<number>();
  readonly #closing = new AbortController();
  readonly #cancels = new Map<string, () => void>();
  #beats = 0;
  #looks = 0;

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** Its own stream, and those that it goes on with. */
  get streams(): readonly number[] {
    return [this.#options.node.epoch, ...this.#taken];
  }

  /** Begins to give signs of life. */
  start(): void {
    this.#repeat("beat", () => this.#beat());
  }

  /** Looks at the others from now on, and listens to them. */
  follow(): void {
    this.#repeat("look", () => this.look());
    void this.#listen();
  }

  close(): void {
    this.#closing.abort();
    for (const cancel of this.#cancels.values()) cancel();
  }

  /** Adopts whoever is gone, and goes on with what is not gone on with yet. */
  async look(): Promise<void> {
    const { store, node, takeIn, onBell, onFenced } = this.#options;
    let nodes = await this.#sighted();
    const gone = this.#gone(nodes);
    for (const one of gone) await this.#adopt(one);
    if (gone.length > 0) nodes = await readNodes(store);
    if (!isHeld(node, nodes)) return onFenced();
    const adopted = adoptedBy(node.epoch, nodes);
    const streams = adopted.filter((epoch) => !this.#taken.has(epoch));
    if (streams.length > 0) await takeIn(streams);
    for (const epoch of streams) this.#taken.add(epoch);
    onBell(this.streams);
    if (this.#looks++ % FORGET_EVERY === 0) {
      await forgetEmpty(store, node, nodes);
    }
  }

  /** The nodes as they are, with what is known of their signs brought up to now. */
  async #sighted(): Promise<Nodes> {
    const { store, clock, isShared } = this.#options;
    if (!isShared) return await readNodes(store);
    const beats = new Map<number, string>();
    for await (const { key, version } of store.list({ prefix: BEATS })) {
      beats.set(Number(key.at(-1)), version);
    }
    const nodes = await readNodes(store);
    for (const epoch of nodes.keys()) {
      const version = beats.get(epoch);
      const seen = this.#sightings.get(epoch);
      if (seen !== undefined && seen.version === version) continue;
      this.#sightings.set(epoch, { version, atMs: clock.elapsed() });
    }
    for (const epoch of this.#sightings.keys()) {
      if (!nodes.has(epoch)) this.#sightings.delete(epoch);
    }
    return nodes;
  }

  /** Nodes whose streams nobody goes on with. */
  #gone(nodes: Nodes): readonly Node[] {
    const { node: { epoch }, isShared, clock } = this.#options;
    // Else all of them were adopted as this node began.
    if (!isShared) return [];
    return [...nodes.values()].filter((node) => {
      if (node.epoch === epoch || !isOnItsOwn(node, nodes)) return false;
      if (node.isLeft || node.adoptedBy !== undefined) return true;
      const seen = this.#sightings.get(node.epoch);
      return seen !== undefined && clock.elapsed() - seen.atMs >= LEASE_MS;
    });
  }

  async #adopt(node: Node): Promise<void> {
    const { store, node: by, onAdopted } = this.#options;
    if (await adopt(store, node, by)) onAdopted(node.epoch);
  }

  async #beat(): Promise<void> {
    const { store, node: { epoch, fence }, onFenced } = this.#options;
    const sets = [{ key: [...BEATS, epoch], value: { beat: ++this.#beats } }];
    const { ok } = await store.commit({ checks: [fence], sets });
    if (!ok) onFenced();
  }

  #repeat(name: "beat" | "look", act: () => Promise<void>): void {
    if (this.#closing.signal.aborted) return;
    const again = () => {
      act()
        .catch((error) => {
          if (this.#closing.signal.aborted) return;
          const { onError } = this.#options;
          onError(`Cannot live beside other nodes: ${messageOf(error)}`);
        })
        .finally(() => this.#repeat(name, act));
    };
    this.#cancels.set(name, this.#options.clock.after(BEAT_MS, again));
  }

  /** Looks into the inbox as soon as something comes; `look` does so as well. */
  async #listen(): Promise<void> {
    const { store, node: { epoch }, onBell, onError } = this.#options;
    const { signal } = this.#closing;
    try {
      for await (const _ of store.watch([[...BELLS, epoch]], signal)) {
        if (signal.aborted) return;
        onBell([epoch]);
      }
    } catch (error) {
      if (signal.aborted) return;
      onError(`Cannot listen to other nodes: ${messageOf(error)}`);
    }
  }
}

function isHeld({ epoch, fence }: Membership, nodes: Nodes): boolean {
  return nodes.get(epoch)?.version === fence.version;
}
