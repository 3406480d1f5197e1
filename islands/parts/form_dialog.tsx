/**
 * A form over the page. While it is sent it cannot be sent again; why that failed
 * is shown, and what was written stays.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { Outcome, useAction } from "./action.tsx";
import { Dialog } from "./dialog.tsx";

/** What is asked. */
export interface FormDialogProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly verb: string;
  /** What the way out says. @default {"Cancel"} */
  readonly wayOut?: string;
  readonly isDanger?: boolean;
  readonly isWide?: boolean;
  /** Whether it can be done as it is. @default {true} */
  readonly isReady?: boolean;
  /** Does it. What it throws is shown. */
  readonly onDo: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** See the module comment. */
export function FormDialog(props: FormDialogProps): JSX.Element {
  const { title, verb, wayOut = "Cancel", isDanger, isWide, isReady = true } =
    props;
  const { onDo, onClose, children } = props;
  const action = useAction();
  const isBusy = action.busy !== "";
  return (
    <Dialog
      title={title}
      onClose={onClose}
      isWide={isWide ?? false}
      onSubmit={() => {
        if (isReady) void action.run("do", onDo);
      }}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            {wayOut}
          </button>
          <button
            type="submit"
            class={`button ${isDanger ? "danger" : "primary"}`}
            disabled={isBusy || !isReady}
          >
            {verb}
          </button>
        </>
      }
    >
      {children}
      <Outcome action={action} />
    </Dialog>
  );
}
