/**
 * Something that a person asks the engine to do: one at a time, with what came of
 * it in words.
 *
 * @module
 */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

/** How it stands. */
export interface Action {
  /** What is under way, by the name it was given; empty: nothing. */
  readonly busy: string;
  /** Why the last one failed. */
  readonly error: unknown;
  /** What the last one did. */
  readonly done: string;
  /**
   * Does it, unless another is under way.
   *
   * @returns whether it was done.
   */
  readonly run: (
    name: string,
    work: () => Promise<string | void>,
  ) => Promise<boolean>;
  /** Takes the words away. */
  readonly clear: () => void;
}

/** An action of a component. */
export function useAction(): Action {
  const [busy, setBusy] = useState("");
  const [error, setError] = useState<unknown>();
  const [done, setDone] = useState("");
  const isBusy = useRef(false);
  const clear = () => {
    setError(undefined);
    setDone("");
  };
  const run: Action["run"] = async (name, work) => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setBusy(name);
    clear();
    try {
      setDone(await work() ?? "");
      return true;
    } catch (reason) {
      setError(() => reason);
      return false;
    } finally {
      isBusy.current = false;
      setBusy("");
    }
  };
  return { busy, error, done, run, clear };
}

/** What came of it: read out, and gone with a click. */
export function Outcome(
  { action: { error, done, clear } }: { readonly action: Action },
): JSX.Element {
  return (
    <div class="outcome">
      <div role="alert">
        {error !== undefined && (
          <p class="notice notice-row fail">
            <span>{wordsOf(error)}</span>
            <Dismiss onClick={clear} />
          </p>
        )}
      </div>
      <div role="status">
        {done !== "" && (
          <p class="notice notice-row idle">
            <span>{done}</span>
            <Dismiss onClick={clear} />
          </p>
        )}
      </div>
    </div>
  );
}

function Dismiss({ onClick }: { readonly onClick: () => void }) {
  return (
    <button type="button" class="text-button" onClick={onClick}>Dismiss</button>
  );
}

/** What an error says. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
