/**
 * What is done seldom: take a file in, give one out, see the keys.
 *
 * @module
 */
import { useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { commandsOf } from "./commands.ts";
import { useStore } from "./context.ts";
import { take } from "./files.ts";

export function Menu() {
  const store = useStore();
  const file = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <div
      class="menu"
      onKeyDown={({ key }) => key === "Escape" && setOpen(false)}
    >
      <button
        ref={button}
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
          {commandsOf(store).filter(({ isInMenu }) => isInMenu).map((
            { name, keys, isOff = false, act },
          ) => (
            <li key={name}>
              <button
                type="button"
                disabled={isOff}
                aria-keyshortcuts={keys && heldText(keys[0])}
                onClick={() => {
                  setOpen(false);
                  // The item goes away, and a dialog gives the focus back.
                  button.current?.focus();
                  act();
                }}
              >
                <span>{name}</span>
                {keys && <kbd aria-hidden="true">{keys[0]}</kbd>}
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
    </div>
  );
}

/** `Ctrl Shift Z` as the attribute has it: `Control+Shift+Z`. */
function heldText(keys: string): string {
  return keys.replace("Ctrl", "Control").replaceAll(" ", "+");
}
