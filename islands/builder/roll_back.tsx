/**
 * The button that puts back what ran before the last deployment.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failure } from "../parts/states.tsx";
import { useStore } from "./context.ts";
import { canRollBack, rollBack } from "./deployment.ts";

/** See the module comment. `onDone` is called once it runs again. */
export function RollBack({ onDone }: { readonly onDone?: () => void }) {
  const store = useStore();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (!canRollBack(store) && error === undefined) return null;
  async function act(): Promise<void> {
    setBusy(true);
    try {
      await rollBack(store);
      onDone?.();
    } catch (reason) {
      const isChanged = reason instanceof ApiError && reason.status === 412;
      if (isChanged) store.conflict.value = reason;
      else setError(reason);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <button
        type="button"
        class="button"
        title="Save and run what ran before the last deployment"
        disabled={isBusy}
        onClick={() => void act()}
      >
        <Icon name="undo" size={14} /> {isBusy ? "Rolling back" : "Roll back"}
      </button>
      {error !== undefined && (
        <Dialog
          title="It is not rolled back"
          onClose={() => setError(undefined)}
        >
          <Failure title="What ran runs on" error={error} />
        </Dialog>
      )}
    </>
  );
}
