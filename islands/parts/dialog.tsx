/**
 * A question in front of the page. Escape closes it, and the focus stays inside.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "../icons.tsx";

export function Dialog(
  { title, onClose, children, actions, isWide = false }: {
    readonly title: string;
    readonly onClose: () => void;
    readonly children: ComponentChildren;
    /** The buttons at its foot. */
    readonly actions?: ComponentChildren;
    readonly isWide?: boolean;
  },
) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onClose={onClose}
      onClick={({ target }) => {
        if (target === element.current) onClose();
      }}
    >
      <div class="content">
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
      </div>
    </dialog>
  );
}
