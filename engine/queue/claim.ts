/**
 * Takes ready messages for one taker. A claim is a commit that requires every
 * message to be where it was: of two takers one wins.
 *
 * @module
 */
import type { Batch, Entry, Key, Version } from "../store/store.ts";
import type { QueueCore } from "./core.ts";
import { type Held, Holding } from "./holding.ts";
import { idOf, PRIORITY_DEFAULT, type Row } from "./row.ts";
import { CommitRoom } from "./size.ts";

/** How many messages one claim takes at most: each needs a check or two. */
export const CLAIM_MESSAGES_MAX = 48;

/** How many messages of one key one taker has at most. */
export const KEY_MESSAGES_MAX = 32;

/**
 * How far a claim looks past messages whose key is taken. If more of those stand
 * in front, what is behind them waits for the key.
 */
export const SCAN_MESSAGES_MAX = 512;

/** What a taker wants. */
export interface ClaimOptions {
  /** How many holdings. */
  readonly count: number;
  /** How many messages of one key may be in one. */
  readonly ofKey: number;
  readonly leaseMs: number;
}

/** Ready messages that may be taken together, in order. */
interface Candidate {
  readonly entries: Entry[];
  /** The turn of their key, as it is now. */
  readonly turn: Turn | undefined;
}

interface Turn {
  readonly key: Key;
  readonly version: Version | undefined;
  readonly first: string | undefined;
}

/** Takes what is ready; nothing if nothing is. */
export async function claim(
  core: QueueCore,
  options: ClaimOptions,
): Promise<Holding[]> {
  for (;;) {
    const candidates = await new Scan(core, options).run();
    if (candidates.length === 0) return [];
    const untilMs = core.world.clock.now() + options.leaseMs;
    const taken = candidates.map(({ entries }) => entries.map(take(core)));
    const result = await core.store.commit(
      batchOf(core, { candidates, taken, untilMs }),
    );
    // Another taker was faster: it has got on, so this cannot go on for ever.
    if (!result.ok) continue;
    const lease = { untilMs, version: result.version };
    return taken.map((held) => new Holding(core, held, lease));
  }
}

function take({ world }: QueueCore) {
  const now = world.clock.now();
  return ({ key, value }: Entry): Held => {
    const row = value as Row;
    const { attempts, firstAt = now } = row;
    return { id: idOf(key), row: { ...row, attempts: attempts + 1, firstAt } };
  };
}

function batchOf(
  { keys }: QueueCore,
  { candidates, taken, untilMs }: {
    readonly candidates: readonly Candidate[];
    readonly taken: readonly (readonly Held[])[];
    readonly untilMs: number;
  },
): Batch {
  const entries = candidates.flatMap(({ entries }) => entries);
  const turns = candidates.flatMap(({ turn, entries }) =>
    turn ? [{ ...turn, wanted: idOf(entries[0]?.key ?? []) }] : []
  );
  return {
    checks: [...entries, ...turns].map(({ key, version }) => ({
      key,
      version,
    })),
    sets: [
      ...taken.flat().map(({ id, row }) => ({
        key: keys.leasedRow(untilMs, id),
        value: row,
      })),
      ...turns.filter(({ first, wanted }) => first !== wanted)
        .map(({ key, wanted }) => ({ key, value: wanted })),
    ],
    deletes: entries.map(({ key }) => key),
  };
}

/** One look through what is ready. */
class Scan {
  readonly #core: QueueCore;
  readonly #options: ClaimOptions;
  readonly #candidates: Candidate[] = [];
  /** By key; nothing for one that somebody has. */
  readonly #ofKey = new Map<string, Candidate | undefined>();
  readonly #room: CommitRoom;
  #left = CLAIM_MESSAGES_MAX;

  constructor(core: QueueCore, options: ClaimOptions) {
    this.#core = core;
    this.#room = new CommitRoom(core.store.limits);
    this.#options = options;
  }

  async run(): Promise<Candidate[]> {
    const { keys, store } = this.#core;
    let scanned = 0;
    let after: Key | undefined;
    const { count, ofKey } = this.#options;
    const wanted = Math.min(count * ofKey, CLAIM_MESSAGES_MAX);
    while (
      this.#left > 0 && this.#candidates.length < count &&
      scanned < SCAN_MESSAGES_MAX
    ) {
      // What is ready can mostly be taken; only behind it a longer look pays.
      const limit = scanned === 0 ? wanted : SCAN_MESSAGES_MAX - scanned;
      const from = after === undefined ? {} : { after };
      const page = await Array.fromAsync(
        store.list({ prefix: keys.ready }, { limit, ...from }),
      );
      await this.#readTurns(page);
      for (const entry of page) this.#offer(entry);
      scanned += page.length;
      after = page.at(-1)?.key;
      if (page.length < limit) break;
    }
    return this.#candidates;
  }

  async #readTurns(page: readonly Entry[]): Promise<void> {
    const { keys, store } = this.#core;
    const fresh = new Set<string>();
    for (const { value } of page) {
      const { key } = value as Row;
      if (key !== undefined && !this.#ofKey.has(key)) fresh.add(key);
    }
    if (fresh.size === 0) return;
    const names = [...fresh];
    const turnKeys = names.map((name) => keys.turn(name));
    const turns = await store.getMany(turnKeys);
    // Who has the turn is first, wherever it stands; or somebody has it.
    const firsts = await store.getMany(
      turns.map((turn) =>
        keys.readyRow(
          { priority: PRIORITY_DEFAULT },
          turn === undefined ? "" : turn.value as string,
        )
      ),
    );
    names.forEach((name, i) => {
      const turn = turns[i];
      const first = firsts[i];
      if (turn !== undefined && first === undefined) {
        this.#ofKey.set(name, undefined);
        return;
      }
      const candidate: Candidate = {
        entries: [],
        turn: {
          key: keys.turn(name),
          version: turn?.version,
          first: turn?.value as string | undefined,
        },
      };
      this.#ofKey.set(name, candidate);
      if (first !== undefined) this.#add(candidate, first);
    });
  }

  #offer(entry: Entry): void {
    const { key } = entry.value as Row;
    if (key === undefined) {
      this.#add({ entries: [], turn: undefined }, entry);
      return;
    }
    const candidate = this.#ofKey.get(key);
    const last = candidate?.entries.at(-1);
    if (candidate === undefined) return;
    // What is older than the first of the turn was delayed, and comes later.
    if (last !== undefined && idOf(entry.key) <= idOf(last.key)) return;
    this.#add(candidate, entry);
  }

  #add(candidate: Candidate, entry: Entry): void {
    const ofKey = Math.min(this.#options.ofKey, KEY_MESSAGES_MAX);
    if (this.#left === 0 || candidate.entries.length >= ofKey) return;
    const isFirst = candidate.entries.length === 0;
    if (isFirst && this.#candidates.length >= this.#options.count) return;
    if (!this.#room.take(entry.value)) {
      // Nothing more: what is smaller and behind must not overtake.
      this.#left = 0;
      return;
    }
    if (isFirst) this.#candidates.push(candidate);
    candidate.entries.push(entry);
    this.#left--;
  }
}
