/**
 * What will make an unfinished run go on. A run without anything would hang for
 * ever: that there is none is checked wherever runs are simulated.
 *
 * @module
 */
import type { Live } from "./machine_frames.ts";
import type { Run } from "./run.ts";

/** What makes a run go on. */
export type WakeSource =
  /** Something is under way in this process: a step, or a commit. */
  | "doing"
  | "timer"
  /** It is paused: somebody lets it go on, or it does so by itself at a time. */
  | "breakpoint"
  | "signal"
  /** The end of another run. */
  | "child"
  /** The end of other runs of its pipeline, or the passing of time. */
  | "admission"
  /** A document that has what is missing. */
  | "module";

/** Every source of an unfinished run; a run with none is a fault of the engine. */
export function wakeSource(run: Run): ReadonlySet<WakeSource> {
  const sources = new Set<WakeSource>();
  const { machine } = run;
  if (run.isPending) sources.add("admission");
  if (run.stuck !== undefined || machine === undefined) sources.add("module");
  if (run.inFlight > 0 || run.doing.size > 0) sources.add("doing");
  if (machine?.pause !== undefined && run.isTimed) sources.add("breakpoint");
  for (const live of machine?.live.values() ?? []) {
    // What nobody has taken in hand wakes nothing.
    if (!live.isHandled) continue;
    for (const source of sourcesOf(live)) sources.add(source);
  }
  return sources;
}

function sourcesOf(live: Live): readonly WakeSource[] {
  switch (live.kind) {
    case "doing":
      // The commit that begins another run is counted above.
      return live.task.target.kind === "pipeline" ? [] : ["doing"];
    case "arming":
      return [];
    case "retrying":
      return ["timer"];
    case "child":
      return ["child"];
    case "waiting":
      return [
        ...live.untilMs === undefined ? [] : ["timer" as const],
        ...live.signal === undefined ? [] : ["signal" as const],
      ];
  }
}
