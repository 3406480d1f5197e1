/**
 * Who may write runs. Whoever takes them over ends the ownership of whoever had
 * them before: every commit of an owner requires that the owner's row is as it
 * left it.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import type { Check, Key, Store, Write } from "../store/store.ts";
import { Archive } from "./archive.ts";
import { Checkpoints } from "./checkpoints.ts";
import { RunLog } from "./log.ts";
import { ARCHIVE, CHECKPOINTS, keyPlace, LOG, OWNER } from "./places.ts";
import type { Run } from "./run.ts";

/** The places that an owner writes to. */
export interface Ownership {
  readonly log: RunLog;
  readonly archive: Archive;
  readonly checkpoints: Checkpoints;
}

/** What an ownership is made of. */
export interface OwnershipOptions {
  readonly store: Store;
  readonly effects: Effects;
  /** The runs that are not over. */
  readonly live: ReadonlyMap<string, Run>;
  /** How long the log may be. @default {SEGMENTS_MAX} */
  readonly segmentsMax?: number | undefined;
  readonly onError: (message: string) => void;
  readonly onFenced: () => void;
}

/** Whether anybody has ever owned runs here. */
export async function isOwnedBefore(store: Store): Promise<boolean> {
  return await store.get(OWNER) !== undefined;
}

/** Becomes the owner; whoever was it can commit nothing more. */
export async function takeOver(options: OwnershipOptions): Promise<Ownership> {
  const { store, effects: { clock, ids }, live, onError, onFenced } = options;
  const { epoch, fence } = await claim(store, ids.next());
  const log = new RunLog({
    ...{ store, clock, fence, onError, onFenced },
    prefix: [...LOG, epoch],
  });
  const archive = new Archive({
    ...{ store, clock, fence, epoch, onError },
    prefix: ARCHIVE,
    unneeded: (most) => log.takeUnpinned(most),
    onRemoved: () => log.removed(true),
  });
  const checkpoints = new Checkpoints({
    ...{ store, clock, fence, log, live, onError },
    segmentsMax: options.segmentsMax,
    prefix: CHECKPOINTS,
  });
  return { log, archive, checkpoints };
}

async function claim(
  store: Store,
  owner: string,
): Promise<{ readonly epoch: number; readonly fence: Check }> {
  while (true) {
    const entry = await store.get(OWNER);
    const before = entry?.value as { readonly epoch?: number } | undefined;
    const epoch = (before?.epoch ?? 0) + 1;
    const result = await store.commit({
      checks: [{ key: OWNER, version: entry?.version }],
      sets: [{ key: OWNER, value: { epoch, owner } }],
    });
    if (result.ok) {
      return { epoch, fence: { key: OWNER, version: result.version } };
    }
  }
}

/**
 * Hands a run that is over to the archive. At once: there is no moment at which
 * nobody knows the run, or a second start with its key would begin it again.
 */
export function keep(
  run: Run,
  { archive }: Ownership,
  retentionMs: number,
): void {
  const { id, accepted } = run;
  const deletes: Key[] = run.checkpointed > 0 ? [[...CHECKPOINTS, id]] : [];
  // The key is free again when the run is forgotten.
  const expireInMs = Math.ceil(retentionMs);
  const { pipeline, idempotencyKey } = accepted;
  const sets: Write[] = idempotencyKey === undefined ? [] : [{
    key: keyPlace(pipeline, idempotencyKey),
    value: { run: id },
    expireInMs,
  }];
  // The run itself is not held: thousands may wait to be kept.
  const { entries, pin } = run;
  run.pin = undefined;
  archive.add({
    ...{ id, entries, retentionMs, deletes, sets },
    onKept: () => {
      if (pin !== undefined) pin.pins--;
    },
  });
}
