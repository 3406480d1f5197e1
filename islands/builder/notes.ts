/**
 * Notes that people put on the canvas. They are in the layout: the document says
 * nothing of them.
 *
 * @module
 */
import type { Place } from "./arrange.ts";
import type { Note } from "./layout.ts";
import type { BuilderStore } from "./store.ts";

/** How large a note is, in units of the canvas. */
export const NOTE = { width: 200, height: 120 } as const;

/** What a note is called on the canvas, among modules. */
export function nodeIdOf({ id }: Pick<Note, "id">): string {
  return `note:${id}`;
}

/** Adds an empty note above the modules, and shows it. */
export function addNote(store: BuilderStore): void {
  const note = { id: crypto.randomUUID(), text: "", ...placeOfNext(store) };
  const { notes } = store.layout.value;
  store.setNotes([...notes, note], "Add a note");
  store.select([nodeIdOf(note)]);
  store.sought.value = nodeIdOf(note);
}

/** Writes a note. What is typed in one go is undone as one. */
export function writeNote(
  store: BuilderStore,
  id: string,
  text: string,
): void {
  store.setNotes(
    store.layout.value.notes.map((note) =>
      note.id === id ? { ...note, text } : note
    ),
    "Write a note",
    `note ${id}`,
  );
}

/** Removes the notes that are chosen; whether there were any. */
export function removeChosenNotes(store: BuilderStore): boolean {
  const { notes } = store.layout.value;
  const left = notes.filter((note) =>
    !store.selection.value.has(nodeIdOf(note))
  );
  if (left.length === notes.length) return false;
  store.setNotes(left, "Remove a note");
  return true;
}

/** The notes at new places, and the places of what is no note. */
export function placeNotes(
  notes: readonly Note[],
  places: Readonly<Record<string, Place>>,
): {
  readonly notes: readonly Note[];
  readonly others: Readonly<Record<string, Place>>;
} {
  const others = { ...places };
  const moved = notes.map((note) => {
    const id = nodeIdOf(note);
    delete others[id];
    return { ...note, ...places[id] };
  });
  const isSame = Object.keys(others).length === Object.keys(places).length;
  return { notes: isSame ? notes : moved, others };
}

/** Above everything, at the left; each note beside the one before. */
function placeOfNext({ layout }: BuilderStore): Place {
  const { views, notes } = layout.value;
  const places = Object.values(views.modules ?? {});
  const x = Math.min(...places.map(({ x }) => x));
  const y = Math.min(...places.map(({ y }) => y));
  const left = Number.isFinite(x) ? x : 0;
  const top = Number.isFinite(y) ? y : 0;
  return {
    x: left + notes.length * (NOTE.width + 24),
    y: top - NOTE.height - 48,
  };
}
