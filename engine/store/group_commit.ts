/**
 * Makes one commit out of many. A durable commit waits for the disk, which costs
 * the same for one row and for hundreds; batches that arrive meanwhile go together
 * in the next one.
 *
 * Nobody can tell, but by the time it takes: a group is a serial order of its
 * batches, no batch overtakes one that touches the same key, and who conflicts or
 * fails does so alone.
 *
 * @module
 */
import { encodeKey } from "./key.ts";
import { type OwnBatch, ownBatch } from "./own_batch.ts";
import { UnreachableError } from "./unreachable.ts";
import type {
  Batch,
  Check,
  Committed,
  Conflict,
  Entry,
  Key,
  Limits,
  ListOptions,
  Range,
  Store,
  Version,
  Write,
} from "./store.ts";

/**
 * A group starts after so many turns of the microtask queue without a newcomer.
 * Whoever waited for the last commit gets to send its next batch along, at a cost
 * of a few microseconds.
 */
const QUIET_TURNS = 32;

/** So many waiting batches may be passed over in search of some that fit. */
const PASSED_OVER_MAX = 256;

/** Merges the commits that wait while the last one is under way. */
export function groupCommit(store: Store): Store {
  return new GroupCommit(store);
}

/** A batch in the queue. */
interface Waiting {
  readonly batch: OwnBatch;
  readonly resolve: (result: Committed | Conflict) => void;
  readonly reject: (error: unknown) => void;
}

class GroupCommit implements Store {
  readonly limits: Limits;
  readonly #store: Store;
  #queue: Waiting[] = [];
  #work: Promise<void> | undefined = undefined;
  #isClosed = false;

  constructor(store: Store) {
    this.#store = store;
    this.limits = store.limits;
  }

  get(key: Key): Promise<Entry | undefined> {
    return this.#store.get(key);
  }

  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    return this.#store.getMany(keys);
  }

  list(range: Range, options?: ListOptions): AsyncIterable<Entry> {
    return this.#store.list(range, options);
  }

  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]> {
    return this.#store.watch(keys, signal);
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async commit(batch: Batch): Promise<Committed | Conflict> {
    if (this.#isClosed) throw new Error("Cannot commit: the store is closed");
    const own = ownBatch(batch, this.limits);
    return new Promise((resolve, reject) => {
      this.#queue.push({ batch: own, resolve, reject });
      this.#work ??= this.#commitAll();
    });
  }

  /** Commits what waits, then closes the store beneath. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    await this.#store.close();
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#quiet();
      await this.#commitGroup(this.#takeGroup());
    }
    this.#work = undefined;
  }

  async #quiet(): Promise<void> {
    let length = this.#queue.length;
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      if (length >= this.limits.mutations) return;
      await undefined;
      if (this.#queue.length > length) turn = 0;
      length = this.#queue.length;
    }
  }

  #takeGroup(): Waiting[] {
    if (this.#queue.length === 1) return this.#queue.splice(0);
    const group = new Group(this.limits);
    const left: Waiting[] = [];
    let i = 0;
    for (; i < this.#queue.length; i++) {
      const waiting = this.#queue[i];
      if (waiting === undefined || left.length === PASSED_OVER_MAX) break;
      if (!group.mayTouch(waiting.batch)) {
        group.reserve(waiting.batch);
        left.push(waiting);
      } else if (group.fits(waiting.batch)) group.add(waiting);
      else break;
    }
    this.#queue = left.concat(this.#queue.slice(i));
    return group.members;
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length <= 1) return await this.#commitEach(group);
    const holding = await this.#commitMerged(group);
    // None conflicts, or all but one do: merging again would tell nothing new.
    const isSorted = holding.length > 1 && holding.length < group.length;
    if (isSorted) await this.#commitGroup(holding);
    else await this.#commitEach(holding);
  }

  /** Tries a merged commit; gives back those that it has not answered. */
  async #commitMerged(group: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      const result = await this.#store.commit(merge(group));
      if (!result.ok) return await this.#answerConflicts(group);
      for (const { resolve } of group) resolve({ ...result });
      return [];
    } catch (error) {
      if (error instanceof UnreachableError) {
        // It may have happened, and is nobody's fault: none is tried again.
        for (const { reject } of group) reject(error);
        return [];
      }
      // Whose fault it is shows when each is tried alone.
      return group;
    }
  }

  /**
   * Answers those whose checks do not hold, and gives back the others. A check
   * that fails between call and answer is a conflict, wherever it was looked at.
   */
  async #answerConflicts(
    group: readonly Waiting[],
  ): Promise<readonly Waiting[]> {
    const { checks } = merge(group);
    const entries = await this.#store.getMany(checks.map(({ key }) => key));
    const versions = new Map<string, Version | undefined>();
    checks.forEach(({ key }, i) => {
      versions.set(encodeKey(key), entries[i]?.version);
    });
    return group.filter(({ batch, resolve }) => {
      const holds = batch.checks.every(({ version }, i) =>
        versions.get(batch.checkIds[i] ?? "") === version
      );
      if (!holds) resolve({ ok: false });
      return holds;
    });
  }

  async #commitEach(group: readonly Waiting[]): Promise<void> {
    for (const { batch, resolve, reject } of group) {
      try {
        resolve(await this.#store.commit(batch));
      } catch (error) {
        reject(error);
      }
    }
  }
}

/** What a group, or a batch that was passed over for it, does with a key. */
const CHECKS = 1;
const WRITES = 2;
const WILL_CHECK = 4;
const WILL_WRITE = 8;

/** The batches that go together, and what they and those passed over touch. */
class Group {
  readonly members: Waiting[] = [];
  readonly #limits: Limits;
  readonly #uses = new Map<string, number>();
  readonly #versions = new Map<string, Version | undefined>();
  #mutations = 0;
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Whether a batch can go along: nothing that it checks is written or checked
   * otherwise by the group, and nothing that it writes is. A key that the group
   * only checks may be written, for the group comes first.
   */
  mayTouch({ checks, checkIds, setIds, deleteIds }: OwnBatch): boolean {
    for (let i = 0; i < checkIds.length; i++) {
      const id = checkIds[i] ?? "";
      const use = this.#uses.get(id) ?? 0;
      if ((use & (WRITES | WILL_WRITE)) !== 0) return false;
      if (
        (use & CHECKS) !== 0 && this.#versions.get(id) !== checks[i]?.version
      ) {
        return false;
      }
    }
    return this.#mayWrite(setIds) && this.#mayWrite(deleteIds);
  }

  /** Whether a batch that may go along is small enough to. */
  fits({ checkIds, sets, deletes, bytesEstimate }: OwnBatch): boolean {
    if (this.members.length === 0) return true;
    let checks = this.#versions.size;
    for (const id of checkIds) if (!this.#versions.has(id)) checks++;
    return checks <= this.#limits.checks &&
      this.#mutations + sets.length + deletes.length <=
        this.#limits.mutations &&
      // An estimate of half of the limit is below it for nearly any text, and
      // beyond it a commit gains nothing from being larger.
      this.#bytes + bytesEstimate <= this.#limits.commitBytes / 2;
  }

  add(waiting: Waiting): void {
    const { batch } = waiting;
    this.members.push(waiting);
    this.#mutations += batch.sets.length + batch.deletes.length;
    this.#bytes += batch.bytesEstimate;
    batch.checks.forEach(({ version }, i) => {
      this.#versions.set(batch.checkIds[i] ?? "", version);
    });
    this.#note(batch, CHECKS, WRITES);
  }

  /** Keeps what follows from overtaking a batch that cannot go along. */
  reserve(batch: OwnBatch): void {
    this.#note(batch, WILL_CHECK, WILL_WRITE);
  }

  #mayWrite(ids: readonly string[]): boolean {
    for (const id of ids) {
      if (
        ((this.#uses.get(id) ?? 0) & (WRITES | WILL_CHECK | WILL_WRITE)) !== 0
      ) {
        return false;
      }
    }
    return true;
  }

  #note(batch: OwnBatch, checks: number, writes: number): void {
    for (const id of batch.checkIds) this.#mark(id, checks);
    for (const id of batch.setIds) this.#mark(id, writes);
    for (const id of batch.deleteIds) this.#mark(id, writes);
  }

  #mark(id: string, use: number): void {
    this.#uses.set(id, (this.#uses.get(id) ?? 0) | use);
  }
}

/** One batch that does what all of them do; a check that several make is made once. */
function merge(group: readonly Waiting[]): Required<Batch> {
  const made = new Map<string, Check>();
  const checks: Check[] = [];
  const sets: Write[] = [];
  const deletes: Key[] = [];
  for (const { batch } of group) {
    batch.checks.forEach((check, i) => {
      const id = batch.checkIds[i] ?? "";
      if (made.get(id)?.version === check.version && made.has(id)) return;
      made.set(id, check);
      checks.push(check);
    });
    for (const set of batch.sets) sets.push(set);
    for (const key of batch.deletes) deletes.push(key);
  }
  return { checks, sets, deletes };
}
