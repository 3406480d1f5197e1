/**
 * What is wrong with code, in words under the line where it is.
 *
 * @module
 */
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import {
  type EditorState,
  type Extension,
  StateEffect,
  StateField,
} from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  WidgetType,
} from "@codemirror/view";
import type { Fault } from "../faults.ts";

class FaultWidget extends WidgetType {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  override eq(other: FaultWidget): boolean {
    return other.#text === this.#text;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement("div");
    element.className = "cm-fault";
    element.textContent = this.#text;
    return element;
  }
}

const setFaults = StateEffect.define<readonly Fault[]>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, transaction) {
    let faults = before.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setFaults)) faults = drawn(effect.value, transaction.state);
    }
    return faults;
  },
  provide: (self) => EditorView.decorations.from(self),
});

/** Makes room for them. */
export function faultLines(): Extension {
  return field;
}

/** Shows these in place of those before, and goes to the first. */
export function showFaults(view: EditorView, faults: readonly Fault[]): void {
  const { state } = view;
  const diagnostics = faults.map((fault): Diagnostic => {
    const from = placeOf(fault, state);
    const word = state.wordAt(from);
    return {
      from,
      to: Math.max(word?.to ?? from, Math.min(from + 1, state.doc.length)),
      severity: "error",
      message: fault.message,
    };
  });
  const [first] = diagnostics;
  view.dispatch(setDiagnostics(state, diagnostics), {
    effects: [
      setFaults.of(faults),
      ...first === undefined
        ? []
        : [EditorView.scrollIntoView(first.from, { y: "center" })],
    ],
  });
}

function drawn(faults: readonly Fault[], state: EditorState): DecorationSet {
  const ranges = faults.map((fault) =>
    Decoration.widget({
      widget: new FaultWidget(`${fault.line}:${fault.column} ${fault.message}`),
      block: true,
      side: 1,
    }).range(lineOf(fault, state).to)
  );
  return Decoration.set(ranges, true);
}

/** The line of a fault; the last one, if the code has become shorter. */
function lineOf({ line }: Fault, { doc }: EditorState) {
  return doc.line(Math.min(Math.max(line, 1), doc.lines));
}

function placeOf(fault: Fault, state: EditorState): number {
  const { from, to } = lineOf(fault, state);
  return Math.min(from + Math.max(fault.column - 1, 0), to);
}
