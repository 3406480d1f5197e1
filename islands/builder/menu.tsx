/**
 * What is done seldom: take a file in, give one out, see the keys.
 *
 * @module
 */
import { useRef, useState } from "preact/hooks";
import { parse as parseYaml, stringify } from "yaml";
import { Icon } from "../icons.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useStore } from "./context.ts";
import {
  canGroup,
  canUngroup,
  groupChosen,
  ungroupChosen,
} from "./group_actions.ts";
import { addNote } from "./notes.ts";
import type { BuilderStore } from "./store.ts";

export function Menu() {
  const store = useStore();
  const file = useRef<HTMLInputElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [showsKeys, setShowsKeys] = useState(false);
  const items: readonly (readonly [string, () => void, boolean?])[] = [
    ["Add a note", () => addNote(store)],
    ["Group", () => groupChosen(store), canGroup(store)],
    ["Ungroup", () => ungroupChosen(store), canUngroup(store)],
    ["Import a file", () => file.current?.click()],
    ["Export YAML", () => give(store, "yaml")],
    ["Export JSON", () => give(store, "json")],
    ["Keys", () => setShowsKeys(true)],
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
          {items.filter(([, , isOffered = true]) => isOffered).map((
            [name, act],
          ) => (
            <li key={name}>
              <button
                type="button"
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

/** Puts a file in the place of the text; undo takes it back. */
export async function take(store: BuilderStore, file: File): Promise<void> {
  const text = await file.text();
  const isJson = file.name.endsWith(".json");
  try {
    // JSON is YAML, but nobody wants to read it as such.
    const written = isJson ? stringify(JSON.parse(text)) : text;
    store.setText(written, `Import ${file.name}`);
  } catch (error) {
    store.conflict.value = new Error(
      `${file.name} is not JSON: ${(error as Error).message}`,
    );
  }
}

/** Gives the text out, as a file of its kind. */
function give(store: BuilderStore, kind: "yaml" | "json"): void {
  const text = store.text.value;
  const content = kind === "yaml"
    ? text
    : JSON.stringify(parseYaml(text, { merge: true }), null, 2);
  const url = URL.createObjectURL(new Blob([content]));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${store.id}.${kind}`;
  link.click();
  URL.revokeObjectURL(url);
}

/** What each key does. */
const KEYS: readonly (readonly [string, string])[] = [
  ["A", "Look for something to add"],
  ["/", "Look for a module"],
  ["N", "Add a note"],
  ["G", "Group what is chosen"],
  ["Shift G", "Ungroup"],
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
