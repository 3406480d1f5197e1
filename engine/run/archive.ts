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
import {
  type AcceptedEntry,
  endOf,
  type Entry as JournalEntry,
} from "./journal.ts";
import { type RunSummary, summarize } from "./run.ts";

/** Characters of one value. */
const VALUE_CHARACTERS = 48_000;

/** Runs in one commit. */
const COMMIT_RUNS_MAX = 2_000;

/** Keys that go along in one commit: half of what a store takes. */
const COMMIT_KEYS_MAX = 500;

/** Characters in one commit, unless one run alone has more. */
const COMMIT_CHARACTERS_MAX = 500_000;

/** Bytes in one commit, unless one run alone has more. */
const COMMIT_BYTES_MAX = 600_000;

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
  readonly id: string;
  /** Its journal, an entry each, as JSON. */
  readonly entries: readonly string[];
  readonly retentionMs: number;
  /** Goes with the same commit. */
  readonly deletes: readonly Key[];
  readonly sets: readonly Write[];
  /** Called once it is durable. */
  readonly onKept: () => void;
}

/** Runs that go in one commit, and the values that hold them. */
interface Batch {
  readonly runs: readonly Finished[];
  readonly values: readonly Value[];
}

type Value = Write & { readonly value: Uint8Array };

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
  /** What waits, and what is under way to the store. */
  readonly #unwritten = new Map<string, Finished>();
  #work: Promise<void> | undefined;
  #isArmed = false;
  /** What cannot be written now is left to whoever reads the log next. */
  #isClosing = false;
  #isClosed = false;
  #next = 1;
  #drained: (() => void)[] = [];

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** How many runs are over and not yet kept. */
  get pending(): number {
    return this.#unwritten.size;
  }

  /** Keeps a run, soon. Until then it is found all the same. */
  add(finished: Finished): void {
    this.#waiting.push(finished);
    this.#unwritten.set(finished.id, finished);
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
    this.#isClosing = true;
    this.#start();
    await this.#work;
    this.#isClosed = true;
  }

  /** One run, if it is kept here. */
  async get(id: string): Promise<ArchivedRun | undefined> {
    const found = this.#unwritten.get(id);
    if (found !== undefined) return unwrittenRun(found);
    const second = secondOf(id);
    if (second === undefined) return undefined;
    for await (const { value } of this.#values(second)) {
      const line = linesOf(value).find((line) => line.startsWith(id));
      if (line !== undefined) return runOf(line);
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
          const id = line.slice(0, line.indexOf(" "));
          if (group.has(id)) found.add(id);
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
    const unwritten = [...this.#unwritten.values()].map(unwrittenRun);
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
      for (const line of linesOf(entry.value)) group.push(runOf(line));
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
      const batch = this.#take();
      const isKept = await this.#write(batch);
      for (const { id, onKept } of batch.runs) {
        this.#unwritten.delete(id);
        if (isKept) onKept();
      }
      const drained = this.#drained;
      this.#drained = [];
      for (const resolve of drained) resolve();
      if (!isKept) return;
    }
  }

  #take(): Batch {
    let characters = 0;
    let keys = 0;
    let count = 0;
    for (const { entries, sets, deletes } of this.#waiting) {
      if (count > 0 && characters > COMMIT_CHARACTERS_MAX) break;
      keys += sets.length + deletes.length;
      if (count > 0 && keys > COMMIT_KEYS_MAX) break;
      if (count >= COMMIT_RUNS_MAX) break;
      for (const entry of entries) characters += entry.length;
      count++;
    }
    while (true) {
      const runs = this.#waiting.slice(0, count);
      const values = this.#valuesOf(runs);
      // Some characters take several bytes.
      const bytes = values.reduce((sum, { value }) => sum + value.length, 0);
      if (bytes <= COMMIT_BYTES_MAX || count === 1) {
        this.#waiting = this.#waiting.slice(count);
        return { runs, values };
      }
      count = Math.ceil(count / 2);
    }
  }

  /** False if the stream belongs to another process by now. */
  async #write({ runs, values }: Batch): Promise<boolean> {
    const { store, fence, unneeded, onRemoved, clock, onError } = this.#options;
    const sets = [...values, ...runs.flatMap(({ sets }) => sets)];
    const segments = unneeded(200);
    const deletes = [
      ...runs.flatMap(({ deletes }) => deletes),
      ...segments,
    ];
    for (let waitMs = 50;; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        const { ok } = await store.commit({ checks: [fence], sets, deletes });
        if (ok && segments.length > 0) onRemoved();
        return ok;
      } catch (error) {
        onError(`Cannot keep finished runs: ${messageOf(error)}`);
        if (this.#isClosing) return false;
        await clock.sleep(waitMs);
      }
    }
  }

  /** The values of runs, grouped by second and by how long they are kept. */
  #valuesOf(runs: readonly Finished[]): Value[] {
    const groups = new Map<string, Finished[]>();
    let time = "";
    let second: number | undefined;
    for (const finished of runs) {
      // Neighbours were mostly accepted in the same millisecond.
      if (!finished.id.startsWith(time) || time === "") {
        time = finished.id.slice(0, 10);
        second = secondOf(finished.id);
      }
      const name = `${second} ${finished.retentionMs}`;
      const group = groups.get(name);
      if (group) group.push(finished);
      else groups.set(name, [finished]);
    }
    return [...groups.values()].flatMap((group) => this.#groupValues(group));
  }

  #groupValues(group: readonly Finished[]): Value[] {
    const [first] = group;
    if (first === undefined) return [];
    const second = secondOf(first.id) ?? 0;
    const writes: Value[] = [];
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
    for (const { id, entries } of group) {
      const line = `${id} [${entries.join(",")}]\n`;
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

/** One line: an id and the entries of its journal. */
function runOf(line: string): ArchivedRun {
  const space = line.indexOf(" ");
  const entries = JSON.parse(line.slice(space + 1)) as JournalEntry[];
  return archivedRun(line.slice(0, space), entries);
}

function unwrittenRun({ id, entries }: Finished): ArchivedRun {
  return archivedRun(
    id,
    entries.map((text) => JSON.parse(text) as JournalEntry),
  );
}

function archivedRun(
  id: string,
  entries: readonly JournalEntry[],
): ArchivedRun {
  const end = endOf(entries);
  const accepted = entries[0] as AcceptedEntry;
  return {
    summary: summarize(id, accepted, end ?? "running"),
    entries,
  };
}
