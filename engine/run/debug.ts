/**
 * What can be seen of a run that stands at a breakpoint.
 *
 * @module
 */
import { ExpressionError } from "../expression/expression_error.ts";
import type { JsonValue } from "../store/store.ts";
import type { AcceptedEntry, Entry, RunStatus } from "./journal.ts";
import type { Machine } from "./machine.ts";
import type { Live, Values } from "./machine_frames.ts";
import { replay } from "./replay.ts";
import type { Runs } from "./runs.ts";
import type { RunView } from "./view.ts";

/** A run, as one who looks for faults sees it. Times are milliseconds since 1970. */
export interface DebugView {
  readonly run: string;
  readonly pipeline: string;
  readonly version: string;
  readonly status: RunStatus;
  /** Where it stands; null if it does not. */
  readonly paused:
    | {
      readonly step: string;
      readonly since: number;
      /** When it goes on by itself. */
      readonly until: number;
      /** Absent if it was let go for one step. */
      readonly breakpoint?: string;
      readonly condition?: string;
    }
    | null;
  /** What expressions at the step see: `input`, `run`, `steps`, items of loops. */
  readonly scope?: Values;
  /** What the step is given; absent for a wait. */
  readonly with?: JsonValue;
  /** Why that cannot be worked out: the step would fail. */
  readonly withError?: string;
}

/** Looks at a run, whichever node has it. */
export async function debugView(
  runs: Runs,
  view: RunView,
): Promise<DebugView> {
  const { summary: { id: run, pipeline, version, status } } = view;
  const place = { run, pipeline, version, status };
  const machine = view.run?.machine ?? await replayed(runs, view);
  const { pause } = machine ?? {};
  if (machine === undefined || pause === undefined) {
    return { ...place, paused: null };
  }
  const { step, sinceMs, untilMs, breakpoint, condition } = pause;
  return {
    ...place,
    paused: {
      ...{ step, since: sinceMs, until: untilMs },
      ...breakpoint === undefined ? {} : { breakpoint },
      ...condition === undefined ? {} : { condition },
    },
    ...seenAt(machine.live.get(step)),
  };
}

async function replayed(
  runs: Runs,
  { id, summary: { pipeline, version }, entries, end }: RunView,
): Promise<Machine | undefined> {
  const [first, ...rest] = entries;
  if (end !== undefined || first?.kind !== "accepted") return undefined;
  const program = await runs.programs.version(pipeline, version);
  if (typeof program === "string") return undefined;
  const journal: [AcceptedEntry, ...Entry[]] = [first, ...rest];
  return replay(program, { id, entries: journal }).machine;
}

function seenAt(
  live: Live | undefined,
): Pick<DebugView, "scope" | "with" | "withError"> {
  if (live?.kind === "arming") return { scope: live.values };
  if (live?.kind !== "doing") return {};
  const { values: scope, task } = live;
  try {
    return { scope, with: task.input.evaluate(scope) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { scope, withError: error.message };
  }
}
