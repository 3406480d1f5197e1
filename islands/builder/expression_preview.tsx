/**
 * What the expressions of a field yield on a sample, or what is wrong with them.
 *
 * @module
 */
import { useState } from "preact/hooks";
import type { JsonValue } from "../../engine/store/store.ts";
import type { Preview, PreviewFault } from "../../engine/expression/preview.ts";
import type { Over } from "./expression_over.ts";
import type { ExpressionPlace } from "./expression_place.ts";
import { SampleDialog } from "./sample_dialog.tsx";

/** The longest value that is shown, in characters. */
const SHOWN_MAX = 300;

/** What can be said of a value; nothing where there is no expression in it. */
export function previewOf(
  { isBare }: ExpressionPlace,
  value: unknown,
  { tools, variables, sample }: Over,
): Preview | undefined {
  const over = { variables, values: sample.values };
  if (value === undefined || value === "") return undefined;
  return isBare && typeof value === "string"
    ? tools.previewExpression(value, over)
    : tools.previewTemplate(value as JsonValue, over);
}

/** See the module comment. */
export function ExpressionPreview(
  { place, preview, over, onNearest }: {
    readonly place: ExpressionPlace;
    readonly preview: Preview;
    readonly over: Over;
    /** Puts the known name in place of the one that is not known. */
    readonly onNearest: ((fault: PreviewFault) => void) | undefined;
  },
) {
  const [isOpen, setOpen] = useState(false);
  const { sample } = over;
  return (
    <div class="preview" aria-live="polite">
      {preview.kind === "fault"
        ? <Fault fault={preview} onNearest={onNearest} />
        : <Result preview={preview} />}
      {preview.kind !== "fault" && (
        <button
          type="button"
          class="link"
          title="See and change what it is tried on"
          onClick={() => setOpen(true)}
        >
          {SAMPLE_NAMES[sample.origin]}
        </button>
      )}
      {isOpen && (
        <SampleDialog
          place={place}
          sample={sample}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}

const SAMPLE_NAMES = {
  run: "On the last run",
  example: "On an example",
  own: "On your sample",
} as const;

function Result(
  { preview }: { readonly preview: Exclude<Preview, PreviewFault> },
) {
  if (preview.kind === "type") {
    return (
      <p>
        <code>→ {preview.type}</code>
        <span>The sample has no value for it: {preview.why}</span>
      </p>
    );
  }
  const text = JSON.stringify(preview.value);
  return (
    <p>
      <code title={text}>
        → {text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text}
      </code>
      <span>{preview.type}</span>
    </p>
  );
}

function Fault(
  { fault, onNearest }: {
    readonly fault: PreviewFault;
    readonly onNearest: ((fault: PreviewFault) => void) | undefined;
  },
) {
  const { message, line, column, nearest } = fault;
  const place = line === 1
    ? `column ${column}`
    : `line ${line}, column ${column}`;
  return (
    <p class="hint">
      {message}, at {place}.
      {nearest !== undefined && (
        <>
          {" "}Did you mean {onNearest
            ? (
              <button
                type="button"
                class="link"
                onClick={() => onNearest(fault)}
              >
                {nearest}
              </button>
            )
            : nearest}?
        </>
      )}
    </p>
  );
}

/** A text with the nearest name in place of the one that is not known. */
export function withNearest(
  text: string,
  { line, column, nearest = "" }: PreviewFault,
): string {
  const lines = text.split("\n");
  const wrong = lines[line - 1] ?? "";
  const start = column - 1;
  const name = /^\w*/.exec(wrong.slice(start))?.[0] ?? "";
  lines[line - 1] = wrong.slice(0, start) + nearest +
    wrong.slice(start + name.length);
  return lines.join("\n");
}
