/**
 * Reads every run from the store of a process that has died, with the engine's
 * own code.
 *
 * @module
 */
import { systemEffects } from "../engine/effects.ts";
import { Archive } from "../engine/run/archive.ts";
import type { Entry } from "../engine/run/journal.ts";
import { ARCHIVE, CHECKPOINTS, EPOCHS, LOG } from "../engine/run/places.ts";
import { recover } from "../engine/run/recovery.ts";
import { openStore } from "../engine/store/open.ts";
import { scopedStore } from "../engine/store/scoped.ts";

/** The journal of every run of an application, by id. */
export type Journals = ReadonlyMap<string, readonly Entry[]>;

/**
 * Reads the journals in a store's file.
 *
 * @throws {Error} The store does not open.
 */
export async function keptRuns(
  path: string,
  application: string,
): Promise<Journals> {
  const { clock } = systemEffects();
  const whole = await openStore(path, { now: clock.now });
  try {
    const store = scopedStore(whole, ["app", application]);
    const places = { log: LOG, checkpoints: CHECKPOINTS };
    const { runs } = await recover(store, [places]);
    const journals = new Map(runs.map(({ run, journal }) => [run.id, journal]));
    const archive = new Archive({
      ...{ store, clock, prefix: ARCHIVE, epoch: 0 },
      fence: { key: EPOCHS, version: undefined },
      unneeded: () => [],
      onRemoved: () => {},
      onError: (message) => {
        throw new Error(message);
      },
    });
    for await (const group of archive.newestFirst(undefined)) {
      for (const { summary, entries } of group) {
        journals.set(summary.id, entries);
      }
    }
    return journals;
  } finally {
    await whole.close();
  }
}
