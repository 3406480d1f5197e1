/**
 * The name of something: changed wherever the document says it, in one step.
 *
 * @module
 */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useStore } from "./context.ts";
import { type Named, renaming } from "./edits.ts";
import { followName } from "./follow_name.ts";

/** The control of a name; `help` says what it is for. */
export function NameField(
  { named, help }: {
    readonly named: Named;
    readonly help?: string | undefined;
  },
) {
  const { name } = named;
  const store = useStore();
  const id = useId();
  const [text, setText] = useState(name);
  const [fault, setFault] = useState<string>();
  // The field is left, too, where the name is taken over by Enter.
  const isBusy = useRef(false);
  useEffect(() => {
    setText(name);
    isBusy.current = false;
  }, [name]);
  async function rename(written: string): Promise<void> {
    const to = written.trim();
    if (isBusy.current) return;
    if (to === name) return setFault(undefined);
    if (to === "") return setFault("It needs a name");
    isBusy.current = true;
    try {
      const before = store.text.value;
      const changes = await renaming(before, named, to);
      if (store.text.value === before) {
        store.change(changes, `Rename ${name} to ${to}`);
        setFault(undefined);
        // The next name takes this one's place.
        if (store.text.value !== before) return followName(store, named, to);
      }
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    isBusy.current = false;
  }
  return (
    <div class="row">
      <div class="label">
        <label for={id}>Name</label>
      </div>
      <input
        id={id}
        class="field"
        value={text}
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-help`}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={({ currentTarget }) => void rename(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") {
            // At once: the field is left by the same key, which takes over what it has.
            event.currentTarget.value = name;
            setText(name);
            setFault(undefined);
          }
        }}
      />
      <div id={`${id}-help`}>
        {fault !== undefined && <p class="hint" role="alert">{fault}</p>}
        {fault === undefined && help && <p class="help">{help}</p>}
      </div>
    </div>
  );
}
