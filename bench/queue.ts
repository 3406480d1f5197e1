/**
 * Measures durable queues on a disk: messages that are sent, claimed, handled and
 * acknowledged a second, with so many senders and handlers at a time.
 *
 *     deno run -A bench/queue.ts
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "../engine/effects.ts";
import { Queues } from "../engine/queue/queues.ts";
import { chunkedValues } from "../engine/store/chunked.ts";
import { denoKvStore } from "../engine/store/deno_kv.ts";
import { groupCommit } from "../engine/store/group_commit.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { scopedStore } from "../engine/store/scoped.ts";
import type { Store } from "../engine/store/store.ts";

/** What was measured. Rates are messages a second, from send to acknowledged. */
export interface QueueFigures {
  /** Through a queue on disk, with so many in flight. */
  readonly through100: number;
  readonly through400: number;
  /** Sent only, on disk. */
  readonly sent100: number;
  /** Of one key, in order, on disk: what a subscription of a broker does. */
  readonly ordered100: number;
  /** Published to three subscriptions on disk, until the last has each. */
  readonly fannedOut100: number;
  /** Through a queue in memory. */
  readonly throughMemory100: number;
}

/** How long each rate is measured, in milliseconds. */
const MEASURE_MS = 2_000;

const PAYLOAD = { orderId: "o-1", note: "x".repeat(200) };

/** Measures all, in about 15 seconds. */
export async function measureQueue(): Promise<QueueFigures> {
  return {
    through100: await onDisk((store) => throughRate(store, 100)),
    through400: await onDisk((store) => throughRate(store, 400)),
    sent100: await onDisk((store) => sendRate(store, 100)),
    ordered100: await onDisk((store) => throughRate(store, 100, "")),
    fannedOut100: await onDisk((store) => fanOutRate(store, 100)),
    throughMemory100: await throughRate(queueStore(memoryStore()), 100),
  };
}

/** As an application has it. */
function queueStore(store: Store): Store {
  return scopedStore(chunkedValues(store), ["app", "bench"]);
}

function queuesOver(store: Store): Queues {
  return new Queues(store, {
    ...systemEffects(),
    onError: (message, error) => console.error(message, error),
  });
}

async function onDisk(run: (store: Store) => Promise<number>): Promise<number> {
  const folder = await Deno.makeTempDir();
  const kv = groupCommit(await denoKvStore(join(folder, "bench.db")));
  try {
    return await run(queueStore(kv));
  } finally {
    await kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** So many senders, each of which sends the next when the last is handled. */
async function throughRate(
  store: Store,
  inFlight: number,
  key?: string,
): Promise<number> {
  const queue = queuesOver(store).queue("bench");
  const handled = new Map<string, () => void>();
  const early = new Set<string>();
  let done = 0;
  const consumer = queue.consume(({ id }) => {
    done++;
    const resolve = handled.get(id);
    if (resolve === undefined) early.add(id);
    else resolve();
    handled.delete(id);
  }, key === undefined ? { concurrency: inFlight } : { ofKey: 32 });
  const start = performance.now();
  const end = start + MEASURE_MS;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < end) {
      const id = await queue.send(PAYLOAD, key === undefined ? {} : { key });
      if (early.delete(id)) continue;
      await new Promise<void>((resolve) => handled.set(id, resolve));
    }
  }));
  // Also what is handled and not yet acknowledged belongs to the work.
  await consumer.stop();
  return done * 1_000 / (performance.now() - start);
}

async function sendRate(store: Store, inFlight: number): Promise<number> {
  const queue = queuesOver(store).queue("bench", { depthMax: 10_000_000 });
  const start = performance.now();
  const end = start + MEASURE_MS;
  let sent = 0;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    for (; performance.now() < end; sent++) await queue.send(PAYLOAD);
  }));
  return sent * 1_000 / (performance.now() - start);
}

async function fanOutRate(store: Store, inFlight: number): Promise<number> {
  const topics = queuesOver(store).topics("events");
  const subscriptions = ["a", "b", "c"].map((name) => ({
    name,
    pattern: "order.*",
  }));
  await topics.subscribe(subscriptions);
  let handled = 0;
  const consumers = subscriptions.map((subscription) =>
    topics.queue(subscription).consume(() => void handled++, { ofKey: 32 })
  );
  const start = performance.now();
  const end = start + MEASURE_MS;
  let published = 0;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < end) {
      // Publishers that run ahead would measure a growing queue.
      if (published * 3 - handled > 3_000) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      await topics.publish(
        { topic: "order.placed", payload: PAYLOAD },
        { key: "" },
      );
      published++;
    }
  }));
  const rate = handled / 3 * 1_000 / (performance.now() - start);
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  return rate;
}

if (import.meta.main) {
  const figures = await measureQueue();
  for (const [name, figure] of Object.entries(figures)) {
    console.log(`${name.padEnd(22)} ${figure.toFixed(0).padStart(10)}`);
  }
}
