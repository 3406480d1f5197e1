/**
 * A field for code. The editor comes a moment later, since most pages have none;
 * if it does not come, a plain field stands in for it.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CodeEditor } from "./editor/code_editor.ts";
import type { Fault } from "./faults.ts";

/** What a field has. */
export interface CodeFieldOptions {
  readonly label: string;
  /** What it begins with. Another text needs a field with another key. */
  readonly initial: string;
  readonly onInput: (value: string) => void;
  readonly onSave?: () => void;
  readonly faults: readonly Fault[];
}

/** See the module comment. */
export function CodeField(options: CodeFieldOptions): JSX.Element {
  const { label, initial, onInput, faults } = options;
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor>(null);
  const latest = useRef(options);
  latest.current = options;
  const [state, setState] = useState<"loading" | "there" | "failed">("loading");
  useEffect(() => {
    let isGone = false;
    import("./editor/code_editor.ts").then(({ codeEditor }) => {
      const parent = place.current;
      if (isGone || parent === null) return;
      editor.current = codeEditor({
        parent,
        text: initial,
        label,
        onInput: (text) => latest.current.onInput(text),
        onSave: () => latest.current.onSave?.(),
      });
      setState("there");
    }).catch(() => setState("failed"));
    return () => {
      isGone = true;
      editor.current?.destroy();
    };
  }, []);
  const told = JSON.stringify(faults);
  useEffect(() => editor.current?.setFaults(faults), [told, state]);
  return (
    <div class="code-field">
      <div
        class="code-editor"
        ref={place}
        hidden={state === "failed"}
        aria-busy={state === "loading"}
      >
        {state === "loading" && <div class="skeleton"></div>}
      </div>
      {state === "failed" && (
        <textarea
          class="field mono"
          aria-label={label}
          rows={20}
          spellcheck={false}
          defaultValue={initial}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
      <p class="editor-hint">
        <kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor
      </p>
    </div>
  );
}
