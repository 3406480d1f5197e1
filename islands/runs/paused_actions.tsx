/**
 * Lets a run go on that stands at a breakpoint.
 *
 * @module
 */
import type { JSX } from "preact";
import { send } from "../api.ts";
import { useAction, wordsOf } from "../parts/action.tsx";

/** For good, or for one step. */
type How = "continue" | "step";

/** See the module comment. */
export function PausedActions(
  { id, onDone }: { readonly id: string; readonly onDone: () => void },
): JSX.Element {
  const { busy, error, run } = useAction();
  const isBusy = busy !== "";
  const attempt = (how: How) =>
    run(how, async () => {
      const path = `/api/runs/${id}/debug/${how}`;
      await send(path, { method: "POST", body: {} });
      onDone();
    });
  return (
    <>
      {error !== undefined && (
        <span class="notice fail" role="alert">{wordsOf(error)}</span>
      )}
      <button
        type="button"
        class="button primary"
        disabled={isBusy}
        onClick={() => attempt("continue")}
      >
        Continue
      </button>
      <button
        type="button"
        class="button"
        disabled={isBusy}
        onClick={() => attempt("step")}
      >
        Do one step
      </button>
    </>
  );
}
