/**
 * What an attempt at a step is given, and what the journal holds of it.
 *
 * @module
 */
import { ExpressionError } from "../expression/expression_error.ts";
import type { Entry, RunError } from "./journal.ts";
import type { Doing, Live, Retrying } from "./machine_frames.ts";
import type { Attempt, Performed } from "./perform.ts";
import type { Run } from "./run.ts";
import { viaOf } from "./via.ts";

/** When something began, and when it was over, in milliseconds since 1970. */
export interface Span {
  readonly since: number;
  readonly at: number;
}

/** Works out what an attempt is given; or why it cannot be made. */
export function attemptOf(
  run: Run,
  { task, values, path: step, attempt }: Doing | Retrying,
  { application, signal }: {
    readonly application: string;
    readonly signal: AbortSignal;
  },
): Attempt | { readonly error: Performed } {
  try {
    const key = task.idempotencyKey?.evaluate(values);
    return {
      task,
      input: task.input.evaluate(values),
      signal,
      attempt,
      idempotencyKey: typeof key === "string"
        ? key
        : `${application}/${run.id}/${step}`,
      runId: run.id,
      pipeline: run.accepted.pipeline,
      step,
      via: viaOf(run.accepted, application),
    };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message } = error;
    const failure = { message, code: "expression", step };
    return { error: { kind: "failed", error: failure } };
  }
}

/** The entry for what became of an attempt. */
export function resultEntry(
  { path: step, attempt }: Doing | Retrying,
  performed: Performed,
  { since, at }: Span,
): Entry {
  if (performed.kind === "done") {
    const { output } = performed;
    return { kind: "step.completed", at, step, attempt, output, since };
  }
  const { error, retryInMs } = performed;
  return {
    ...{ kind: "step.failed", at, step, attempt, error, since },
    ...retryInMs === undefined ? {} : { retryAt: at + retryInMs },
  };
}

/** The entry for a step that has failed without anything being done. */
export function failureEntry(
  { path: step }: Live,
  error: RunError,
  { since, at }: Span,
): Entry {
  return {
    ...{ kind: "step.failed", at, step, attempt: 1, since },
    error: { ...error, step },
  };
}
