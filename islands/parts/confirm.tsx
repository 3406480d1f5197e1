/**
 * Asks before something that cannot be undone, by its name.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { Dialog } from "./dialog.tsx";

/** A question over the page. The keyboard begins at the way out. */
export function Confirm(
  { title, verb, onYes, onNo, children }: {
    /** The question: "Remove payment?". */
    readonly title: string;
    /** What the button does: "Remove payment". */
    readonly verb: string;
    readonly onYes: () => void;
    readonly onNo: () => void;
    /** What is lost. */
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <Dialog
      title={title}
      onClose={onNo}
      actions={
        <>
          <button type="button" class="button" autofocus onClick={onNo}>
            Cancel
          </button>
          <button type="button" class="button danger" onClick={onYes}>
            {verb}
          </button>
        </>
      }
    >
      <p>{children}</p>
    </Dialog>
  );
}
