/**
 * What stands where a list or a picture would be: nothing there yet, loading,
 * failed.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "../icons.tsx";

/** Says what would be here, and how to make one. */
export function Empty(
  { icon, title, children }: {
    readonly icon: IconName;
    readonly title: string;
    readonly children?: ComponentChildren;
  },
): JSX.Element {
  return (
    <div class="state">
      <span class="tile">
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Says what failed, why, and what to do now. */
export function Failure(
  { title, error, onRetry }: {
    readonly title: string;
    readonly error: unknown;
    readonly onRetry?: () => void;
  },
): JSX.Element {
  return (
    <div class="state" role="alert">
      <span class="tile fail">
        <Icon name="warning" size={20} />
      </span>
      <h2>{title}</h2>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Rows that are on their way; seen only if that takes a while. */
export function Loading(
  { rows = 6, name }: { readonly rows?: number; readonly name: string },
): JSX.Element {
  return (
    <div class="loading" role="status" aria-label={`${name} is loading`}>
      {Array.from(
        { length: rows },
        (_, index) => <div key={index} class="skeleton"></div>,
      )}
    </div>
  );
}
