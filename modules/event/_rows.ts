/**
 * What a processor keeps in the store, and under which keys:
 *
 * - `head, key` → how the events of a key stand; every change of them checks it
 * - `event, key, n` → one event; it vanishes when no window can hold it any more
 * - `delivery, match, n` → a match that the nth handler has to be told of
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type {
  MatchedEvent,
  PatternMatch,
} from "@engine/services/event_processor.ts";
import type { Buffer } from "./_buffer.ts";
import type { SeenEvent } from "./_match.ts";

/**
 * A head outlives its events by this, in milliseconds: without it, events that a
 * store removes late would count again.
 */
export const HEAD_MARGIN_MS = 3_600_000;

type Store = Host["store"];
type Key = Parameters<Store["get"]>[0];
/** One write of a batch. */
export type Write = NonNullable<Parameters<Store["commit"]>[0]["sets"]>[number];

/** How the events of a key stand. */
export interface Head {
  readonly last: number;
  readonly used: Buffer["used"];
  /** How many events there are. */
  readonly size: number;
  /** When the newest arrived, in milliseconds since 1970. */
  readonly at: number;
  /** How long an event may be needed, in milliseconds. */
  readonly keepMs: number;
}

/** A head as of one version of its row. */
export interface HeadRow {
  readonly key: string;
  readonly head: Head;
  readonly version: string;
}

/** A buffer as of one version of its head. */
export interface BufferRow {
  readonly buffer: Buffer;
  /** `undefined` if there is none yet. */
  readonly version: string | undefined;
}

/** An event with all that is kept of it. */
export interface KeptEvent {
  readonly seen: SeenEvent;
  readonly event: MatchedEvent;
}

/** A match that a handler has to be told of. */
export interface Delivery {
  readonly match: PatternMatch;
  /** The name of the handler. */
  readonly handler: string;
  /** Tells the deliveries of a match apart. */
  readonly position: number;
  /** The attempt that comes next, from 1. */
  readonly attempt: number;
  /** When it may run, in milliseconds since 1970. */
  readonly dueAt: number;
  /** How long it was to wait, in milliseconds: a clock put back adds nothing. */
  readonly waitMs: number;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** The process that does it, where several share the store; see `Peers`. */
  readonly owner?: string;
}

/** A delivery as of one version of its row. */
export interface DeliveryRow {
  readonly delivery: Delivery;
  readonly version: string;
}

/** Which delivery is meant. */
export type DeliveryPlace = readonly [matchId: string, position: number];

/** The rows of one module. */
export class Rows {
  readonly store: Store;
  readonly #module: string;

  constructor(store: Store, module: string) {
    this.store = store;
    this.#module = module;
  }

  headKey(key: string): Key {
    return ["event", this.#module, "head", key];
  }

  eventKey(key: string, sequence: number): Key {
    return ["event", this.#module, "event", key, sequence];
  }

  deliveryKey([matchId, position]: DeliveryPlace): Key {
    return ["event", this.#module, "delivery", matchId, position];
  }

  /** The events of a key. Without a head, what is left of older ones is void. */
  async readBuffer(key: string): Promise<BufferRow | undefined> {
    const entry = await this.store.get(this.headKey(key));
    if (entry === undefined) return undefined;
    const head = entry.value as unknown as Head;
    const prefix = ["event", this.#module, "event", key];
    const events: SeenEvent[] = [];
    for await (const { value } of this.store.list({ prefix })) {
      const { seen } = value as unknown as KeptEvent;
      // A later one is left from before, or of a newer head; then the commit fails.
      if (seen.sequence <= head.last) events.push(seen);
    }
    const { last, used } = head;
    return { buffer: { events, last, used }, version: entry.version };
  }

  /** The events of these numbers that are still there. */
  async readEvents(
    key: string,
    sequences: readonly number[],
  ): Promise<MatchedEvent[]> {
    const entries = await this.store.getMany(
      sequences.map((sequence) => this.eventKey(key, sequence)),
    );
    return entries.flatMap((entry) =>
      entry === undefined ? [] : [(entry.value as unknown as KeptEvent).event]
    );
  }

  writeHead(key: string, head: Head): Write {
    const expireInMs = lifetime(head.keepMs + HEAD_MARGIN_MS);
    return { key: this.headKey(key), value: asValue(head), expireInMs };
  }

  writeEvent(key: string, kept: KeptEvent, keepMs: number): Write {
    return {
      key: this.eventKey(key, kept.seen.sequence),
      value: asValue(kept),
      expireInMs: lifetime(keepMs),
    };
  }

  writeDelivery(delivery: Delivery): Write {
    const key = this.deliveryKey(placeOf(delivery));
    return { key, value: asValue(delivery) };
  }

  async readDelivery(place: DeliveryPlace): Promise<DeliveryRow | undefined> {
    const entry = await this.store.get(this.deliveryKey(place));
    if (entry === undefined) return undefined;
    const delivery = entry.value as unknown as Delivery;
    return { delivery, version: entry.version };
  }

  async *heads(): AsyncGenerator<HeadRow> {
    const prefix = ["event", this.#module, "head"];
    for await (const { key, value, version } of this.store.list({ prefix })) {
      const head = value as unknown as Head;
      yield { key: String(key[3]), head, version };
    }
  }

  async *eventKeys(key: string): AsyncGenerator<Key> {
    const prefix = ["event", this.#module, "event", key];
    for await (const entry of this.store.list({ prefix })) yield entry.key;
  }

  async *deliveries(): AsyncGenerator<Delivery> {
    const prefix = ["event", this.#module, "delivery"];
    for await (const { value } of this.store.list({ prefix })) {
      yield value as unknown as Delivery;
    }
  }
}

/** Which delivery it is. */
export function placeOf({ match, position }: Delivery): DeliveryPlace {
  return [match.id, position];
}

function lifetime(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}

/** Optional fields are absent or undefined, which JSON treats alike. */
function asValue(
  row: Head | KeptEvent | Delivery,
): Write["value"] {
  return row as unknown as Write["value"];
}
