/**
 * What must hold in a world that has come to rest.
 *
 * @module
 */
import { endOf, type Entry } from "../run/journal.ts";
import { CHECKPOINTS, LOG } from "../run/places.ts";
import type { Store } from "../store/store.ts";
import type { Callers } from "./callers.ts";
import { historyFaults } from "./history.ts";
import type { Scheduler } from "./scheduler.ts";
import {
  SEGMENTS_ALLOWED,
  type SimulatedProcess,
} from "./simulated_process.ts";
import type { Witness } from "./witness.ts";

/** What is looked at. */
export interface Verified {
  readonly store: Store;
  readonly witness: Witness;
  readonly callers: Callers;
  readonly scheduler: Scheduler;
  /** How many processes are at work at a time. */
  readonly nodes: number;
  readonly violate: (violation: string) => void;
}

/** Everybody has an answer, and the store holds nothing that nobody needs. */
export async function verifyRest(
  { store, witness, callers, nodes, violate }: Verified,
): Promise<void> {
  for (const [call, to] of callers.open) {
    if (witness.isAtWork(to.epoch)) {
      violate(`${call} got no answer`);
    }
  }
  const segments = await Array.fromAsync(store.list({ prefix: LOG }));
  if (segments.length > nodes * (SEGMENTS_ALLOWED + 1)) {
    violate(
      `The log has ${segments.length} segments, and no run needs them`,
    );
  }
  const left = await Array.fromAsync(
    store.list({ prefix: CHECKPOINTS }),
  );
  for (const { key } of left) {
    violate(
      `The checkpoint of ${key.at(-1)} is left, and its run is over`,
    );
  }
}

/** Every run is found with its own journal, which leads to its end. */
export async function verifyRuns(
  process: SimulatedProcess,
  { witness, callers, scheduler, violate }: Verified,
): Promise<void> {
  for (const id of callers.promised) {
    if (!witness.archived.has(id)) {
      violate(`Run ${id} was promised and is not kept`);
    }
  }
  for (const [id, journal] of witness.journals) {
    const read = process.runs.get(id);
    let entries: readonly Entry[] | undefined;
    let isRead = false;
    read.then((view) => entries = view?.entries)
      .finally(() => isRead = true);
    await scheduler.run(() => isRead, 10_000);
    if (entries === undefined) {
      violate(`Run ${id} is not found any more`);
      continue;
    }
    if (
      JSON.stringify(entries.map((e) => JSON.stringify(e))) !==
        JSON.stringify(journal)
    ) {
      violate(`Run ${id} is found with a journal that is not its own`);
    }
    const [accepted] = entries;
    const program = accepted?.kind === "accepted"
      ? process.runs.programs.current(accepted.pipeline)
      : undefined;
    for (const fault of historyFaults(id, entries, program)) {
      violate(fault);
    }
    if (endOf(entries) === undefined) {
      violate(`Run ${id} is kept without its end`);
    }
  }
}

/** Every breakpoint that was set and not removed is there, and no other. */
export async function verifyBreakpoints(
  process: SimulatedProcess,
  { witness, scheduler, violate }: Verified,
): Promise<void> {
  let ids: readonly string[] | undefined;
  process.runs.breakpoints.list()
    .then((all) => ids = all.map(({ id }) => id));
  await scheduler.run(() => ids !== undefined, 10_000);
  const found = (ids ?? []).toSorted().join(", ");
  const kept = [...witness.breakpoints].toSorted().join(", ");
  if (found !== kept) {
    violate(`There are the breakpoints ${found}, and should be ${kept}`);
  }
}
