/**
 * What the check of types finds, and how it is told.
 *
 * @module
 */

/** A place of a source at which the types do not fit. */
export interface TypeFault {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** As TypeScript numbers it, such as `TS2322`. */
  readonly code: string;
  /** One line, without a full stop. */
  readonly message: string;
}

/** The most faults of one source that are found; further ones are left out. */
export const FAULTS_MAX = 1_000;

/** The most faults that one text tells. */
const TOLD_MAX = 20;

/** One text for all faults of a source. There is at least one. */
export function describeFaults(
  file: string,
  faults: readonly TypeFault[],
): string {
  const told = faults.slice(0, TOLD_MAX).map(
    ({ line, column, code, message }) =>
      `${line}:${column} ${message} (${code})`,
  );
  const more = faults.length - told.length;
  return `Cannot load "${file}": ${told.join("; ")}` +
    (more === 0 ? "" : `; and ${more} more`);
}
