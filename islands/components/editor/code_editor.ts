/**
 * An editor for the code of a component. Loaded when a page has one.
 *
 * @module
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentWithTab,
} from "@codemirror/commands";
import { javascript, javascriptLanguage } from "@codemirror/lang-javascript";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
} from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { Fault } from "../faults.ts";
import { completeContext } from "./context_words.ts";
import { faultLines, showFaults } from "./fault_lines.ts";
import { named } from "./look.ts";

/** What an editor is made of. */
export interface CodeEditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly onInput: (text: string) => void;
  /** Ctrl S. */
  readonly onSave?: (() => void) | undefined;
}

/** An editor on the page. */
export interface CodeEditor {
  readonly setFaults: (faults: readonly Fault[]) => void;
  readonly destroy: () => void;
}

/** Makes one. */
export function codeEditor(options: CodeEditorOptions): CodeEditor {
  const { parent, text, label, onInput, onSave } = options;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        named(label),
        writing(),
        keymap.of([{
          key: "Mod-s",
          preventDefault: true,
          run: () => {
            onSave?.();
            return true;
          },
        }]),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) onInput(state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setFaults: (faults) => showFaults(view, faults),
    destroy: () => view.destroy(),
  };
}

function writing(): Extension {
  return [
    lineNumbers(),
    lintGutter(),
    foldGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    faultLines(),
    javascript({ typescript: true }),
    javascriptLanguage.data.of({ autocomplete: completeContext }),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
  ];
}
