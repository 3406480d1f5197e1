/**
 * Runs that are over, with their journals. They leave the log for values of
 * their own, keyed by the second in which each run was accepted: a run is found
 * by its id, lists go from the newest to the oldest, and what has been kept long
 * enough expires.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf } from "../errors.ts";
import type { Check, Entry, Key, Store, Write } from "../store/store.ts";
import { timeOfId } from "./ids.ts";
import type { Entry as JournalEntry } from "./journal.ts";
import type { RunSummary } from "./run.ts";

/** Characters of one value. */
const VALUE_CHARACTERS = 48_000;

/** Runs in one commit. */
const COMMIT_RUNS_MAX = 400;

/** Characters in one commit, unless one run alone has more. */
const COMMIT_CHARACTERS_MAX = 250_000;

/** How long a finished run may wait for others, in milliseconds. */
const DELAY_MS = 50;

/** The longest wait between attempts at a commit, in milliseconds. */
const RETRY_MS_MAX = 5_000;

/** Values that one call of `newestFirst` reads, and then those of the same second. */
export const LIST_VALUES_MAX = 2_000;

/** A run that is over, as it is kept. */
export interface ArchivedRun {
  readonly summary: RunSummary;
  readonly entries: readonly JournalEntry[];
}

/** A run that is to be kept. */
export interface Finished {
  readonly summary: RunSummary;
  /** Its journal, an entry each, as JSON. */
  readonly entries: readonly string[];
  readonly retentionMs: number;
  /** Goes with the same commit. */
  readonly deletes: readonly Key[];
  readonly sets: readonly Write[];
  /** Called once it is durable. */
  readonly onKept: () => void;
}

/** What an archive needs. */
export interface ArchiveOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly prefix: Key;
  /** Tells apart what several owners write. */
  readonly epoch: number;
  /** Must hold for every commit. */
  readonly fence: Check;
  /** Keys that may go along: parts of the log that nobody needs any more. */
  readonly unneeded: (most: number) => readonly Key[];
  /** Called once what `unneeded` gave is gone. */
  readonly onRemoved: () => void;
  readonly onError: (message: string) => void;
}

/** See the module comment. */
export class Archive {
  readonly #options: ArchiveOptions;
  #waiting: Finished[] = [];
  /** Under way to the store. */
  #writing: readonly Finished[] = [];
  #work: Promise<void> | undefined;
  #isArmed = false;
  #isClosed = false;
  #next = 1;
  #drained: (() => void)[] = [];

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** How many runs are over and not yet kept. */
  get pending(): number {
    return this.#waiting.length + this.#writing.length;
  }

  /** Keeps a run, soon. Until then it is found all the same. */
  add(finished: Finished): void {
    this.#waiting.push(finished);
    if (this.#waiting.length >= COMMIT_RUNS_MAX) this.#start();
    else if (!this.#isArmed) {
      this.#isArmed = true;
      this.#options.clock.after(DELAY_MS, () => {
        this.#isArmed = false;
        this.#start();
      });
    }
  }

  /** Resolves when no more than `most` runs wait. */
  async drained(most: number): Promise<void> {
    while (this.pending > most && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#drained.push(resolve);
        this.#start();
      });
    }
  }

  /** Keeps what waits and takes nothing more. */
  async close(): Promise<void> {
    this.#start();
    await this.#work;
    this.#isClosed = true;
  }

  /** One run, if it is kept here. */
  async get(id: string): Promise<ArchivedRun | undefined> {
    const found = this.#unwritten().find(({ summary }) => summary.id === id);
    if (found !== undefined) return asArchived(found);
    const second = secondOf(id);
    if (second === undefined) return undefined;
    const needle = `"id":"${id}"`;
    for await (const { value } of this.#values(second)) {
      for (const line of linesOf(value)) {
        if (!line.includes(needle)) continue;
        const run = JSON.parse(line) as ArchivedRun;
        if (run.summary.id === id) return run;
      }
    }
    return undefined;
  }

  /** Of these runs, those that are kept. */
  async known(ids: Iterable<string>): Promise<ReadonlySet<string>> {
    const wanted = new Map<number, Set<string>>();
    for (const id of ids) {
      const second = secondOf(id);
      if (second === undefined) continue;
      const group = wanted.get(second) ?? new Set();
      wanted.set(second, group.add(id));
    }
    const found = new Set<string>();
    for (const [second, group] of wanted) {
      for await (const { value } of this.#values(second)) {
        for (const line of linesOf(value)) {
          const { summary } = JSON.parse(line) as ArchivedRun;
          if (group.has(summary.id)) found.add(summary.id);
        }
      }
    }
    return found;
  }

  /**
   * Runs with an id below `before`, the newest first, group by group of those
   * that were accepted in the same second. Returns whether it has stopped at
   * `LIST_VALUES_MAX`, so that older ones may follow.
   */
  async *newestFirst(
    before: string | undefined,
  ): AsyncGenerator<readonly ArchivedRun[], boolean, void> {
    let group: ArchivedRun[] = [];
    let second: unknown;
    let values = 0;
    const unwritten = this.#unwritten().map(asArchived);
    const { store, prefix } = this.#options;
    const last = before === undefined ? Infinity : secondOf(before) ?? Infinity;
    const range = {
      start: [...prefix, -Infinity],
      end: [...prefix, last === Infinity ? Infinity : last + 1],
    };
    const end = function* () {
      const ids = new Set<string>();
      const runs = group
        .filter(({ summary: { id } }) => before === undefined || id < before)
        .toSorted((a, b) => a.summary.id < b.summary.id ? 1 : -1)
        .filter(({ summary: { id } }) => !ids.has(id) && ids.add(id));
      group = [];
      if (runs.length > 0) yield runs;
    };
    for await (const entry of store.list(range, { reverse: true })) {
      const at = entry.key[prefix.length];
      if (at !== second) {
        yield* this.#newer(unwritten, Number(at), before);
        yield* end();
        // Between two seconds only: within one the order is another.
        if (values >= LIST_VALUES_MAX) return true;
        second = at;
      }
      values++;
      group.push(
        ...linesOf(entry.value).map((line) => JSON.parse(line) as ArchivedRun),
      );
      for (let i = unwritten.length - 1; i >= 0; i--) {
        const run = unwritten[i];
        if (run && secondOf(run.summary.id) === at) {
          group.push(run);
          unwritten.splice(i, 1);
        }
      }
    }
    yield* end();
    yield* this.#newer(unwritten, -Infinity, before);
    return false;
  }

  /** Runs that are not written yet and are of a later second. */
  *#newer(
    unwritten: ArchivedRun[],
    second: number,
    before: string | undefined,
  ): Generator<readonly ArchivedRun[], void, void> {
    const newer = unwritten.filter(({ summary: { id } }) =>
      (secondOf(id) ?? 0) > second
    );
    for (const run of newer) unwritten.splice(unwritten.indexOf(run), 1);
    const runs = newer
      .filter(({ summary: { id } }) => before === undefined || id < before)
      .toSorted((a, b) => a.summary.id < b.summary.id ? 1 : -1);
    if (runs.length > 0) yield runs;
  }

  #unwritten(): readonly Finished[] {
    return [...this.#writing, ...this.#waiting];
  }

  #values(second: number): AsyncIterable<Entry> {
    const { store, prefix } = this.#options;
    return store.list({ prefix: [...prefix, second] });
  }

  #start(): void {
    if (this.#isClosed) return;
    this.#work ??= this.#writeAll().finally(() => this.#work = undefined);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#take();
      this.#writing = taken;
      const isKept = await this.#write(taken);
      this.#writing = [];
      if (!isKept) return;
      for (const { onKept } of taken) onKept();
      const drained = this.#drained;
      this.#drained = [];
      for (const resolve of drained) resolve();
    }
  }

  #take(): readonly Finished[] {
    let characters = 0;
    let count = 0;
    for (const { entries } of this.#waiting) {
      if (count > 0 && characters > COMMIT_CHARACTERS_MAX) break;
      if (count >= COMMIT_RUNS_MAX) break;
      for (const entry of entries) characters += entry.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** False if the stream belongs to another process by now. */
  async #write(taken: readonly Finished[]): Promise<boolean> {
    const { store, fence, unneeded, onRemoved, clock, onError } = this.#options;
    const sets = [
      ...this.#valuesOf(taken),
      ...taken.flatMap(({ sets }) => sets),
    ];
    const segments = unneeded(200);
    const deletes = [
      ...taken.flatMap(({ deletes }) => deletes),
      ...segments,
    ];
    for (let waitMs = 50;; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        const { ok } = await store.commit({ checks: [fence], sets, deletes });
        if (ok && segments.length > 0) onRemoved();
        return ok;
      } catch (error) {
        onError(`Cannot keep finished runs: ${messageOf(error)}`);
        if (this.#isClosed) return false;
        await clock.sleep(waitMs);
      }
    }
  }

  /** The values of runs, grouped by second and by how long they are kept. */
  #valuesOf(taken: readonly Finished[]): Write[] {
    const groups = new Map<string, Finished[]>();
    for (const finished of taken) {
      const name = `${secondOf(finished.summary.id)} ${finished.retentionMs}`;
      const group = groups.get(name);
      if (group) group.push(finished);
      else groups.set(name, [finished]);
    }
    return [...groups.values()].flatMap((group) => this.#groupValues(group));
  }

  #groupValues(group: readonly Finished[]): Write[] {
    const [first] = group;
    if (first === undefined) return [];
    const second = secondOf(first.summary.id) ?? 0;
    const writes: Write[] = [];
    let text = "";
    const end = () => {
      if (text === "") return;
      const { prefix, epoch } = this.#options;
      writes.push({
        key: [...prefix, second, epoch, this.#next++],
        value: encoder.encode(text),
        expireInMs: Math.ceil(first.retentionMs),
      });
      text = "";
    };
    for (const { summary, entries } of group) {
      const line = `{"summary":${JSON.stringify(summary)},"entries":[${
        entries.join(",")
      }]}\n`;
      if (text.length + line.length > VALUE_CHARACTERS) end();
      text += line;
    }
    end();
    return writes;
  }
}

const encoder = new TextEncoder();

/** The second in which a run was accepted; `undefined` if the id is none. */
function secondOf(id: string): number | undefined {
  const ms = timeOfId(id);
  return ms === undefined ? undefined : Math.floor(ms / 1_000);
}

function linesOf(value: Entry["value"]): readonly string[] {
  if (!(value instanceof Uint8Array)) return [];
  return new TextDecoder().decode(value).split("\n").slice(0, -1);
}

function asArchived({ summary, entries }: Finished): ArchivedRun {
  return {
    summary,
    entries: entries.map((text) => JSON.parse(text) as JournalEntry),
  };
}
