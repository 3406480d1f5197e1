/**
 * Where a group begins in a partition that it has never read. The library begins
 * at the end each time that it asks and nothing is committed, so that what was
 * written between two times would be lost: here the first answer is committed
 * before anything is read.
 *
 * @module
 */
import type { Admin, Consumer } from "kafkajs";
import type { ConsumeOptions, DriverOptions } from "./driver.ts";
import { isNotThereYet } from "./kafkajs_error.ts";

/** Offsets by topic and partition. */
type Offsets = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** How often a topic that was just made is asked for. */
const ATTEMPTS_MAX = 20;

/** The time between two of them, in milliseconds. */
const AGAIN_MS = 150;

/** What both functions work with. */
export interface Around {
  readonly admin: Admin;
  readonly sleep: DriverOptions["sleep"];
  readonly options: ConsumeOptions;
}

/** Nothing is committed. */
const NONE = "-1";

/** Where each partition begins of which nothing is committed. */
export async function startsOf(around: Around): Promise<Offsets> {
  const { admin, options: { topics, startFrom, wholeTopics } } = around;
  const committed = await committedOf(around);
  const starts = new Map<string, Map<number, string>>();
  for (const topic of topics) {
    const known = committed.get(topic) ?? new Map();
    const missing = [...known].filter(([, offset]) => offset === NONE);
    if (missing.length === 0) continue;
    const ends = await admin.fetchTopicOffsets(topic);
    // A partition that came later has nothing that the group did not mean to read.
    const isNew = missing.length === known.size && !wholeTopics.has(topic);
    const from = isNew && startFrom === "latest" ? "high" : "low";
    starts.set(
      topic,
      new Map(ends.map((end) => [end.partition, end[from]])),
    );
  }
  return starts;
}

/** Commits where those assigned partitions begin of which nothing is committed. */
export async function settleStart(
  around: Around,
  { consumer, starts, assigned }: {
    readonly consumer: Consumer;
    readonly starts: Offsets;
    readonly assigned: Readonly<Record<string, readonly number[]>>;
  },
): Promise<void> {
  // Who begins with the oldest finds it again.
  if (around.options.startFrom === "earliest") return;
  const committed = await committedOf(around);
  let later: Offsets | undefined;
  const settled: { topic: string; partition: number; offset: string }[] = [];
  for (const [topic, partitions] of Object.entries(assigned)) {
    for (const partition of partitions) {
      if (committed.get(topic)?.get(partition) !== NONE) continue;
      const known = starts.get(topic)?.get(partition);
      if (known === undefined) later ??= await startsOf(around);
      const offset = known ?? later?.get(topic)?.get(partition);
      if (offset !== undefined) settled.push({ topic, partition, offset });
    }
  }
  if (settled.length === 0) return;
  await consumer.commitOffsets(settled);
  // It may have begun to read elsewhere.
  for (const each of settled) consumer.seek(each);
}

async function committedOf(
  { admin, sleep, options: { groupId, topics } }: Around,
): Promise<Offsets> {
  const found = await untilThere(
    () => admin.fetchOffsets({ groupId, topics: [...topics] }),
    sleep,
  );
  return new Map(found.map(({ topic, partitions }) => [
    topic,
    new Map(partitions.map(({ partition, offset }) => [partition, offset])),
  ]));
}

/** Asks again: a topic that was just made is not known at once, nor is a group. */
export async function untilThere<T>(
  ask: () => Promise<T>,
  sleep: DriverOptions["sleep"],
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isNotThereYet(error)) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
