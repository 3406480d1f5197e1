/**
 * One fact of the contract of stores, and what it takes to check it.
 *
 * @module
 */
import type { Store } from "./store.ts";

/** A store for one test, empty. */
export interface Opened {
  readonly store: Store;
  /** Moves the clock by which entries expire; absent if it is the system's. */
  readonly advance?: (ms: number) => void;
  /** Clears up after the store is closed. */
  readonly dispose?: () => Promise<void>;
}

/** Something that is true of every store. */
export interface Fact {
  /** Continues "The store …". */
  readonly text: string;
  readonly check: Check;
}

/** Throws if the fact does not hold. May close the store. */
export type Check = (store: Store, opened: Opened) => Promise<void>;

/** Writes a fact down. */
export function fact(text: string, check: Check): Fact {
  return { text, check };
}
