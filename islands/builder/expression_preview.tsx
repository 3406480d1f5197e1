/**
 * What the expressions of a field yield on a sample, or what is wrong with them.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type {
  JsonValue,
  Preview,
  PreviewFault,
} from "../../engine/expression/preview.ts";
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
  // A variable of the environment is put in before the expression is read.
  if (/\$\{[A-Za-z_]/.test(JSON.stringify(value))) return undefined;
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
        : (
          <Result preview={preview}>
            <button
              type="button"
              class="link"
              title="See and change what it is tried on"
              onClick={() => setOpen(true)}
            >
              {SAMPLE_NAMES[sample.origin]}
            </button>
          </Result>
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
  { preview, children }: {
    readonly preview: Exclude<Preview, PreviewFault>;
    readonly children: ComponentChildren;
  },
) {
  const hasValue = preview.kind === "value";
  const text = hasValue ? JSON.stringify(preview.value) : "";
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return (
    <>
      <p>
        <code title={text}>→ {hasValue ? shown : preview.type}</code>
        {hasValue && <span>{preview.type}</span>}
        {children}
      </p>
      {!hasValue && <p>No value there: {preview.why}</p>}
    </>
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
