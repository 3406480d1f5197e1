/**
 * Brings back what is due: messages whose delay is over, and those whose taker
 * let the lease run out.
 *
 * @module
 */
import type { Check, Entry, Key, Write } from "../store/store.ts";
import { deadWork, type QueueCore, untried } from "./core.ts";
import { idOf, type Row } from "./row.ts";
import { CommitRoom } from "./size.ts";

/**
 * How many messages come back in one commit. More than one taker has of a key, so
 * that those come back together.
 */
const PAGE = 45;

/** What is said of a message whose last lease ran out. */
const LEASE_RAN_OUT =
  "Its lease ran out: the handler took too long, or its process died";

/** Brings back what is due; resolves to when the next one is. */
export async function returnDue(core: QueueCore): Promise<number> {
  const delayed = await returnAll(core, core.keys.delayed, returnDelayed);
  const leased = await returnAll(core, core.keys.leased, returnLeased);
  return Math.min(delayed, leased);
}

type Return = (core: QueueCore, page: readonly Entry[]) => Promise<void>;

async function returnAll(
  core: QueueCore,
  prefix: Key,
  returnPage: Return,
): Promise<number> {
  for (;;) {
    const page = await Array.fromAsync(
      core.store.list({ prefix }, { limit: PAGE }),
    );
    const now = core.world.clock.now();
    const due = page.filter(({ key }) => timeOf(key) <= now);
    const fitting = thatFit(core, due);
    const isAll = fitting.length === due.length && due.length < PAGE;
    if (due.length > 0) {
      await returnPage(core, isAll ? due : wholeKeys(fitting));
    }
    if (fitting.length < due.length) continue;
    const next = page[due.length];
    if (next !== undefined) return timeOf(next.key);
    if (page.length < PAGE) return Infinity;
  }
}

async function returnDelayed(core: QueueCore, page: readonly Entry[]) {
  const { keys, store } = core;
  // Where somebody else has been faster, the next look shows what is left.
  await store.commit({
    checks: page.map(({ key, version }) => ({ key, version })),
    sets: page.map(({ key, value }) => ({
      key: keys.readyRow(rowOf(value), idOf(key)),
      value,
    })),
    deletes: page.map(({ key }) => key),
  });
}

async function returnLeased(core: QueueCore, page: readonly Entry[]) {
  const { keys, store, deadLetters, depth, settings } = core;
  const checks: Check[] = page.map(({ key, version }) => ({ key, version }));
  const sets: Write[] = [];
  const deletes: Key[] = page.map(({ key }) => key);
  const turns = await turnsOf(core, page);
  let dead = 0;
  for (const { key, value } of page) {
    const id = idOf(key);
    const row = rowOf(value);
    const turn = row.key === undefined ? undefined : turns.get(row.key);
    if (turn !== undefined && turn !== id) {
      // Only the first of a key can have been begun.
      sets.push({ key: keys.readyRow(row, id), value: untried(row) });
    } else if (row.attempts < settings().attemptsMax) {
      const value = { ...row, error: LEASE_RAN_OUT };
      sets.push({ key: keys.readyRow(row, id), value });
    } else {
      sets.push(
        ...deadLetters.burial(deadWork(core, id, row, LEASE_RAN_OUT)),
      );
      // Those behind it are back as well, so that nobody holds the key.
      if (row.key !== undefined) deletes.push(keys.turn(row.key));
      dead++;
    }
  }
  const result = await store.commit({ checks, sets, deletes });
  if (result.ok) depth.add(-dead);
}

/** The id of the first unfinished message of each key. */
async function turnsOf(
  { keys, store }: QueueCore,
  page: readonly Entry[],
): Promise<Map<string, string | undefined>> {
  const names = [
    ...new Set(page.flatMap(({ value }) => rowOf(value).key ?? [])),
  ];
  const turns = await store.getMany(names.map((name) => keys.turn(name)));
  return new Map(
    names.map((name, i) => [name, turns[i]?.value as string | undefined]),
  );
}

/** As many as go into one commit, from the first on. */
function thatFit(
  { store }: QueueCore,
  page: readonly Entry[],
): readonly Entry[] {
  const room = new CommitRoom(store.limits);
  const end = page.findIndex(({ value }) => !room.take(value));
  return end < 0 ? page : page.slice(0, end);
}

/** Leaves the last key of a page for the next one, where all of it fits. */
function wholeKeys(page: readonly Entry[]): readonly Entry[] {
  const last = page.at(-1);
  if (last === undefined) return page;
  const { key } = rowOf(last.value);
  if (key === undefined) return page;
  const rest = page.filter(({ value }) => rowOf(value).key !== key);
  return rest.length > 0 ? rest : page;
}

/** The time in the key of a delayed or a leased message. */
function timeOf(key: Key): number {
  return key.at(-2) as number;
}

function rowOf(value: Entry["value"]): Row {
  // Only queues write under these keys.
  return value as Row;
}
