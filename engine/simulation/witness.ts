/**
 * Sees every commit at the moment at which it is done, and says what must not
 * have happened: an entry that is written twice, a write of an owner who was
 * replaced, a run that is kept twice.
 *
 * @module
 */
import { type Entry, isEnd } from "../run/journal.ts";
import { OVER } from "../run/log.ts";
import { Pauses } from "../run/machine_pauses.ts";
import {
  ARCHIVE,
  BREAKPOINTS,
  CHECKPOINTS,
  LOG,
  NODES,
} from "../run/places.ts";
import type { Batch, Committed, Conflict, Key, Value } from "../store/store.ts";

/** See the module comment. */
export class Witness {
  /** The journals as they are durable, by run. */
  readonly journals = new Map<string, string[]>();
  /** Steps whose completion is durable: a run and a path. */
  readonly completed = new Set<string>();
  /** Runs that are kept, with the key of the value that holds them. */
  readonly archived = new Map<string, string>();
  /** Runs by idempotency key: a pipeline and a key. */
  readonly keyed = new Map<string, Set<string>>();
  /** Runs that are paused, durably, and the step at which they are. */
  readonly paused = new Map<string, string>();
  /** The breakpoints that there are. */
  readonly breakpoints = new Set<string>();
  /** Those that there ever were. */
  readonly breakpointsSet = new Set<string>();
  readonly #say: (violation: string) => void;
  readonly #pauses = new Map<string, Pauses>();
  readonly #decoder = new TextDecoder();
  /** The versions of the rows of nodes that may write, by epoch. */
  readonly #atWork = new Map<number, string>();
  #epoch = 0;

  constructor(say: (violation: string) => void) {
    this.#say = say;
  }

  /** The epoch of the node that has come last. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether a node may write: it has neither ended nor been adopted. */
  isAtWork(epoch: number): boolean {
    return this.#atWork.has(epoch);
  }

  /** Takes in a commit that was asked for by a process. */
  see(batch: Batch, result: Committed | Conflict, process: string): void {
    if (!result.ok) return;
    const touched = [
      ...(batch.sets ?? []).map(({ key }) => key),
      ...batch.deletes ?? [],
    ];
    const isOwners = touched.some((key) =>
      isUnder(key, LOG) || isUnder(key, ARCHIVE) || isUnder(key, CHECKPOINTS)
    );
    const writer = this.#writerOf(batch);
    if (isOwners && writer === undefined) {
      this.#say(`${process} wrote without being the owner of a stream`);
    }
    for (const { key } of batch.sets ?? []) {
      const isOfStream = isUnder(key, LOG) || isUnder(key, CHECKPOINTS);
      if (!isOfStream || writer === undefined || key[2] === writer) continue;
      this.#say(`${process} wrote to stream ${key[2]}, which is not its own`);
    }
    for (const key of batch.deletes ?? []) {
      if (isUnder(key, NODES)) this.#atWork.delete(Number(key[2]));
      if (isUnder(key, BREAKPOINTS)) this.breakpoints.delete(String(key[2]));
    }
    for (const { key } of batch.sets ?? []) {
      if (isUnder(key, BREAKPOINTS)) this.#seeBreakpoint(String(key[2]));
    }
    const kept = new Map<string, Kept>();
    const over = new Set<string>();
    for (const { key, value } of batch.sets ?? []) {
      if (isUnder(key, NODES)) this.#seeNode(Number(key[2]), value, result);
      if (!(value instanceof Uint8Array)) continue;
      const lines = this.#decoder.decode(value).split("\n").slice(0, -1);
      if (isUnder(key, LOG)) lines.forEach((line) => this.#seeLine(line, over));
      if (isUnder(key, ARCHIVE)) {
        for (const line of lines) collect(line, JSON.stringify(key), kept);
      }
    }
    for (const id of over) {
      if (!kept.has(id)) {
        this.#say(`The log says that run ${id} is over, and it is not kept`);
      }
    }
    for (const [id, run] of kept) this.#seeKept(id, run, over);
  }

  #seeNode(epoch: number, value: Value, { version }: Committed): void {
    const row = value as {
      readonly isLeft?: boolean;
      readonly adoptedBy?: number;
    };
    if (row.isLeft || row.adoptedBy !== undefined) {
      this.#atWork.delete(epoch);
      return;
    }
    if (epoch <= this.#epoch) {
      this.#say(`The epoch ${epoch} was given to a second node`);
    }
    this.#epoch = epoch;
    this.#atWork.set(epoch, version);
  }

  #seeBreakpoint(id: string): void {
    if (!this.breakpoints.has(id) && this.breakpointsSet.has(id)) {
      this.#say(`The breakpoint ${id} was removed, and has come back`);
    }
    this.breakpoints.add(id);
    this.breakpointsSet.add(id);
  }

  /** The node that a commit required to be at work. */
  #writerOf({ checks = [] }: Batch): number | undefined {
    for (const { key, version } of checks) {
      const epoch = Number(key[2]);
      const isFence = isUnder(key, NODES) && version !== undefined;
      if (isFence && this.#atWork.get(epoch) === version) return epoch;
    }
    return undefined;
  }

  #seeLine(line: string, over: Set<string>): void {
    const [id = "", place = ""] = line.split(" ", 2);
    if (place === OVER) return void over.add(id);
    const json = line.slice(id.length + place.length + 2);
    const journal = this.journals.get(id) ?? [];
    this.journals.set(id, journal);
    const index = Number(place);
    if (index < journal.length) {
      this.#say(
        `Entry ${index} of run ${id} was written twice: ${
          journal[index]
        } and ${json}`,
      );
      return;
    }
    if (index > journal.length) {
      this.#say(
        `Entry ${index} of run ${id} was written, and entry ${journal.length} was not`,
      );
      return;
    }
    this.#take(id, json, journal);
  }

  #take(id: string, json: string, journal: string[]): void {
    journal.push(json);
    const entry = JSON.parse(json) as Entry;
    if (entry.kind === "step.completed") {
      this.completed.add(`${id} ${entry.step}`);
    }
    this.#seePause(id, entry);
    if (entry.kind !== "accepted" || entry.idempotencyKey === undefined) return;
    const name = `${entry.pipeline} ${entry.idempotencyKey}`;
    const runs = this.keyed.get(name) ?? new Set();
    this.keyed.set(name, runs.add(id));
    if (runs.size > 1) {
      this.#say(
        `The idempotency key ${name} has the runs ${[...runs].join(", ")}`,
      );
    }
  }

  /** Takes in where a run stands. */
  #seePause(id: string, entry: Entry): void {
    let pauses = this.#pauses.get(id);
    if (pauses === undefined) {
      const { kind } = entry;
      if (kind !== "paused" && kind !== "cancel" && kind !== "timeout") return;
      this.#pauses.set(id, pauses = new Pauses());
    }
    pauses.take(entry);
    if (pauses.pause === undefined || isEnd(entry)) this.paused.delete(id);
    else this.paused.set(id, pauses.pause.step);
  }

  #seeKept(
    id: string,
    { keys, entries }: Kept,
    over: ReadonlySet<string>,
  ): void {
    const key = keys.join();
    const before = this.archived.get(id);
    this.archived.set(id, key);
    // A retry of one commit writes the same value under the same key.
    if (before === key) return;
    const first = entries.lastIndexOf(entries[0] ?? "");
    if (before !== undefined || first > 0) {
      this.#say(`Run ${id} is kept twice, under ${before ?? key} and ${key}`);
    }
    const journal = this.journals.get(id) ?? [];
    const isSame = journal.every((json, index) => json === entries[index]);
    if (!isSame) {
      this.#say(
        `Run ${id} is kept with ${entries.length} entries that do not begin with its journal of ${journal.length}`,
      );
      return;
    }
    if (journal.length > 0 && !over.has(id)) {
      this.#say(`Run ${id} is kept, and the log does not say that it is over`);
    }
    this.journals.set(id, journal);
    for (const json of entries.slice(journal.length)) {
      this.#take(id, json, journal);
    }
  }
}

/** A run as one commit keeps it. */
interface Kept {
  readonly keys: string[];
  readonly entries: string[];
}

/** A long run has several lines. */
function collect(line: string, key: string, kept: Map<string, Kept>): void {
  const space = line.indexOf(" ");
  const id = line.slice(0, space);
  const run = kept.get(id) ?? { keys: [], entries: [] };
  kept.set(id, run);
  run.keys.push(key);
  const entries = JSON.parse(line.slice(space + 1)) as readonly unknown[];
  run.entries.push(...entries.map((entry) => JSON.stringify(entry)));
}

function isUnder(key: Key, prefix: Key): boolean {
  return prefix.every((part, index) => key[index] === part);
}
