/**
 * Somebody else has changed the document, or it could not be saved: shows their
 * text against ours, and asks which is to stay.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Failure, Loading } from "../parts/states.tsx";
import { useStore } from "./context.ts";
import { read } from "./documents.ts";
import { TextDiff } from "./text_diff.tsx";

export function ConflictDialog({ error }: { readonly error: unknown }) {
  const store = useStore();
  const close = () => {
    store.conflict.value = undefined;
  };
  const isChanged = error instanceof ApiError && error.status === 412;
  if (!isChanged) {
    return (
      <Dialog title="It is not saved" onClose={close}>
        <p>{error instanceof Error ? error.message : String(error)}</p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Somebody else has changed the document"
      onClose={close}
      isWide
      actions={
        <>
          <button
            type="button"
            class="button"
            onClick={() => void store.reload().then(close)}
          >
            Take theirs
          </button>
          <button
            type="button"
            class="button primary"
            onClick={() => void store.overwrite().then(close)}
          >
            Keep mine
          </button>
        </>
      }
    >
      <p>
        Take their text, and yours can be had back with undo; or put yours in
        its place. What yours would change of theirs:
      </p>
      <Theirs />
    </Dialog>
  );
}

function Theirs() {
  const store = useStore();
  const [theirs, setTheirs] = useState<string>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    read(store.id).then(({ text }) => setTheirs(text), setError);
  }, [store]);
  if (error !== undefined) {
    return <Failure title="Their text cannot be read" error={error} />;
  }
  return theirs === undefined
    ? <Loading name="Their text" rows={3} />
    : <TextDiff before={theirs} after={store.text.value} />;
}
