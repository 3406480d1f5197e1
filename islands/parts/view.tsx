/**
 * What was asked of the engine, in whichever state it is: loading, failed, there,
 * or there from before while the engine does not answer.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Resource } from "./resource.ts";
import { Failure, Loading } from "./states.tsx";
import { timeText } from "./time.ts";
import { wordsOf } from "./action.tsx";

/** See the module comment. */
export function View<T>(
  { name, resource, rows = 6, isToldElsewhere = false, children }: {
    /** What it is, as in "the schedules". */
    readonly name: string;
    readonly resource: Resource<T>;
    readonly rows?: number;
    /** Whether something above says that the engine does not answer. */
    readonly isToldElsewhere?: boolean;
    readonly children: (value: T) => ComponentChildren;
  },
): JSX.Element {
  const { value, error, reload } = resource;
  const seen = useRef({ value, at: Date.now() });
  if (seen.current.value !== value) seen.current = { value, at: Date.now() };
  if (value === undefined) {
    return error === undefined
      ? (
        <div class="card rows-loading">
          <Loading name={`The view of ${name}`} rows={rows} />
        </div>
      )
      : (
        <div class="card">
          <Failure
            title={`Cannot show ${name}`}
            error={error}
            onRetry={reload}
          />
        </div>
      );
  }
  return (
    <>
      {error !== undefined && !isToldElsewhere && (
        <Stale error={error} at={seen.current.at} onRetry={reload} />
      )}
      {children(value)}
    </>
  );
}

/** Says that what is shown is from before. */
export function Stale(
  { error, at, onRetry }: {
    readonly error: unknown;
    readonly at: number;
    readonly onRetry?: () => void;
  },
): JSX.Element {
  return (
    <p class="notice notice-row wait" role="status">
      <span>{wordsOf(error)}. This is how it was at {timeText(at)}.</span>
      {onRetry && (
        <button type="button" class="text-button" onClick={onRetry}>
          Try again
        </button>
      )}
    </p>
  );
}
