/**
 * Measures the stores: what group commit gains on a disk, as a ratio in one run,
 * and how fast the memory store is.
 *
 *     deno run -A bench/store.ts
 *
 * @module
 */
import { join } from "node:path";
import { chunkedValues } from "../engine/store/chunked.ts";
import { denoKvStore } from "../engine/store/deno_kv.ts";
import { groupCommit } from "../engine/store/group_commit.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { scopedStore } from "../engine/store/scoped.ts";
import type { JsonValue, Store } from "../engine/store/store.ts";

/** What was measured. Rates are a second. */
export interface StoreFigures {
  /** One write a commit on disk, each awaited before the next. */
  readonly serialWrites: number;
  /** The same through group commit with as many in flight as the name says. */
  readonly groupWrites100: number;
  readonly groupWrites400: number;
  /** `groupWrites400 / serialWrites`. The budget is 15. */
  readonly gain: number;
  /** As many writes at once as 400, without group commit. */
  readonly parallelWrites400: number;
  /** Commits of three existing rows in memory, bare and as an application has it. */
  readonly memoryCommits: number;
  readonly memoryCommitsScoped: number;
  /** The same through group commit, which is why memory goes without. */
  readonly memoryCommitsGrouped: number;
  /** A row read, checked and written again with two new rows: a transition. */
  readonly memoryTransitions: number;
  /** Reads of one row in memory, bare and as an application has it. */
  readonly memoryGets: number;
  readonly memoryGetsScoped: number;
  /** Entries listed in memory. */
  readonly memoryListed: number;
}

/** How long each rate is measured, in milliseconds. */
const MEASURE_MS = 1_000;
const ROWS = 1_000;

/** Measures all, in about 12 seconds. */
export async function measureStore(): Promise<StoreFigures> {
  const disk = await measureDisk();
  return { ...disk, ...await measureMemory() };
}

async function measureDisk() {
  const serialWrites = await onDisk((store) => writeRate(store, 1));
  const parallelWrites400 = await onDisk((store) => writeRate(store, 400));
  const grouped = (inFlight: number) =>
    onDisk((store) => writeRate(groupCommit(store), inFlight));
  const groupWrites100 = await grouped(100);
  const groupWrites400 = await grouped(400);
  const gain = groupWrites400 / serialWrites;
  return {
    serialWrites,
    groupWrites100,
    groupWrites400,
    gain,
    parallelWrites400,
  };
}

async function measureMemory() {
  const grouped = groupCommit(memoryStore());
  const bare = memoryStore();
  const scoped = scopedStore(chunkedValues(memoryStore()), ["app", "orders"]);
  const commits = (store: Store) => rate((i) => commitThree(store, i));
  const memoryCommits = await commits(bare);
  const memoryCommitsScoped = await commits(scoped);
  const gets = (store: Store) => rate((i) => store.get(rowKey(i)));
  return {
    memoryCommits,
    memoryCommitsScoped,
    memoryCommitsGrouped: await commits(grouped),
    memoryGets: await gets(bare),
    memoryGetsScoped: await gets(scoped),
    memoryTransitions: await rate((i) => transition(bare, i)),
    memoryListed: await listRate(bare),
  };
}

async function onDisk(run: (store: Store) => Promise<number>): Promise<number> {
  const folder = await Deno.makeTempDir();
  const store = await denoKvStore(join(folder, "bench.db"));
  try {
    return await run(store);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes of 300 bytes under ascending keys by so many writers at once. */
async function writeRate(store: Store, inFlight: number): Promise<number> {
  let next = 0;
  let writes = 0;
  const start = performance.now();
  const end = start + MEASURE_MS;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < end) {
      const i = next++;
      await store.commit({ sets: [{ key: ["row", i], value: row(i) }] });
      writes++;
    }
  }));
  return writes * 1_000 / (performance.now() - start);
}

/** How often a second `run` can be awaited. */
async function rate(run: (i: number) => Promise<unknown>): Promise<number> {
  let count = 0;
  // The clock is read once a thousand times, and the first thousands warm up.
  for (; count < 20_000; count++) await run(count);
  const start = performance.now();
  const from = count;
  do {
    for (const to = count + 1_000; count < to; count++) await run(count);
  } while (performance.now() < start + MEASURE_MS);
  return (count - from) * 1_000 / (performance.now() - start);
}

function commitThree(store: Store, i: number) {
  return store.commit({
    sets: [
      { key: rowKey(i), value: { state: "validated", at: i, by: "user" } },
      { key: rowKey(i + 1), value: { from: "new", to: "validated", at: i } },
      { key: rowKey(i + 2), value: { event: "order.validated", at: i } },
    ],
  });
}

async function transition(store: Store, i: number): Promise<void> {
  const key = rowKey(i);
  const found = await store.get(key);
  const id = key[2] ?? "";
  await store.commit({
    checks: [{ key, version: found?.version }],
    sets: [
      { key, value: { state: "validated", at: i, by: "user" } },
      { key: ["history", "orders", id, i], value: { to: "validated", at: i } },
      { key: ["outbox", i], value: { event: "order.validated" } },
    ],
    // What is behind is worked off, so that the store keeps its size.
    deletes: [["outbox", i - 100], ["history", "orders", id, i - 10 * ROWS]],
  });
}

async function listRate(store: Store): Promise<number> {
  const start = performance.now();
  let listed = 0;
  while (performance.now() < start + MEASURE_MS) {
    for await (const _ of store.list({ prefix: ["history"] })) listed++;
  }
  return listed * 1_000 / (performance.now() - start);
}

const IDS = Array.from({ length: ROWS }, (_, i) => `order-${i}`);

function rowKey(i: number) {
  return ["instances", "orders", IDS[i % ROWS] ?? ""];
}

function row(i: number): JsonValue {
  return {
    id: `order-${i}`,
    state: "validated",
    at: 1_700_000_000_000 + i,
    data: { customer: `c-${i % 97}`, amount: i / 100, note: "x".repeat(190) },
  };
}

if (import.meta.main) {
  const figures = await measureStore();
  for (const [name, figure] of Object.entries(figures)) {
    const digits = figure < 1_000 ? 1 : 0;
    console.log(`${name.padEnd(22)} ${figure.toFixed(digits).padStart(10)}`);
  }
}
