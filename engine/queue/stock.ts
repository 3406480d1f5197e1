/**
 * Goes through all that a queue holds: to count it, or to drop it.
 *
 * @module
 */
import type { Key } from "../store/store.ts";
import type { QueueCore } from "./core.ts";
import type { Row } from "./row.ts";

/** How a queue is, counted entry by entry. */
export interface QueueStats {
  readonly name: string;
  /** Messages that are not finished: ready, delayed and in flight. */
  readonly depth: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Dead letters. */
  readonly dead: number;
  /** Since the oldest message was sent, in milliseconds; absent if there is none. */
  readonly oldestAgeMs?: number;
}

/** How many entries are dropped in one commit. */
const DROP_PAGE = 500;

/** Counts what there is. */
export async function countQueue(core: QueueCore): Promise<QueueStats> {
  const { keys, store, world, deadLetters } = core;
  let oldest = Infinity;
  const count = async (prefix: Key) => {
    let count = 0;
    for await (const { value } of store.list({ prefix })) {
      oldest = Math.min(oldest, (value as Row).sentAt);
      count++;
    }
    return count;
  };
  const ready = await count(keys.ready);
  const delayed = await count(keys.delayed);
  const inFlight = await count(keys.leased);
  return {
    name: keys.name,
    depth: ready + delayed + inFlight,
    inFlight,
    delayed,
    dead: await deadLetters.count({ kind: "queue", name: keys.name }),
    ...(oldest === Infinity
      ? {}
      : { oldestAgeMs: Math.max(0, world.clock.now() - oldest) }),
  };
}

/** Removes all that there is, but for dead letters; says how many messages. */
export async function dropQueue(core: QueueCore): Promise<number> {
  const { keys, store, depth } = core;
  let dropped = 0;
  for (;;) {
    const page = await Array.fromAsync(
      store.list({ prefix: keys.all }, { limit: DROP_PAGE }),
    );
    if (page.length === 0) return dropped;
    await store.commit({ deletes: page.map(({ key }) => key) });
    const messages = page.filter(({ key }) => MESSAGES.has(String(key[2])));
    dropped += messages.length;
    depth.add(-messages.length);
  }
}

const MESSAGES: ReadonlySet<string> = new Set(["ready", "delayed", "leased"]);
