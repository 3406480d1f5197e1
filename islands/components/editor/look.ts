/**
 * How code looks: the tokens of the page, in both themes.
 *
 * @module
 */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const SIZES = EditorView.theme({
  "&": {
    color: "var(--ink)",
    backgroundColor: "var(--surface)",
    fontSize: "var(--text-s)",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--ink)", padding: "var(--space-2) 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    color: "var(--ink-3)",
    backgroundColor: "var(--surface)",
    border: "none",
    fontVariantNumeric: "tabular-nums",
  },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--sunken)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--ink)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    { backgroundColor: "var(--accent-soft)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--wait-soft)" },
  ".cm-searchMatch": { backgroundColor: "var(--wait-soft)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-soft)" },
});

const PANELS = EditorView.theme({
  ".cm-panels": {
    color: "var(--ink)",
    backgroundColor: "var(--sunken)",
    borderColor: "var(--line)",
  },
  ".cm-panels .cm-textfield, .cm-panels .cm-button": {
    color: "var(--ink)",
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    border: "1px solid var(--field-line)",
    borderRadius: "var(--radius-s)",
    fontSize: "var(--text-s)",
  },
  ".cm-panels label": { display: "inline-block" },
  ".cm-tooltip": {
    color: "var(--ink)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    borderRadius: "var(--radius-s)",
    boxShadow: "var(--shadow-2)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    color: "var(--accent)",
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-completionDetail": { color: "var(--ink-3)" },
  ".cm-foldPlaceholder": {
    color: "var(--ink-2)",
    backgroundColor: "var(--sunken)",
    border: "none",
  },
  ".cm-fault": {
    display: "block",
    color: "var(--fail)",
    backgroundColor: "var(--fail-soft)",
    fontFamily: "var(--font)",
    padding: "var(--space-1) var(--space-3)",
    whiteSpace: "pre-wrap",
  },
  ".cm-lint-marker-error": {
    content: '""',
    width: "var(--space-2)",
    height: "var(--space-2)",
    margin: "var(--space-1)",
    borderRadius: "50%",
    backgroundColor: "var(--fail)",
  },
  ".cm-diagnostic": { borderLeftColor: "var(--fail)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--fail)",
  },
  ".cm-changedLine": { backgroundColor: "transparent" },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": {
    backgroundColor: "var(--fail-soft)",
  },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": {
    backgroundColor: "var(--ok-soft)",
  },
  ".cm-insertedLine": { backgroundColor: "var(--ok-soft)" },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText, &.cm-merge-b .cm-changedText":
    { background: "none", fontWeight: "700" },
  ".cm-changeGutter": { width: "3px" },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": {
    background: "var(--fail)",
  },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--ok)" },
  ".cm-collapsedLines": {
    color: "var(--ink-2)",
    background: "var(--sunken)",
    fontFamily: "var(--font)",
  },
  // Glyphs that not every system has.
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '""' },
});

const COLOURS = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier],
    color: "var(--accent)",
  },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ok)" },
  { tag: [tags.regexp, tags.escape], color: "var(--fail)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--wait)" },
  {
    tag: [tags.comment, tags.meta],
    color: "var(--ink-3)",
    fontStyle: "italic",
  },
  { tag: [tags.typeName, tags.className], color: "var(--run)" },
  { tag: tags.invalid, color: "var(--fail)" },
]);

/** The whole look. */
export const LOOK: Extension = [
  SIZES,
  PANELS,
  syntaxHighlighting(COLOURS),
];

/** What every editor of the page has. */
export function named(label: string): Extension {
  const { nonce = "" } = document.documentElement.dataset;
  return [
    LOOK,
    EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({ "aria-label": label }),
  ];
}
