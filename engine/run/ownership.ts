/**
 * What a node writes to: every commit requires that the node's row is as it left
 * it, so that nothing comes from one whose stream was adopted.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import type { Store, Write } from "../store/store.ts";
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

/** A run that ends, as the log takes it. */
export function endingOf(
  run: Run,
  { checkpoints }: Pick<Ownership, "checkpoints">,
  retentionMs: number,
): Ending {
  const { id, entries, durable, accepted: { pipeline, idempotencyKey } } = run;
  const deletes = checkpoints.rowsOf(run);
  const sets = idempotencyKey === undefined ? NO_SETS : [{
    key: keyPlace(pipeline, idempotencyKey),
    value: { run: id },
    // The key is free again when the run is forgotten.
    expireInMs: Math.ceil(retentionMs),
  }];
  return { id, entries, retentionMs, isLogged: durable > 0, sets, deletes };
}

const NO_SETS: readonly Write[] = [];
