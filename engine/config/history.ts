/**
 * What was done to a document and where its nodes were put, in one history. All of
 * it is JSON; whoever keeps it hands in the time.
 *
 * @module
 */
import {
  applySplices,
  composeSplices,
  invertSplices,
  type Splice,
} from "./splice.ts";

/** Where nodes stand on the canvas, by name. */
export type Layout = Readonly<Record<string, unknown>>;

/** What is put where; `null` takes a node out of the layout. */
export type LayoutPatch = Readonly<Record<string, unknown>>;

/** What a person edits. */
export interface Edited {
  readonly text: string;
  readonly layout: Layout;
}

/** A step in one direction. */
export interface Step {
  readonly splices: readonly Splice[];
  readonly layout: LayoutPatch;
}

/** One thing that was done, and can be undone as one. */
export interface HistoryEntry {
  /** What was done, for people: `Rename orders`. */
  readonly label: string;
  readonly forward: Step;
  readonly backward: Step;
  /** What further edits belong to it, e.g. the path of a field. */
  readonly group?: string;
  /** When it was last added to, in milliseconds. */
  readonly atMs: number;
}

/** Everything that was done; what stands behind `position` is undone. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  readonly position: number;
  /** Whether the last entry may still be added to. */
  readonly isOpen: boolean;
}

/** One edit, as it is recorded. */
export interface Edit extends Partial<Step> {
  readonly label: string;
  readonly group?: string;
  readonly atMs: number;
}

/** How edits are kept. */
export interface HistoryOptions {
  /**
   * Edits of one group are one entry if no more time lies between two of them.
   * @default {1000}
   */
  readonly windowMs?: number;
  /** The oldest entries are forgotten. @default {500} */
  readonly entriesMax?: number;
}

/** A history, and what is edited, after a step. */
export interface Moved extends Edited {
  readonly history: History;
  /** What an editor has to do to its own text and canvas. */
  readonly step: Step;
  /** What was done, undone or done again. */
  readonly label: string;
}

/** Nothing was done yet. */
export const EMPTY_HISTORY: History = {
  entries: [],
  position: 0,
  isOpen: false,
};

/** Does an edit and records it. What was undone before cannot be redone then. */
export function record(
  history: History,
  edited: Edited,
  edit: Edit,
  { windowMs = 1_000, entriesMax = 500 }: HistoryOptions = {},
): Moved {
  const forward = { splices: edit.splices ?? [], layout: edit.layout ?? {} };
  const backward = {
    splices: invertSplices(edited.text, forward.splices),
    layout: layoutBehind(edited.layout, forward.layout),
  };
  const { label, group, atMs } = edit;
  const fresh: HistoryEntry = {
    label,
    forward,
    backward,
    ...group === undefined ? {} : { group },
    atMs,
  };
  const done = history.entries.slice(0, history.position);
  const last = done.at(-1);
  const joins = history.isOpen && history.position === history.entries.length &&
    last !== undefined && group !== undefined && last.group === group &&
    atMs - last.atMs <= windowMs;
  const entries = joins
    ? [...done.slice(0, -1), joined(last, fresh)]
    : [...done, fresh].slice(-entriesMax);
  return {
    ...after(edited, forward),
    history: { entries, position: entries.length, isOpen: true },
    step: forward,
    label,
  };
}

/** Takes the last entry back; `undefined` if there is none. */
export function undo(history: History, edited: Edited): Moved | undefined {
  const { entries, position } = history;
  const entry = entries[position - 1];
  return entry && {
    ...after(edited, entry.backward),
    history: { entries, position: position - 1, isOpen: false },
    step: entry.backward,
    label: entry.label,
  };
}

/** Does again what was undone last; `undefined` if nothing was. */
export function redo(history: History, edited: Edited): Moved | undefined {
  const { entries, position } = history;
  const entry = entries[position];
  return entry && {
    ...after(edited, entry.forward),
    history: { entries, position: position + 1, isOpen: false },
    step: entry.forward,
    label: entry.label,
  };
}

/** Ends the last entry, so that what follows is one of its own. */
export function closeEntry(history: History): History {
  return { ...history, isOpen: false };
}

function joined(first: HistoryEntry, second: HistoryEntry): HistoryEntry {
  return {
    ...second,
    forward: follow(first.forward, second.forward),
    backward: follow(second.backward, first.backward),
  };
}

function follow(first: Step, second: Step): Step {
  return {
    splices: composeSplices(first.splices, second.splices),
    layout: { ...first.layout, ...second.layout },
  };
}

function after({ text, layout }: Edited, step: Step): Edited {
  const patched = { ...layout, ...step.layout };
  return {
    text: applySplices(text, step.splices),
    layout: Object.fromEntries(
      Object.entries(patched).filter(([, place]) => place !== null),
    ),
  };
}

/** Where everything stood that a patch moves. */
function layoutBehind(layout: Layout, patch: LayoutPatch): LayoutPatch {
  return Object.fromEntries(
    Object.keys(patch).map((name) => [
      name,
      Object.hasOwn(layout, name) ? layout[name] : null,
    ]),
  );
}
