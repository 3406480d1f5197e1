/**
 * A field for JSON that says where it cannot be read.
 *
 * @module
 */
import type { JSX } from "preact";
import { useId } from "preact/hooks";

/** What the field holds. */
export interface JsonFieldProps {
  readonly label: string;
  readonly help?: string;
  readonly text: string;
  readonly rows?: number;
  readonly onText: (text: string) => void;
}

/** See the module comment. */
export function JsonField(
  { label, help, text, rows = 8, onText }: JsonFieldProps,
): JSX.Element {
  const id = useId();
  const fault = faultOf(text);
  return (
    <div class="json-field">
      <label for={id}>
        {label}
        {help && <em>{help}</em>}
      </label>
      <textarea
        id={id}
        class="field mono"
        rows={rows}
        spellcheck={false}
        value={text}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-fault`}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      >
      </textarea>
      <p id={`${id}-fault`} class="run-fault" aria-live="polite">{fault}</p>
    </div>
  );
}

/** Why a text is no JSON; nothing is taken for nothing. */
function faultOf(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`;
  }
}

/** The value of a text. @throws {SyntaxError} It is no JSON. */
export function valueOf(text: string): unknown {
  return text.trim() === "" ? undefined : JSON.parse(text);
}
