/**
 * A function that stays the same one, and does what was last asked of it: what is
 * given it need not be drawn anew.
 *
 * @module
 */
import { useCallback, useRef } from "preact/hooks";

/** For what is called later, not while something is drawn. */
export function useSteadyFunction<A extends readonly unknown[], R>(
  latest: (...args: A) => R,
): (...args: A) => R {
  const present = useRef(latest);
  present.current = latest;
  return useCallback((...args: A) => present.current(...args), []);
}
