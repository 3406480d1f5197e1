/**
 * Reads every run from the store of a process that has died, with the engine's
 * own code.
 *
 * @module
 */
import { systemEffects } from "../engine/effects.ts";
import { Archive } from "../engine/run/archive.ts";
import type { Entry } from "../engine/run/journal.ts";
import { ARCHIVE } from "../engine/run/places.ts";
import { adoptedBy, isOnItsOwn, readNodes } from "../engine/run/nodes.ts";
import { placesOf } from "../engine/run/ownership.ts";
import { type Places, recover } from "../engine/run/recovery.ts";
import { openStore } from "../engine/store/open.ts";
import { scopedStore } from "../engine/store/scoped.ts";
import type { Store } from "../engine/store/store.ts";

/** The journal of every run of an application, by id. */
export type Journals = ReadonlyMap<string, readonly Entry[]>;

/**
 * Reads the journals in a store: the URL of one, or its file.
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
    const { runs } = await recover(store, await allStreams(store));
    const journals = new Map(runs.map(({ run, journal }) => [run.id, journal]));
    const archive = new Archive({ store, prefix: ARCHIVE });
    // A listing stops after so many values: the next one goes on below.
    let before: string | undefined;
    for (let mayGoOn = true; mayGoOn;) {
      const groups = archive.newestFirst(before);
      let next = await groups.next();
      for (; !next.done; next = await groups.next()) {
        for (const { summary: { id }, entries } of next.value) {
          journals.set(id, entries);
          if (before === undefined || id < before) before = id;
        }
      }
      mayGoOn = next.value;
    }
    return journals;
  } finally {
    await whole.close();
  }
}

/** The streams of all nodes, each behind those that it has adopted. */
async function allStreams(store: Store): Promise<readonly Places[]> {
  const nodes = await readNodes(store);
  return [...nodes.values()].filter((node) => isOnItsOwn(node, nodes))
    .flatMap(({ epoch }) => [...adoptedBy(epoch, nodes), epoch])
    .map(placesOf);
}
