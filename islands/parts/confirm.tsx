/**
 * Asks before something that cannot be undone, by its name.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

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
  const heading = useId();
  return (
    <Sheet labelledBy={heading} onClose={onNo}>
      <h2 id={heading}>{title}</h2>
      <div class="quiet">{children}</div>
      <div class="form-actions">
        <button type="button" class="button" onClick={onNo}>Cancel</button>
        <button type="button" class="button danger" onClick={onYes}>
          {verb}
        </button>
      </div>
    </Sheet>
  );
}

/** A sheet over the page; Escape closes it, but not out of an editor. */
export function Sheet(
  { labelledBy, wide = false, onClose, children }: {
    readonly labelledBy: string;
    readonly wide?: boolean;
    readonly onClose: () => void;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  // Before the next key is pressed.
  useLayoutEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The browser forgets it, since the sheet leaves the page as well.
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? "modal modal-wide" : "modal"}
      aria-labelledby={labelledBy}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // The browser would close it without asking.
        event.preventDefault();
        const { target } = event;
        const isEditor = target instanceof Element &&
          target.closest(".cm-editor") !== null;
        if (!isEditor) onClose();
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}
