/**
 * A value of any kind, as JSON.
 *
 * @module
 */
import { useRef, useState } from "preact/hooks";
import { useCompletion } from "./completion.tsx";
import { common, type ControlProps, placeholderOf } from "./control.tsx";

/** It is taken over once it can be read. */
export function JsonInput(props: ControlProps) {
  const { value, set, field, over } = props;
  const written = value === undefined ? "" : JSON.stringify(value, null, 2);
  const [draft, setDraft] = useState<string>();
  const [fault, setFault] = useState<string>();
  const element = useRef<HTMLTextAreaElement>(null);
  function write(text: string): void {
    setDraft(text);
    try {
      set(text.trim() === "" ? undefined : JSON.parse(text));
      setFault(undefined);
    } catch (error) {
      setFault((error as Error).message);
    }
  }
  const { props: offered, look, list } = useCompletion({
    ...{ field: element, over, isBare: false, onText: write },
  });
  return (
    <div class="expression">
      <textarea
        {...common(props)}
        {...offered}
        ref={element}
        class="field mono"
        rows={Math.min(12, Math.max(3, written.split("\n").length))}
        spellcheck={false}
        aria-invalid={props.isInvalid || fault !== undefined}
        value={draft ?? written}
        placeholder={placeholderOf(field)}
        onInput={({ currentTarget }) => {
          write(currentTarget.value);
          look();
        }}
        onBlur={() => {
          offered.onBlur();
          if (fault === undefined) setDraft(undefined);
        }}
      />
      {list}
      {fault && <p class="hint">This is not JSON: {fault}</p>}
    </div>
  );
}
