/**
 * Where runs stand, below their application's part of the store.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Key } from "../store/store.ts";

/** The last epoch that was given to a node. */
export const EPOCHS: Key = ["run", "epoch"];

/** Who writes a stream: an epoch. A commit that requires its version fences others off. */
export const NODES: Key = ["run", "node"];

/** Signs of life: an epoch. They are not in the rows of nodes, whose versions they would change. */
export const BEATS: Key = ["run", "beat"];

/** What is asked of runs that are live on another node: an epoch and an id. */
export const INBOX: Key = ["run", "inbox"];

/** Changes whenever something comes into the inbox of a node: an epoch. */
export const BELLS: Key = ["run", "bell"];

/** Why what was asked was refused: the id of what was in the inbox. */
export const REFUSALS: Key = ["run", "refusal"];

/** The log: an epoch and a number. */
export const LOG: Key = ["run", "log"];

/** Finished runs: a second, an epoch and a number. */
export const ARCHIVE: Key = ["run", "archive"];

/** Journals of unfinished runs that the log does not hold any more: an epoch and an id. */
export const CHECKPOINTS: Key = ["run", "checkpoint"];

/** The texts that runs are pinned to: a pipeline's id and a version. */
export const VERSIONS: Key = ["run", "version"];

/** The runs of idempotency keys: a pipeline's id and the hash of a key. */
const KEYS: Key = ["run", "key"];

/** The forks that take the place of runs: an id. */
export const SUPERSEDED: Key = ["run", "superseded"];

/** Breakpoints: an id. */
export const BREAKPOINTS: Key = ["run", "breakpoint"];

/** How many breakpoints were ever set; it changes whenever one does. */
export const BREAKPOINTS_HEAD: Key = ["run", "breakpoints"];

/** The place of an idempotency key; keys of any length and content fit. */
export function keyPlace(pipeline: string, key: string): Key {
  const hash = createHash("sha256").update(key, "utf8").digest("hex");
  return [...KEYS, pipeline, hash];
}
