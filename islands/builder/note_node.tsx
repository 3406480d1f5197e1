/**
 * A note on the canvas: somebody's words, for whoever reads the document next.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { useStore } from "./context.ts";
import { writeNote } from "./notes.ts";
import type { Note } from "./layout.ts";

/** What a node is given. */
export interface NoteNodeData extends Record<string, unknown> {
  readonly note: Note;
}

/** The most characters of a note: what a layout takes. */
const CHARACTERS_MAX = 4_000;

export function NoteNode(
  { data: { note }, selected }: {
    readonly data: NoteNodeData;
    readonly selected?: boolean;
  },
) {
  const store = useStore();
  const field = useRef<HTMLTextAreaElement>(null);
  const { id, text } = note;
  useEffect(() => {
    if (selected && text === "") field.current?.focus();
  }, []);
  useEffect(() => {
    // What the canvas shows is behind what is being typed.
    const shown = field.current;
    if (shown && shown !== document.activeElement) shown.value = text;
  }, [text]);
  return (
    <div class={selected ? "note chosen" : "note"}>
      <textarea
        ref={field}
        class="nodrag nowheel"
        aria-label="Note"
        placeholder="Write a note"
        maxLength={CHARACTERS_MAX}
        onInput={({ currentTarget }) =>
          writeNote(store, id, currentTarget.value)}
      />
    </div>
  );
}
