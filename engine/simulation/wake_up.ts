/**
 * Says what will make an unfinished run go on, or that nothing will.
 *
 * @module
 */
import type { Live } from "../run/machine_frames.ts";
import type { Run } from "../run/run.ts";

/** What a run waits for, in words. */
export function wakeUpOf(run: Run): string {
  if (run.stuck !== undefined) return `stuck: ${run.stuck}`;
  if (run.isPending) return "its turn";
  if (run.inFlight > 0) return "the log";
  const { machine } = run;
  if (machine === undefined) return "NOTHING: it has no machine";
  if (machine.outcome !== undefined) {
    return run.isEnding
      ? "NOTHING: it was ended"
      : "NOTHING: its outcome is not written";
  }
  const { pause } = machine;
  if (pause !== undefined) {
    return `${pause.step}: paused until ${
      run.isTimed ? pause.untilMs : "NOTHING lets it go"
    }`;
  }
  const sources = [...machine.live.values()].map((live) => sourceOf(run, live));
  return sources.length === 0 ? "NOTHING: no step is live" : sources.join(", ");
}

function sourceOf(run: Run, live: Live): string {
  const { path } = live;
  switch (live.kind) {
    case "doing":
      return run.doing.has(path)
        ? `${path} is being done`
        : `${path}: NOTHING does it`;
    case "retrying":
      return run.doing.has(path)
        ? `${path} is being done again`
        : `${path} is tried again at ${live.atMs}`;
    case "arming":
      return `${path}: NOTHING arms it`;
    case "waiting":
      return live.signal === undefined
        ? `${path} waits until ${live.untilMs}`
        : `${path} waits for "${live.signal}" until ${live.untilMs}`;
    case "child":
      return `${path} waits for run ${live.run}`;
  }
}
