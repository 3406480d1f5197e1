/**
 * Asks what is meant where several places of the document share one text.
 *
 * @module
 */
import type { SharedMode } from "../../engine/config/change.ts";
import { formatPath } from "../../engine/config/problem.ts";
import { Dialog } from "../parts/dialog.tsx";
import { useStore } from "./context.ts";
import type { Question } from "./store.ts";

export function SharedDialog({ question }: { readonly question: Question }) {
  const store = useStore();
  const { shared: { users }, changes, label } = question;
  const close = () => {
    store.question.value = undefined;
  };
  function answer(shared: SharedMode): void {
    close();
    store.change(changes.map((change) => ({ ...change, shared })), label);
  }
  return (
    <Dialog
      title="Other places use this, too"
      onClose={close}
      actions={
        <>
          <button
            type="button"
            class="button"
            onClick={() => answer("override")}
          >
            Change it here only
          </button>
          <button
            type="button"
            class="button primary"
            onClick={() => answer("all")}
          >
            Change all {users.length}
          </button>
        </>
      }
    >
      <p>The document writes it once, and these places show it:</p>
      <ul>
        {users.map((path) => (
          <li key={formatPath(path)}>
            <code>{formatPath(path)}</code>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
