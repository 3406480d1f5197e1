/**
 * The status of a run, a module or a component: one vocabulary everywhere, never
 * by colour alone.
 *
 * @module
 */
import type { JSX } from "preact";

/** How well something is: green, blue, amber, red or grey. */
export type Tone = "ok" | "run" | "wait" | "fail" | "idle";

/** The tone of each status that the engine has words for. */
const TONES: Readonly<Record<string, Tone>> = {
  completed: "ok",
  healthy: "ok",
  open: "ok",
  running: "run",
  started: "run",
  accepted: "run",
  loaded: "run",
  initialized: "run",
  queued: "wait",
  waiting: "wait",
  paused: "wait",
  degraded: "wait",
  failed: "fail",
  error: "fail",
  unhealthy: "fail",
  refused: "fail",
  dead: "fail",
};

/** The tone of a status; grey for one that is not started, or unknown. */
export function toneOf(status: string): Tone {
  return TONES[status] ?? "idle";
}

/** A status with its word. @param tone Where the word alone does not say it. */
export function Pill(
  { status, tone = toneOf(status) }: {
    readonly status: string;
    readonly tone?: Tone;
  },
): JSX.Element {
  const word = status.charAt(0).toUpperCase() + status.slice(1);
  return <span class={`pill ${tone}`}>{word}</span>;
}
