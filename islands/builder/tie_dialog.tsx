/**
 * Asks what the chosen card is to be tied to: the keyboard's way to draw a tie.
 *
 * @module
 */
import { Dialog } from "../parts/dialog.tsx";
import { Chooser } from "./chooser.tsx";
import type { Ends } from "./connect_dialog.tsx";
import { useStore } from "./context.ts";
import { addTransition } from "./machine_edits.ts";
import { tieable } from "./tie_targets.ts";

export function TieDialog(
  { onTie, onClose }: {
    /** Two modules are to be tied. */
    readonly onTie: (ends: Ends) => void;
    readonly onClose: () => void;
  },
) {
  const store = useStore();
  const found = tieable(store);
  if (found === undefined) return null;
  const { source, targets } = found;
  const isMachine = store.view.value.kind === "machine";
  return (
    <Dialog title={`Tie ${source} to`} onClose={onClose}>
      <Chooser
        label={isMachine ? "State to go to" : "Module to tie it to"}
        choices={targets}
        onChoose={({ id: target }) => {
          onClose();
          const ends = { source, target };
          if (isMachine) addTransition(store, ends);
          else onTie(ends);
        }}
      />
    </Dialog>
  );
}
