/**
 * The list of keys, made of the commands.
 *
 * @module
 */
import { Dialog } from "../parts/dialog.tsx";
import { type Command, commandsOf } from "./commands.ts";
import { useStore } from "./context.ts";

/** What the browser tells as copying and pasting, whatever its keys are. */
const CLIPBOARD: readonly Pick<Command, "name" | "keys">[] = [
  { name: "Copy what is chosen, as YAML", keys: ["Ctrl C"] },
  { name: "Paste modules", keys: ["Ctrl V"] },
];

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const commands = [...commandsOf(useStore()), ...CLIPBOARD];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts">
        {commands.map(({ name, keys }) =>
          keys && (
            <>
              <dt>
                <kbd>{keys[0]}</kbd>
              </dt>
              <dd>{name}</dd>
            </>
          )
        )}
      </dl>
    </Dialog>
  );
}
