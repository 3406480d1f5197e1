/**
 * What a node writes to: every commit requires that the node's row is as it left
 * it, so that nothing comes from one whose stream was adopted.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import type { Store } from "../store/store.ts";
import { Archive, type Ending } from "./archive.ts";
import { Checkpoints } from "./checkpoints.ts";
import { RunLog } from "./log.ts";
import type { Membership } from "./nodes.ts";
import { ARCHIVE, CHECKPOINTS, keyPlace, LOG } from "./places.ts";
import type { Places } from "./recovery.ts";
import type { Run } from "./run.ts";

/** The places that a node writes to. */
export interface Ownership {
  readonly node: Membership;
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

/** The places of a node. */
export function ownershipOf(
  node: Membership,
  options: OwnershipOptions,
): Ownership {
  const { epoch, fence } = node;
  const { store, effects: { clock }, live, onError, onFenced } = options;
  const log = new RunLog({
    ...{ store, clock, fence, epoch, onError, onFenced },
    ...{ prefix: [...LOG, epoch], archive: ARCHIVE },
  });
  const archive = new Archive({ store, prefix: ARCHIVE });
  const checkpoints = new Checkpoints({
    ...{ store, clock, fence, log, live, onError },
    segmentsMax: options.segmentsMax,
    prefix: [...CHECKPOINTS, epoch],
  });
  return { node, log, archive, checkpoints };
}

/** The places of a stream. */
export function placesOf(epoch: number): Places {
  return { log: [...LOG, epoch], checkpoints: [...CHECKPOINTS, epoch] };
}

/** What goes with the commit that ends a run. */
export function endingOf(
  run: Run,
  { checkpoints }: Pick<Ownership, "checkpoints">,
  retentionMs: number,
): Pick<Ending, "retentionMs" | "sets" | "deletes"> {
  const { id, accepted: { pipeline, idempotencyKey } } = run;
  const deletes = checkpoints.rowsOf(run);
  if (idempotencyKey === undefined) return { retentionMs, sets: [], deletes };
  const key = keyPlace(pipeline, idempotencyKey);
  // The key is free again when the run is forgotten.
  const expireInMs = Math.ceil(retentionMs);
  const sets = [{ key, value: { run: id }, expireInMs }];
  return { retentionMs, sets, deletes };
}
