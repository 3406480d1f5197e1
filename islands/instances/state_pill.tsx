/**
 * A state as the document calls it, with the tone of what it is in its machine.
 *
 * @module
 */
import type { JSX } from "preact";
import { type StateKind, toneOfState } from "./instance.ts";

const SAID: Readonly<Record<StateKind, string>> = {
  initial: "Where instances begin",
  plain: "Under way",
  final: "Complete",
  error: "Complete, and a failure",
};

/** See the module comment. */
export function StatePill(
  { state, kind }: {
    readonly state: string;
    readonly kind: StateKind | undefined;
  },
): JSX.Element {
  const title = kind === undefined
    ? "The document has this state no more"
    : SAID[kind];
  return (
    <span class={`pill state-pill ${toneOfState(kind)}`} title={title}>
      <span class="clipped">{state}</span>
    </span>
  );
}
