/**
 * Asks before a document is closed whose text is not saved.
 *
 * @module
 */
import { Dialog } from "../parts/dialog.tsx";
import { useDocuments, useStore } from "./context.ts";

/** About the document that is shown. */
export function CloseDialog({ onClose }: { readonly onClose: () => void }) {
  const documents = useDocuments();
  const store = useStore();
  const { id, saved, problems } = store;
  const hasErrors = problems.value.some(({ severity }) => severity === "error");
  function drop(): void {
    documents.close(id);
    onClose();
  }
  async function saveAndClose(): Promise<void> {
    try {
      await store.save();
      drop();
    } catch (error) {
      onClose();
      store.conflict.value = error;
    }
  }
  return (
    <Dialog
      title={`Close ${id}?`}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Keep it open
          </button>
          <button type="button" class="button danger" onClick={drop}>
            Close without saving
          </button>
          <button
            type="button"
            class="button primary"
            disabled={saved.value === undefined || hasErrors}
            onClick={() => void saveAndClose()}
          >
            Save and close
          </button>
        </>
      }
    >
      <p>
        {hasErrors
          ? "Its changes are lost if it is closed now. They cannot be saved yet, since the text has errors."
          : "Its changes are lost if it is closed without saving."}
      </p>
    </Dialog>
  );
}
