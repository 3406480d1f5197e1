/**
 * Whether the event stream is there.
 *
 * @module
 */
import type { JSX } from "preact";
import type { Connection } from "./live.ts";
import { Pill, type Tone } from "./pill.tsx";

const SAID: Readonly<Record<Connection, readonly [string, Tone]>> = {
  connecting: ["connecting", "wait"],
  open: ["live", "ok"],
  lost: ["connection lost, trying again", "fail"],
};

/** A pill with the word. */
export function StreamState(
  { connection }: { readonly connection: Connection },
): JSX.Element {
  const [status, tone] = SAID[connection];
  return (
    <span role="status" class="stream-state">
      <Pill status={status} tone={tone} />
    </span>
  );
}
