/**
 * The parts of the builder while what is in them is on its way. Before any script is
 * there, the server draws one that looks alike.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading } from "../parts/states.tsx";

/** An engine that takes longer is said to be slow, in milliseconds. */
const LATE_MS = 8_000;

export function Opening(
  { id, onRetry }: {
    readonly id: string;
    /** Asks anew. */
    readonly onRetry: () => void;
  },
): JSX.Element {
  const [isLate, setLate] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setLate(false);
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, [attempt]);
  return (
    <>
      <aside class="palette" aria-label="Modules to add">
        <Loading name="Modules" rows={12} />
      </aside>
      <div class="canvas">
        <div class="state" role="status">
          <p>{isLate ? "The engine has not answered yet" : `Opening ${id}`}</p>
          {isLate && (
            <button
              type="button"
              class="button"
              onClick={() => {
                setAttempt(attempt + 1);
                onRetry();
              }}
            >
              Try again
            </button>
          )}
        </div>
      </div>
      <aside class="inspector" aria-label="Inspector">
        <Loading name="Settings" rows={5} />
      </aside>
      <section class="dock" aria-label="Dock">
        <div class="bar"></div>
        <div class="content">
          <Loading name="Text" rows={5} />
        </div>
      </section>
    </>
  );
}
