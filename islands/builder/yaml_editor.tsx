/**
 * The text of the document. It shares the text and the history of the canvas, and
 * shows problems at their lines.
 *
 * @module
 */
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../../engine/config/problem.ts";
import { completions } from "./completions.ts";
import { useStore } from "./context.ts";
import { explanations } from "./hover.ts";
import type { BuilderStore } from "./store.ts";

export default function YamlEditor() {
  const store = useStore();
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (parent.current === null) return;
    return mount(store, parent.current);
  }, [store]);
  return <div class="editor" ref={parent}></div>;
}

/** Makes the editor; the result takes it away. */
function mount(store: BuilderStore, parent: HTMLElement): () => void {
  let isOurs = false;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: store.text.peek(),
      extensions: [
        ...EXTENSIONS,
        autocompletion({ override: [completions(store)] }),
        explanations(store),
        keymap.of([
          { key: "Mod-z", run: () => (store.undo(), true) },
          { key: "Mod-y", run: () => (store.redo(), true) },
          { key: "Mod-Shift-z", run: () => (store.redo(), true) },
          ...completionKeymap,
          ...searchKeymap,
          ...foldKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (!docChanged || isOurs) return;
          store.setText(state.doc.toString(), "Edit the text", "text");
        }),
      ],
    }),
  });
  // It scrolls, so that it must be reached with the keyboard.
  view.scrollDOM.tabIndex = 0;
  const endText = effect(() => {
    const text = store.text.value;
    const present = view.state.doc.toString();
    if (text === present) return;
    isOurs = true;
    view.dispatch({ changes: differenceOf(present, text) });
    isOurs = false;
  });
  const endProblems = effect(() => {
    const text = store.text.value;
    const found = store.problems.value.flatMap((problem) =>
      diagnosticOf(problem, view.state)
    );
    // Of another text nothing is known yet.
    if (text !== view.state.doc.toString()) return;
    view.dispatch(setDiagnostics(view.state, found));
  });
  const endPlace = effect(() => {
    const [name] = store.selection.value;
    const { document } = store.parsed.peek();
    const module = store.graph.peek().modules.find((one) => one.name === name);
    if (module?.index === undefined || document === undefined) return;
    if (view.hasFocus) return;
    const { start } = document.span(["modules", module.index, "name"], "key");
    const at = Math.min(start, view.state.doc.length);
    view.dispatch({
      effects: EditorView.scrollIntoView(at, { y: "start", yMargin: 24 }),
      selection: { anchor: at },
    });
  });
  return () => {
    endText();
    endProblems();
    endPlace();
    view.destroy();
  };
}

/** The part in which two texts differ, so that the cursor stays where it is. */
function differenceOf(before: string, after: string) {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) end++;
  return {
    from: start,
    to: before.length - end,
    insert: after.slice(start, after.length - end),
  };
}

function diagnosticOf(problem: Problem, state: EditorState): Diagnostic[] {
  const { line, column, endLine, endColumn, severity, message } = problem;
  if (line > state.doc.lines || endLine > state.doc.lines) return [];
  const from = Math.min(
    state.doc.line(line).from + column - 1,
    state.doc.line(line).to,
  );
  const to = Math.min(
    state.doc.line(endLine).from + endColumn - 1,
    state.doc.line(endLine).to,
  );
  const hint = [
    problem.nearest && `Did you mean “${problem.nearest}”?`,
    problem.help,
  ].filter(Boolean).join(" ");
  return [{
    ...{ from, to: Math.max(from, to), severity },
    message: hint === "" ? message : `${message}\n${hint}`,
  }];
}

const HIGHLIGHT = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--accent)" },
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--wait)" },
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [tags.labelName, tags.typeName], color: "var(--fail)" },
  { tag: [tags.punctuation, tags.separator], color: "var(--ink-2)" },
]);

const THEME = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    fontSize: "var(--text-s)",
    lineHeight: "1.6",
  },
  ".cm-content": { caretColor: "var(--ink)", color: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    backgroundColor: "var(--surface)",
    color: "var(--ink-3)",
    border: "none",
  },
  ".cm-activeLine": {
    backgroundColor: "color-mix(in srgb, var(--accent) 5%, transparent)",
  },
  ".cm-activeLineGutter": { backgroundColor: "var(--sunken)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--accent-soft)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    borderRadius: "var(--radius-s)",
    boxShadow: "var(--shadow-2)",
    color: "var(--ink)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-soft)",
    color: "var(--ink)",
  },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
});

const EXTENSIONS = [
  EditorView.cspNonce.of(document.documentElement.dataset.nonce ?? ""),
  EditorView.contentAttributes.of({ "aria-label": "Text of the document" }),
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  drawSelection(),
  foldGutter(),
  indentOnInput(),
  bracketMatching(),
  highlightSelectionMatches(),
  yaml(),
  syntaxHighlighting(HIGHLIGHT),
  lintGutter(),
  THEME,
];
