/**
 * Asks how two modules are to be tied, where there are several ways.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { parsePath } from "../../engine/config/problem.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Failure, Loading } from "../parts/states.tsx";
import { useStore } from "./context.ts";
import { type Connection, connections } from "./edits.ts";

/** The ends of a tie that is to be. */
export interface Ends {
  readonly source: string;
  readonly target: string;
}

export function ConnectDialog(
  { ends, onClose }: { readonly ends: Ends; readonly onClose: () => void },
) {
  const store = useStore();
  const [ways, setWays] = useState<readonly Connection[]>();
  const [error, setError] = useState<unknown>();
  const { source, target } = ends;
  function tie({ changes, label, toFill: [first] }: Connection): void {
    store.change(changes, `Tie ${source} and ${target}: ${label}`);
    // What is still to be said is asked for at once.
    if (first !== undefined) {
      store.select([]);
      store.chosen.value = parsePath(first).slice(0, -1);
    }
    onClose();
  }
  useEffect(() => {
    connections(store.text.value, source, target).then((found) => {
      const [only] = found;
      if (only !== undefined && found.length === 1) tie(only);
      else setWays(found);
    }, setError);
  }, [source, target]);
  return (
    <Dialog title={`Tie ${source} and ${target}`} onClose={onClose}>
      {error !== undefined
        ? <Failure title="The ways are not known" error={error} />
        : ways === undefined
        ? <Loading name="Ways" rows={3} />
        : ways.length === 0
        ? (
          <p>
            Neither of them has a field for the other. What a module can be tied
            to stands in its settings.
          </p>
        )
        : (
          <ul class="choices">
            {ways.map((way, index) => (
              <li key={way.id}>
                <button
                  ref={index === 0 ? focused : null}
                  type="button"
                  class="choice"
                  onClick={() => tie(way)}
                >
                  <strong>{way.label}</strong>
                  {way.help && <small>{way.help}</small>}
                </button>
              </li>
            ))}
          </ul>
        )}
    </Dialog>
  );
}

function focused(choice: HTMLElement | null): void {
  choice?.focus();
}
