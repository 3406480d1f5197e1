/**
 * Keeps the log short. A run that waits for long would hold every segment since
 * its beginning: its journal is copied into a row of its own, and the segments go.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf } from "../errors.ts";
import type { Check, Key, Store, Write } from "../store/store.ts";
import type { RunLog, Segment } from "./log.ts";
import type { Run } from "./run.ts";

/** Segments that the log may have before old ones are emptied. */
export const SEGMENTS_MAX = 256;

/** Segments that are emptied at a time. */
const EMPTIED = 64;

/** How often a log that is long is looked at, in milliseconds. */
const LOOK_MS = 1_000;

/** Runs, and characters, in one commit. */
const COMMIT_RUNS_MAX = 100;
const COMMIT_CHARACTERS_MAX = 200_000;

/** What checkpoints need. */
export interface CheckpointOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly prefix: Key;
  readonly fence: Check;
  readonly log: RunLog;
  readonly live: ReadonlyMap<string, Run>;
  readonly onError: (message: string) => void;
  /** @default {SEGMENTS_MAX} */
  readonly segmentsMax?: number | undefined;
}

/** See the module comment. */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  /** Runs that are over, whose rows may have come too late to go with their end. */
  readonly #left = new Set<Run>();
  /** The same, as long as their end is not durable. */
  readonly #leaving = new Set<Run>();
  /** Ends the wait for the next look; absent while there is none. */
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: CheckpointOptions) {
    this.#options = options;
    options.log.onLonger = () => this.#arm();
  }

  /** A run needs the log no more. */
  release(run: Run): void {
    if (run.pin === undefined) return;
    run.pin.pins--;
    run.pin = undefined;
  }

  /** A run is over, durably. */
  ended(run: Run): void {
    this.release(run);
    if (this.#leaving.delete(run)) this.leave([run]);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** Removes the rows of runs that are kept elsewhere, soon. */
  leave(runs: Iterable<Run>): void {
    for (const run of runs) this.#left.add(run);
    this.#arm();
  }

  async #forget(runs: Iterable<Run>): Promise<void> {
    const { store, fence } = this.#options;
    const rest = [...runs];
    while (rest.length > 0) {
      const deletes = rest.splice(0, COMMIT_RUNS_MAX)
        .flatMap((run) => this.rowsOf(run));
      await store.commit({ checks: [fence], deletes });
    }
  }

  /** The checkpoints that there may be of a run. */
  rowsOf({ id, checkpointed, earlier }: Run): readonly Key[] {
    const { prefix } = this.#options;
    return checkpointed > 0 ? [...earlier, [...prefix, id]] : earlier;
  }

  /** Empties the oldest segments, if there are too many, and removes them. */
  async look(): Promise<void> {
    if (this.#left.size > 0) {
      const left = [...this.#left];
      await this.#forget(left);
      for (const run of left) this.#left.delete(run);
    }
    const { log, store, fence, segmentsMax = SEGMENTS_MAX } = this.#options;
    while (log.length > segmentsMax && !this.#isClosed) {
      const oldest = new Set(log.oldest(EMPTIED));
      await this.#empty(oldest);
      const deletes = log.takeUnpinned(EMPTIED);
      if (deletes.length === 0) return;
      let areGone = false;
      try {
        areGone = (await store.commit({ checks: [fence], deletes })).ok;
      } finally {
        log.removed(areGone);
      }
    }
  }

  /** Nothing wakes up for a log that is short. */
  #arm(): void {
    if (this.#isClosed || this.#cancel !== undefined) return;
    const { log, segmentsMax = SEGMENTS_MAX } = this.#options;
    if (log.length <= segmentsMax / 2 && this.#left.size === 0) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.look()
        .catch((error) =>
          this.#options.onError(`Cannot shorten the log: ${messageOf(error)}`)
        )
        .finally(() => {
          this.#cancel = undefined;
          this.#arm();
        });
    });
  }

  async #empty(segments: ReadonlySet<Segment>): Promise<void> {
    let batch: Run[] = [];
    let characters = 0;
    for (const run of [...this.#options.live.values()]) {
      if (run.pin === undefined || !segments.has(run.pin)) continue;
      for (const entry of run.entries) characters += entry.length;
      batch.push(run);
      const isFull = batch.length >= COMMIT_RUNS_MAX ||
        characters >= COMMIT_CHARACTERS_MAX;
      if (!isFull) continue;
      await this.#copy(batch);
      batch = [];
      characters = 0;
    }
    await this.#copy(batch);
  }

  async #copy(runs: readonly Run[]): Promise<void> {
    const { store, prefix, fence } = this.#options;
    // What is not written yet is not promised, and comes with the log.
    const copied = runs
      .filter((run) => run.pin !== undefined && run.inFlight === 0)
      .map((run) => ({
        run,
        entries: run.entries.slice(0, run.entries.length - run.unwritten),
      }));
    if (copied.length === 0) return;
    const sets = copied.map(({ run, entries }): Write => ({
      key: [...prefix, run.id],
      value: { entries },
    }));
    // In one commit: of two checkpoints one would grow old unseen.
    const deletes = copied.flatMap(({ run }) => run.earlier);
    // First: whoever keeps a run that ends meanwhile removes the row as well.
    for (const { run, entries } of copied) run.checkpointed = entries.length;
    try {
      const { ok } = await store.commit({
        ...{ checks: [fence], sets, deletes },
      });
      if (!ok) return;
      for (const { run } of copied) run.earlier = [];
    } finally {
      for (const { run } of copied) {
        if (this.#options.live.get(run.id) !== run) this.#left.add(run);
        else if (run.isEnding) this.#leaving.add(run);
      }
    }
    for (const { run, entries } of copied) {
      // What was written meanwhile follows the checkpoint, in a later segment.
      const isWhole = run.entries.length - run.unwritten === entries.length &&
        run.inFlight === 0;
      if (isWhole) this.release(run);
    }
  }
}
