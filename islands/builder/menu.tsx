/**
 * What is done seldom: take a file in, give one out, see the keys.
 *
 * @module
 */
import { useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useStore } from "./context.ts";
import { give, isBlank, take } from "./files.ts";
import { addNote } from "./notes.ts";
import { tell } from "./notice.tsx";
import type { BuilderStore } from "./store.ts";

/** Something that can be done. */
interface Item {
  readonly name: string;
  readonly act: () => void;
  readonly isOff?: boolean;
}

/** Begins anew; undo brings everything back. */
function clear(store: BuilderStore): void {
  store.setText("modules: []\n", "Clear");
  store.select([]);
  tell("The document is empty. Undo brings it back.");
}

export function Menu() {
  const store = useStore();
  const file = useRef<HTMLInputElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [showsKeys, setShowsKeys] = useState(false);
  const isEmpty = isBlank(store);
  const items: readonly Item[] = [
    { name: "Add a note", act: () => addNote(store) },
    { name: "Import a file", act: () => file.current?.click() },
    { name: "Export YAML", act: () => give(store, "yaml"), isOff: isEmpty },
    {
      name: "Export JSON",
      act: () => give(store, "json"),
      isOff: isEmpty || store.isStale.value,
    },
    { name: "Clear", act: () => clear(store), isOff: isEmpty },
    { name: "Keys", act: () => setShowsKeys(true) },
  ];
  return (
    <div
      class="menu"
      onKeyDown={({ key }) => key === "Escape" && setOpen(false)}
    >
      <button
        type="button"
        class="button icon"
        aria-label="More"
        title="More"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="dots" />
      </button>
      {isOpen && (
        <ul>
          {items.map(({ name, act, isOff = false }) => (
            <li key={name}>
              <button
                type="button"
                disabled={isOff}
                onClick={() => {
                  setOpen(false);
                  act();
                }}
              >
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={file}
        type="file"
        accept=".yaml,.yml,.json"
        hidden
        aria-label="File to import"
        onChange={({ currentTarget }) => {
          const [chosen] = currentTarget.files ?? [];
          if (chosen) void take(store, chosen);
          currentTarget.value = "";
        }}
      />
      {showsKeys && <Keys onClose={() => setShowsKeys(false)} />}
    </div>
  );
}

/** What each key does. */
const KEYS: readonly (readonly [string, string])[] = [
  ["A", "Look for something to add"],
  ["/", "Look for a module"],
  ["N", "Add a note"],
  ["Delete", "Remove what is chosen"],
  ["Ctrl Z", "Take back"],
  ["Ctrl Shift Z", "Do again"],
  ["Ctrl A", "Choose every module"],
  ["Ctrl C", "Copy what is chosen, as YAML"],
  ["Ctrl V", "Paste modules"],
  ["Ctrl D", "Duplicate what is chosen"],
  ["Ctrl S", "Save"],
  ["Escape", "Choose nothing"],
];

function Keys({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts">
        {KEYS.map(([key, does]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
