/**
 * Something in front of the page: the browser's own dialog, which keeps the focus
 * inside. Escape closes it, and whatever opened it has the focus again.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** What a dialog shows. */
export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** The buttons at its foot. */
  readonly actions?: ComponentChildren;
  readonly isWide?: boolean;
  /** Makes it a form. Then a click beside it does not lose what was written. */
  readonly onSubmit?: () => void;
}

/** See the module comment. */
export function Dialog(props: DialogProps): JSX.Element {
  const { title, onClose, children, actions, isWide, onSubmit } = props;
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  const isPressedBeside = useRef(false);
  useModal(element);
  const parts = (
    <>
      <header>
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          class="button icon small"
          aria-label="Close"
          title="Close (Escape)"
          onClick={onClose}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div class="body">{children}</div>
      {actions && <footer>{actions}</footer>}
    </>
  );
  return (
    <dialog
      ref={element}
      class={isWide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // The browser would close it without asking, and the page would hear it.
        event.preventDefault();
        event.stopPropagation();
        if (!isInEditor(event.target)) onClose();
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={({ target }) => {
        isPressedBeside.current = target === element.current;
      }}
      onClick={({ target }) => {
        // A text that is marked may end beside it.
        const isBeside = target === element.current && isPressedBeside.current;
        if (isBeside && onSubmit === undefined) onClose();
      }}
    >
      {onSubmit === undefined ? <div class="content">{parts}</div> : (
        <form
          class="content"
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {parts}
        </form>
      )}
    </dialog>
  );
}

/** Opens a dialog as long as it is there, before the next key is pressed. */
function useModal(
  element: { readonly current: HTMLDialogElement | null },
): void {
  useLayoutEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => {
      dialog?.close();
      // What opened it may leave the page in the same moment.
      queueMicrotask(() => giveBack(opener));
    };
  }, []);
}

/** Where somebody begins to type; else the browser takes what has `autofocus`. */
const FIRST = ".body :is(input, select, textarea)";

/** The browser forgets who had the focus, since the dialog leaves the page. */
function giveBack(opener: Element | null): void {
  if (document.activeElement !== document.body) return;
  const isThere = opener instanceof HTMLElement && opener.isConnected;
  const place = isThere ? opener : document.querySelector("main");
  place?.focus({ preventScroll: !isThere });
}

/** Escape leads out of an editor, and only then out of the dialog. */
function isInEditor(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".cm-editor") !== null;
}
