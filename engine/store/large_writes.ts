/**
 * Commits batches that hold large values or replace them, and clears away what
 * they leave. It knows which keys of its store have large values, so that no write
 * of a small one needs to look.
 *
 * @module
 */
import {
  type Chunks,
  isPointer,
  type Large,
  pointerOf,
  refuseReserved,
} from "./chunks.ts";
import { encodeKey } from "./key.ts";
import { type OwnBatch, ownBatch } from "./own_batch.ts";
import type {
  Batch,
  Committed,
  Conflict,
  Limits,
  Store,
  Value,
  Write,
} from "./store.ts";
import { CHARACTER_BYTES_MAX, hasMoreCharacters, valueBytes } from "./value.ts";

/** How many owners a sweep looks at together. */
const SWEEP_BATCH = 100;

const NONE: readonly never[] = [];

/** A batch on its way, taken apart. */
interface Plan {
  readonly batch: OwnBatch;
  /** The encoded keys that it sets or deletes. */
  readonly touched: ReadonlySet<string>;
  readonly small: readonly Write[];
  /** Its large values, by their encoded keys. */
  readonly large: ReadonlyMap<string, Write>;
}

/** The writing half of `chunkedValues`. */
export class LargeWrites {
  readonly #store: Store;
  readonly #chunks: Chunks;
  readonly #limits: Limits;
  /** Values with fewer characters are small without a doubt. */
  readonly #smallCharacters: number;
  /** The large values that are there, by the encoded keys of their owners. */
  readonly #large = new Map<string, Large>();
  /** The keys to which large values are being written, encoded. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<unknown>>();
  #hasSwept = false;
  #firstSweep: Promise<number> | undefined = undefined;

  constructor(store: Store, chunks: Chunks, limits: Limits) {
    this.#store = store;
    this.#chunks = chunks;
    // Large values leave the batch before the store looks at its size.
    this.#limits = { ...limits, commitBytes: Infinity };
    this.#smallCharacters = Math.floor(
      store.limits.valueBytes / CHARACTER_BYTES_MAX,
    );
  }

  /** Whether a batch can go on as it is. Is quick to say so of nearly any batch. */
  isPlain({ checks, sets, deletes }: Batch): boolean {
    if (!this.#hasSwept) return false;
    const hasLarge = this.#large.size > 0 || this.#writing.size > 0;
    for (const { key } of checks ?? NONE) refuseReserved(key);
    for (const { key, value } of sets ?? NONE) {
      refuseReserved(key);
      if (isPointer(value)) return false;
      if (hasMoreCharacters(value, this.#smallCharacters)) return false;
      if (hasLarge && this.#isLargeAt(encodeKey(key))) return false;
    }
    for (const key of deletes ?? NONE) {
      refuseReserved(key);
      if (hasLarge && this.#isLargeAt(encodeKey(key))) return false;
    }
    return true;
  }

  /** Commits a batch that has large values or replaces some. */
  async commit(batch: Batch): Promise<Committed | Conflict> {
    const commit = this.#commit(ownBatch(batch, this.#limits));
    this.#underWay.add(commit);
    try {
      return await commit;
    } finally {
      this.#underWay.delete(commit);
    }
  }

  /** Resolves when no commit is under way here. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Removes what writers who died have left, and says of how many values. */
  async sweep(): Promise<number> {
    let swept = 0;
    let records: Large[] = [];
    for await (const record of this.#chunks.records()) {
      records.push(record);
      if (records.length < SWEEP_BATCH) continue;
      swept += await this.#sweepAll(records);
      records = [];
    }
    swept += await this.#sweepAll(records);
    this.#hasSwept = true;
    return swept;
  }

  async #commit(batch: OwnBatch): Promise<Committed | Conflict> {
    const { checks, sets, deletes, setIds, deleteIds } = batch;
    for (const { key } of checks) refuseReserved(key);
    for (const { key } of sets) refuseReserved(key);
    for (const key of deletes) refuseReserved(key);
    const touched = new Set([...setIds, ...deleteIds]);
    const small: Write[] = [];
    const large = new Map<string, Write>();
    for (const [id, write] of lastWrites(batch)) {
      if (this.#isLarge(write.value)) large.set(id, write);
      else small.push(write);
    }
    if (!this.#hasSwept) await this.#sweepOnce();
    // From the last look to the start there must be no turn for others.
    for (;;) {
      const others = this.#writingAt(touched);
      if (others === undefined) break;
      await others;
    }
    const end = this.#startWriting(large.keys());
    try {
      while (true) {
        const result = await this.#tryLarge({ batch, touched, small, large });
        if (result !== undefined) return result;
      }
    } finally {
      end();
    }
  }

  #isLargeAt(id: string): boolean {
    return this.#large.has(id) || this.#writing.has(id);
  }

  /** Whether a value must become chunks. */
  #isLarge(value: Value): boolean {
    return isPointer(value) ||
      valueBytes(value) > this.#store.limits.valueBytes;
  }

  #sweepOnce(): Promise<number> {
    this.#firstSweep ??= this.sweep()
      .finally(() => this.#firstSweep = undefined);
    return this.#firstSweep;
  }

  /** A large value that is being written to one of the keys. */
  #writingAt(ids: ReadonlySet<string>): Promise<void> | undefined {
    for (const id of ids) {
      const writing = this.#writing.get(id);
      if (writing !== undefined) return writing;
    }
    return undefined;
  }

  /** Has others wait until the returned function is called. */
  #startWriting(ids: Iterable<string>): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const own = [...ids];
    for (const id of own) this.#writing.set(id, promise);
    return () => {
      for (const id of own) this.#writing.delete(id);
      resolve();
    };
  }

  /** One attempt; `undefined` if a sweep elsewhere has removed its chunks. */
  async #tryLarge(plan: Plan): Promise<Committed | Conflict | undefined> {
    const written = new Map<string, Large>();
    try {
      const sets = [...plan.small];
      const checks = [...plan.batch.checks];
      for (const [id, write] of plan.large) {
        const chunks = await this.#chunks.write(write);
        written.set(id, chunks);
        sets.push(this.#chunks.pointer(write, chunks));
        checks.push(this.#chunks.check(chunks));
      }
      const replaced = this.#largeAt(plan.touched);
      const { deletes } = plan.batch;
      const result = await this.#store.commit({ checks, sets, deletes });
      if (result.ok) {
        this.#note(replaced, written);
        await this.#discard(replaced.values());
        return result;
      }
    } catch (error) {
      // A refusal has written no pointer. Another error may come after it was
      // written: then the next sweep finds out.
      if (error instanceof RangeError) await this.#discard(written.values());
      throw error;
    }
    const intact = await Promise.all(
      [...written.values()].map((large) => this.#chunks.isIntact(large)),
    );
    await this.#discard(written.values());
    return intact.includes(false) ? undefined : { ok: false };
  }

  #largeAt(ids: ReadonlySet<string>): ReadonlyMap<string, Large> {
    const found = new Map<string, Large>();
    for (const id of ids) {
      const large = this.#large.get(id);
      if (large !== undefined) found.set(id, large);
    }
    return found;
  }

  #note(
    replaced: ReadonlyMap<string, Large>,
    written: ReadonlyMap<string, Large>,
  ): void {
    for (const [id, large] of replaced) {
      // A later commit may have been answered before this one.
      if (this.#large.get(id) === large) this.#large.delete(id);
    }
    for (const [id, large] of written) this.#large.set(id, large);
  }

  /** Removes chunks that are of no use. What this leaves is left to a sweep. */
  async #discard(those: Iterable<Large>): Promise<void> {
    for (const large of those) {
      try {
        await this.#chunks.discard(large);
      } catch {
        // The caller's commit is done, and garbage does no harm.
      }
    }
  }

  async #sweepAll(records: readonly Large[]): Promise<number> {
    const idle = records.filter(({ owner }) =>
      !this.#writing.has(encodeKey(owner))
    );
    const owners = await this.#store.getMany(idle.map(({ owner }) => owner));
    let swept = 0;
    for (const [i, large] of idle.entries()) {
      const id = encodeKey(large.owner);
      const entry = owners[i];
      if (entry !== undefined && pointerOf(entry.value)?.id === large.id) {
        if (!this.#large.has(id)) this.#large.set(id, large);
        continue;
      }
      // A writer elsewhere may point to them in this very moment.
      const isStill = { key: large.owner, version: entry?.version };
      if (await this.#chunks.discard(large, [isStill])) swept++;
    }
    return swept;
  }
}

/** What a batch sets in the end, by encoded keys. */
function lastWrites(
  { sets, setIds, deleteIds }: OwnBatch,
): ReadonlyMap<string, Write> {
  const last = new Map<string, Write>();
  sets.forEach((write, i) => last.set(setIds[i] ?? "", write));
  for (const id of deleteIds) last.delete(id);
  return last;
}
