/**
 * A store that fails at chosen commits, as if the power went or the line broke.
 *
 * @module
 */
import type { Batch, Store } from "../engine/store/store.ts";

/** What becomes of a commit, of its answer, and of the process. */
export interface Fault {
  readonly isApplied: boolean;
  /** Without an answer: this call and every later one waits for ever. */
  readonly isAnswered: boolean;
}

/** Every kind of fault, by what it is called. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "dies before": { isApplied: false, isAnswered: false },
  "dies right after": { isApplied: true, isAnswered: false },
  "hears of a failure of": { isApplied: false, isAnswered: true },
  "hears of a failure after": { isApplied: true, isAnswered: true },
};

/** A store that fails, and what it knows. */
export interface FaultyStore {
  readonly store: Store;
  /** How many commits were asked for. */
  readonly commits: () => number;
  /** Resolves at a fault that nobody survives. */
  readonly died: Promise<void>;
}

/** Fails at the commits, counted from 1, for which `faultAt` says so. */
export function faultyStore(
  store: Store,
  faultAt: (commit: number) => Fault | undefined,
): FaultyStore {
  const death = Promise.withResolvers<void>();
  let commits = 0;
  let isDead = false;
  function alive<T>(call: () => Promise<T>): Promise<T> {
    return isDead ? new Promise<T>(() => {}) : call();
  }
  async function* list(...args: Parameters<Store["list"]>) {
    for await (const entry of store.list(...args)) {
      yield await alive(() => Promise.resolve(entry));
    }
  }
  async function commit(batch: Batch) {
    const fault = faultAt(++commits);
    if (fault === undefined) return await store.commit(batch);
    if (fault.isApplied) await store.commit(batch);
    if (fault.isAnswered) throw new Error("The line to the store broke");
    isDead = true;
    death.resolve();
    return await new Promise<never>(() => {});
  }
  return {
    store: {
      limits: store.limits,
      get: (key) => alive(() => store.get(key)),
      getMany: (keys) => alive(() => store.getMany(keys)),
      list,
      watch: (keys, signal) => store.watch(keys, signal),
      commit: (batch) => alive(() => commit(batch)),
      close: () => Promise.resolve(),
    },
    commits: () => commits,
    died: death.promise,
  };
}
