/**
 * A question in the middle of the page: the browser's own dialog, which keeps the
 * focus, and which Escape closes.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** What is asked. */
export interface DialogProps {
  readonly title: string;
  /** What the button says that does it: a verb. */
  readonly verb: string;
  readonly isDanger?: boolean;
  /** Does it. What it throws is shown, and the dialog stays. */
  readonly onDo: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** See the module comment. */
export function Dialog(props: DialogProps): JSX.Element {
  const { title, verb, isDanger, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { isBusy, problem, attempt } = useAttempt(props.onDo);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      class="run-dialog"
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) =>
        event.target === event.currentTarget &&
        event.currentTarget.close()}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt();
        }}
      >
        <header>
          <h2 id={id}>{title}</h2>
          <button
            type="button"
            class="button icon small"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        <div class="run-dialog-body">{children}</div>
        {problem !== undefined && (
          <p class="notice fail" role="alert">{problem}</p>
        )}
        <footer>
          <button
            type="button"
            class="button"
            onClick={() => dialog.current?.close()}
          >
            Leave it
          </button>
          <button
            type="submit"
            class={`button ${isDanger ? "danger" : "primary"}`}
            disabled={isBusy}
          >
            {verb}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

/** Does something once at a time, and keeps why it could not be done. */
export function useAttempt<A extends readonly unknown[]>(
  work: (...given: A) => Promise<void>,
): {
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly attempt: (...given: A) => Promise<void>;
} {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const attempt = async (...given: A) => {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await work(...given);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, problem, attempt };
}
