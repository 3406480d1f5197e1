/**
 * What came of something that was done, in a line over the canvas. It is read out,
 * and goes by itself unless something failed.
 *
 * @module
 */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** How long a notice stays, in milliseconds. */
const STAYS_MS = 6_000;

interface Told {
  readonly text: string;
  readonly isFault: boolean;
}

const told = signal<Told>();

/** Says what was done. */
export function tell(text: string): void {
  told.value = { text, isFault: false };
}

/** Says what failed, until somebody takes it away. */
export function tellFault(text: string): void {
  told.value = { text, isFault: true };
}

export function Notice(): JSX.Element {
  const { text, isFault } = told.value ?? { text: "", isFault: false };
  const close = () => {
    told.value = undefined;
  };
  useEffect(() => {
    if (text === "" || isFault) return;
    const timer = setTimeout(close, STAYS_MS);
    return () => clearTimeout(timer);
  }, [told.value]);
  const line = text !== "" && (
    <p class={isFault ? "notice fail" : "notice idle"}>
      <span>{text}</span>
      <button
        type="button"
        class="button icon small"
        aria-label="Dismiss"
        title="Dismiss"
        onClick={close}
      >
        <Icon name="close" size={12} />
      </button>
    </p>
  );
  // The place of what was done is always there, so that it is read out.
  return (
    <div class="told-line">
      {isFault && <div role="alert">{line}</div>}
      <div role="status">{!isFault && line}</div>
    </div>
  );
}
