/**
 * Two texts beside each other, or in one where there is no room, with what is
 * different. Loaded when a page compares.
 *
 * @module
 */
import { javascript } from "@codemirror/lang-javascript";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { named } from "./look.ts";

/** A text with what it is called. */
export interface Side {
  readonly text: string;
  readonly label: string;
}

/** What is compared, and where. */
export interface CompareOptions {
  readonly parent: HTMLElement;
  readonly before: Side;
  readonly after: Side;
  readonly isNarrow: boolean;
}

/** Lines that stay around a change; longer stretches are folded. */
const COLLAPSE = { margin: 4, minSize: 8 };

/** Shows them; one text, if they are the same. Returns what takes them away. */
export function compare(
  { parent, before, after, isNarrow }: CompareOptions,
): () => void {
  if (before.text === after.text) {
    const { text: doc, label } = after;
    const view = new EditorView({ parent, doc, extensions: reading(label) });
    return () => view.destroy();
  }
  if (isNarrow) {
    const view = new EditorView({
      parent,
      doc: after.text,
      extensions: [
        reading(after.label),
        unifiedMergeView({
          original: before.text,
          mergeControls: false,
          collapseUnchanged: COLLAPSE,
        }),
      ],
    });
    return () => view.destroy();
  }
  const view = new MergeView({
    parent,
    a: { doc: before.text, extensions: reading(before.label) },
    b: { doc: after.text, extensions: reading(after.label) },
    collapseUnchanged: COLLAPSE,
  });
  return () => view.destroy();
}

function reading(label: string): Extension {
  return [
    named(label),
    lineNumbers(),
    javascript({ typescript: true }),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    // What cannot be written in is scrolled and read with the keyboard.
    EditorView.contentAttributes.of({ tabindex: "0" }),
  ];
}
