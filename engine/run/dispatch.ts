/**
 * Runs as `dispatch` sees them: begins one, and waits for it as long as the
 * caller wants to.
 *
 * @module
 */
import type { DispatchOptions, JsonObject, RunReader } from "../define.ts";
import type { Clock } from "../effects.ts";
import { chainOf } from "../services/broker.ts";
import type { JsonValue } from "../store/store.ts";
import type { Entry } from "./journal.ts";
import type { Runs } from "./runs.ts";
import type { RunView } from "./view.ts";

/** The longest that `dispatch` waits for a run, in milliseconds: five minutes. */
export const DISPATCH_WAIT_MS_MAX = 300_000;

/**
 * Begins a run. The result names it (`run`) and says how it is (`status`); of
 * one that is over also its `output` or `error`, and its `response`, if a step
 * has answered.
 *
 * @throws {RefusedError | RetryableError} what `Runs.start` refuses.
 */
export async function dispatchRun(
  runs: Runs,
  pipeline: string,
  input: JsonObject,
  { idempotencyKey, source, via, waitMs = 0, clock, traceparent }:
    & DispatchOptions
    & { readonly clock: Clock; readonly traceparent?: string | undefined },
): Promise<JsonObject> {
  const started = await runs.start(pipeline, input as JsonValue, {
    idempotencyKey,
    source,
    traceparent,
    ...chainOf(via),
  });
  const answered = runs.programs.current(pipeline)?.responds ?? [];
  if (waitMs <= 0 || started.end) return resultOf(started, answered);
  const view = await wait(runs, started, {
    clock,
    answered,
    waitMs: Math.min(waitMs, DISPATCH_WAIT_MS_MAX),
  });
  return resultOf(view, answered);
}

/** What modules and sections may know of runs. */
export function runReader(runs: () => Runs): RunReader {
  return {
    waitMsMax: DISPATCH_WAIT_MS_MAX,
    isPipeline: (id) => runs().programs.current(id) !== undefined,
    async get(id) {
      const view = await runs().get(id);
      if (view === undefined) return undefined;
      const { end, summary: { pipeline, status } } = view;
      return {
        ...{ id, pipeline, status },
        ...end?.kind === "completed" ? { output: end.output } : {},
        ...end && "error" in end
          ? { error: { message: end.error.message, code: end.error.code } }
          : {},
      };
    },
  };
}

/** Waits until the run is over, has answered, or the time is up. */
async function wait(
  runs: Runs,
  started: RunView,
  { clock, answered, waitMs }: {
    readonly clock: Clock;
    readonly answered: readonly string[];
    readonly waitMs: number;
  },
): Promise<RunView> {
  const { id, run } = started;
  const enough = new AbortController();
  const cancel = clock.after(waitMs, () => enough.abort());
  const look = () => {
    if (answered.length === 0 || run === undefined) return;
    const last = run.entries.at(-1);
    if (last && responseIn([JSON.parse(last) as Entry], answered)) {
      enough.abort();
    }
  };
  run?.watchers.add(look);
  try {
    return await runs.ended(id, enough.signal) ?? started;
  } finally {
    run?.watchers.delete(look);
    cancel();
  }
}

function resultOf(
  view: RunView,
  answered: readonly string[],
): JsonObject {
  const { summary, end } = view;
  const response = answered.length === 0
    ? undefined
    : responseIn(view.entries, answered);
  return {
    run: summary.id,
    pipeline: summary.pipeline,
    status: summary.status,
    ...end?.kind === "completed" ? { output: end.output } : {},
    ...end && "error" in end ? { error: { ...end.error } } : {},
    ...response === undefined ? {} : { response },
  };
}

/** What the first step that answers has answered. */
function responseIn(
  entries: readonly Entry[],
  answered: readonly string[],
): JsonValue | undefined {
  for (const entry of entries) {
    if (entry.kind !== "step.completed") continue;
    const id = entry.step.slice(entry.step.lastIndexOf("/") + 1);
    if (answered.includes(id)) return entry.output;
  }
  return undefined;
}
