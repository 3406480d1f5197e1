/**
 * The name of a module: changed wherever the document says it, in one step.
 *
 * @module
 */
import { useEffect, useId, useState } from "preact/hooks";
import { useStore } from "./context.ts";
import { renaming } from "./edits.ts";
import { renameMember } from "./group_actions.ts";

export function NameField({ name }: { readonly name: string }) {
  const store = useStore();
  const id = useId();
  const [text, setText] = useState(name);
  const [fault, setFault] = useState<string>();
  useEffect(() => setText(name), [name]);
  async function rename(): Promise<void> {
    const to = text.trim();
    if (to === name) return setFault(undefined);
    const isTaken = store.graph.value.modules.some((one) => one.name === to);
    if (to === "" || isTaken) {
      return setFault(
        to === "" ? "A module needs a name" : `There is a “${to}” already`,
      );
    }
    try {
      const before = store.text.value;
      const changes = await renaming(before, name, to);
      if (store.text.value !== before) return;
      const place = store.layout.value.views.modules?.[name];
      store.change(changes, `Rename ${name} to ${to}`);
      if (place) store.place("modules", { [to]: place });
      renameMember(store, name, to);
      store.select([to]);
      setFault(undefined);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
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
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-help`}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => void rename()}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setText(name);
        }}
      />
      <p id={`${id}-help`} class="hint" hidden={fault === undefined}>{fault}</p>
    </div>
  );
}
