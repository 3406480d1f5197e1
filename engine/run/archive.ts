/**
 * Runs that are over, with their journals: values keyed by the second in which
 * each run was accepted. A run is found by its id, lists go from the newest to
 * the oldest, and what has been kept long enough expires.
 *
 * The log writes them, in the very commit that ends a run: `keptValues` is what
 * that commit holds, and `Archive` reads.
 *
 * @module
 */
import type { Entry, Key, Store, Write } from "../store/store.ts";
import { CHARACTER_BYTES_MAX } from "../store/value.ts";
import { timeOfId } from "./ids.ts";
import {
  type AcceptedEntry,
  endOf,
  type Entry as JournalEntry,
} from "./journal.ts";
import { type RunSummary, summarize } from "./run.ts";

/** Characters of one value, unless one entry alone has more. */
const VALUE_CHARACTERS = 48_000;

/**
 * A journal with more characters than this would fill a commit. It is kept in
 * values as large as the store takes them, which it writes before the commit.
 */
const LONG_CHARACTERS = 300_000;

/** Characters of one value of a long journal. */
const LONG_VALUE_CHARACTERS = 5_000_000;

/** Values that one call of `newestFirst` reads, and then those of the same second. */
export const LIST_VALUES_MAX = 2_000;

/** A run that is over, as it is kept. */
export interface ArchivedRun {
  readonly summary: RunSummary;
  readonly entries: readonly JournalEntry[];
}

/** A run that ends. */
export interface Ending {
  readonly id: string;
  /** Its journal, an entry each, as JSON. */
  readonly entries: readonly string[];
  readonly retentionMs: number;
  /** Whether the log holds entries of it. */
  readonly isLogged: boolean;
  /** Goes with the same commit. */
  readonly deletes: readonly Key[];
  readonly sets: readonly Write[];
}

/** A value that holds runs. */
export type KeptValue = Write & { readonly value: Uint8Array };

/**
 * The values that hold runs which end together, grouped by second and by how
 * long they are kept.
 *
 * @param keyOf The key of the next value of a second: never the same twice.
 * @param valueBytes The largest value of the store.
 */
export function keptValues(
  endings: readonly Ending[],
  keyOf: (second: number) => Key,
  valueBytes = 0,
): readonly KeptValue[] {
  const longest = Math.max(
    VALUE_CHARACTERS,
    Math.min(
      LONG_VALUE_CHARACTERS,
      Math.floor(valueBytes / CHARACTER_BYTES_MAX),
    ),
  );
  const values: KeptValue[] = [];
  const groups = new Map<number, Map<number, string>>();
  const end = (second: number, retentionMs: number, text: string) =>
    values.push({
      key: keyOf(second),
      value: encoder.encode(text),
      expireInMs: Math.ceil(retentionMs),
    });
  let time = "";
  let second = 0;
  let group = new Map<number, string>();
  for (const { id, entries, retentionMs } of endings) {
    // Neighbours were mostly accepted in the same millisecond.
    if (time === "" || !id.startsWith(time)) {
      time = id.slice(0, 10);
      second = secondOf(id) ?? 0;
      group = groups.get(second) ?? new Map();
      groups.set(second, group);
    }
    let text = group.get(retentionMs) ?? "";
    if (charactersOf(entries) > LONG_CHARACTERS) {
      for (const line of linesFor(id, entries, longest)) {
        end(second, retentionMs, line);
      }
      continue;
    }
    for (const line of linesFor(id, entries, VALUE_CHARACTERS)) {
      if (text !== "" && text.length + line.length > VALUE_CHARACTERS) {
        end(second, retentionMs, text);
        text = "";
      }
      text += line;
    }
    group.set(retentionMs, text);
  }
  for (const [second, group] of groups) {
    for (const [retentionMs, text] of group) end(second, retentionMs, text);
  }
  return values;
}

/** A journal as a line; a long one as several, which are read as one. */
function linesFor(
  id: string,
  entries: readonly string[],
  charactersMax: number,
): readonly string[] {
  if (charactersOf(entries) <= charactersMax) {
    return [`${id} [${entries.join(",")}]\n`];
  }
  const lines: string[] = [];
  for (let from = 0; from < entries.length;) {
    let to = from;
    for (let length = 0; to < entries.length; to++) {
      length += entries[to]?.length ?? 0;
      if (to > from && length > charactersMax) break;
    }
    lines.push(`${id} [${entries.slice(from, to).join(",")}]\n`);
    from = to;
  }
  return lines;
}

function charactersOf(entries: readonly string[]): number {
  let characters = 0;
  for (const entry of entries) characters += entry.length;
  return characters;
}

/** Where runs are kept. */
export interface ArchiveOptions {
  readonly store: Store;
  readonly prefix: Key;
}

/** See the module comment. */
export class Archive {
  readonly #options: ArchiveOptions;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** One run, if it is kept here. */
  async get(id: string): Promise<ArchivedRun | undefined> {
    const second = secondOf(id);
    if (second === undefined) return undefined;
    const entries: JournalEntry[] = [];
    for await (const { value } of this.#values(second)) {
      for (const line of linesOf(value)) {
        if (line.startsWith(`${id} `)) entries.push(...entriesOf(line));
      }
      if (isWhole(entries)) return archivedRun(id, entries);
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
          const id = idOf(line);
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
    const { store, prefix } = this.#options;
    const last = before === undefined ? Infinity : secondOf(before) ?? Infinity;
    const range = {
      start: [...prefix, -Infinity],
      end: [...prefix, last === Infinity ? Infinity : last + 1],
    };
    let group: (readonly string[])[] = [];
    let second: unknown;
    let values = 0;
    for await (const entry of store.list(range, { reverse: true })) {
      const at = entry.key[prefix.length];
      if (at !== second) {
        yield* runsOf(group, before);
        group = [];
        // Between two seconds only: within one the order is another.
        if (values >= LIST_VALUES_MAX) return true;
        second = at;
      }
      values++;
      group.push(linesOf(entry.value));
    }
    yield* runsOf(group, before);
    return false;
  }

  #values(second: number): AsyncIterable<Entry> {
    const { store, prefix } = this.#options;
    return store.list({ prefix: [...prefix, second] });
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

function idOf(line: string): string {
  return line.slice(0, line.indexOf(" "));
}

/** The entries of one line, which is an id and a journal, or a part of one. */
function entriesOf(line: string): readonly JournalEntry[] {
  return JSON.parse(line.slice(line.indexOf(" ") + 1)) as JournalEntry[];
}

/** The runs of one second, the newest first; of its values the last comes first. */
function* runsOf(
  values: readonly (readonly string[])[],
  before: string | undefined,
): Generator<readonly ArchivedRun[], void, void> {
  const journals = new Map<string, JournalEntry[]>();
  for (const lines of values.toReversed()) {
    for (const line of lines) {
      const id = idOf(line);
      if (before !== undefined && id >= before) continue;
      const known = journals.get(id);
      if (known) known.push(...entriesOf(line));
      else journals.set(id, [...entriesOf(line)]);
    }
  }
  const runs = [...journals]
    .filter(([, entries]) => isWhole(entries))
    .map(([id, entries]) => archivedRun(id, entries))
    .sort((a, b) => a.summary.id < b.summary.id ? 1 : -1);
  if (runs.length > 0) yield runs;
}

/** Of a long run that is kept while it is read, some values may be missed. */
function isWhole(entries: readonly JournalEntry[]): boolean {
  return entries[0]?.kind === "accepted" && endOf(entries) !== undefined;
}

function archivedRun(
  id: string,
  entries: readonly JournalEntry[],
): ArchivedRun {
  const accepted = entries[0] as AcceptedEntry;
  const end = entries.at(-1) as JournalEntry;
  return { summary: summarize(id, accepted, end), entries };
}
