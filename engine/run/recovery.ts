/**
 * Reads what other nodes have left: checkpoints, then the log behind them.
 *
 * @module
 */
import type { Key, Store } from "../store/store.ts";
import type { AcceptedEntry, Entry } from "./journal.ts";
import { OVER, type Segment } from "./log.ts";
import { Run } from "./run.ts";

/** A run as it was found. */
export interface Found {
  readonly run: Run;
  readonly journal: readonly Entry[];
  /** The archive has it; a checkpoint is left. */
  readonly isOver: boolean;
}

/** Everything that was found. */
export interface Recovered {
  readonly runs: readonly Found[];
  readonly segments: readonly Segment[];
}

/** Where things stand. */
export interface Places {
  readonly log: Key;
  readonly checkpoints: Key;
}

/** What a checkpoint holds. */
export interface Checkpoint {
  readonly entries: readonly string[];
}

/**
 * Reads several streams, those of nodes that were adopted before those of their
 * adopters: a run goes on in the next. Entries that are there twice count once.
 */
export async function recover(
  store: Store,
  streams: readonly Places[],
): Promise<Recovered> {
  const reading: Reading = {
    lines: new Map(),
    pins: new Map(),
    rows: new Map(),
    over: new Set(),
  };
  for (const { checkpoints } of streams) {
    await readCheckpoints(store, checkpoints, reading);
  }
  const segments: Segment[] = [];
  const decoder = new TextDecoder();
  for (const { log } of streams) {
    for await (const { key, value } of store.list({ prefix: log })) {
      const segment: Segment = { key, pins: 0 };
      segments.push(segment);
      if (!(value instanceof Uint8Array)) continue;
      for (const line of decoder.decode(value).split("\n")) {
        if (line === "") continue;
        const space = line.indexOf(" ");
        const id = line.slice(0, space);
        const text = line.slice(space + 1);
        take({ id, text, segment }, reading);
      }
    }
  }
  return {
    runs: [...reading.lines].flatMap((found) => runOf(found, reading)),
    segments,
  };
}

/** Of several checkpoints of a run the longest counts. */
async function readCheckpoints(
  store: Store,
  prefix: Key,
  { lines, rows }: Reading,
): Promise<void> {
  for await (const { key, value } of store.list({ prefix })) {
    const id = String(key.at(-1));
    const { entries } = value as unknown as Checkpoint;
    const known = rows.get(id);
    rows.set(id, {
      keys: [...known?.keys ?? [], key],
      length: Math.max(known?.length ?? 0, entries.length),
    });
    if (entries.length > (lines.get(id)?.length ?? 0)) {
      lines.set(id, [...entries]);
    }
  }
}

interface Line {
  readonly id: string;
  readonly text: string;
  readonly segment: Segment;
}

interface Reading {
  readonly lines: Map<string, string[]>;
  readonly pins: Map<string, Segment>;
  /** The checkpoints of runs, and how many entries they hold. */
  readonly rows: Map<
    string,
    { readonly keys: readonly Key[]; readonly length: number }
  >;
  /** Runs that the log says are over. */
  readonly over: Set<string>;
}

/** Takes a line in, if it is the next of its run. */
function take({ id, text, segment }: Line, reading: Reading): void {
  const { lines, pins, rows, over } = reading;
  if (text === OVER) {
    pins.delete(id);
    if (rows.has(id)) over.add(id);
    else lines.delete(id);
    return;
  }
  const [place, json] = split(text);
  const known = lines.get(id) ?? [];
  // It is in the checkpoint, or the beginning of its run is gone: that one is
  // over, and kept elsewhere.
  if (place !== known.length) return;
  lines.set(id, known);
  known.push(json);
  if (!pins.has(id)) pins.set(id, segment);
}

/** The number of an entry in its run, and the entry. */
function split(text: string): readonly [number, string] {
  const space = text.indexOf(" ");
  return [Number(text.slice(0, space)), text.slice(space + 1)];
}

function runOf(
  [id, texts]: readonly [string, readonly string[]],
  { pins, rows, over }: Reading,
): Found[] {
  const journal = texts.map((text) => JSON.parse(text) as Entry);
  const [accepted] = journal;
  if (accepted?.kind !== "accepted") return [];
  const run = new Run(id, accepted as AcceptedEntry);
  run.entries.push(...texts);
  run.durable = texts.length;
  const row = rows.get(id);
  if (row !== undefined) {
    run.checkpointed = row.length;
    run.earlier = row.keys;
  }
  const segment = pins.get(id);
  if (segment !== undefined) {
    run.pin = segment;
    segment.pins++;
  }
  return [{ run, journal, isOver: over.has(id) }];
}
