/**
 * Something that is asked of the engine, as a component has it: on its way, there
 * or failed.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api.ts";

/** What a component has of it. */
export interface Resource<T> {
  /** The last that came; it stays while the next is on its way. */
  readonly value: T | undefined;
  /** Why the last attempt failed. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks again. */
  readonly reload: () => void;
}

/**
 * Asks for a path, again when it changes.
 *
 * @param everyMs Asks again so often, while the page is seen; 0: never.
 */
export function useResource<T>(path: string, everyMs = 0): Resource<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [isLoading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const shown = useRef(path);
  useEffect(() => {
    const ending = new AbortController();
    setLoading(true);
    ask<T>(path, { signal: ending.signal }).then((next) => {
      shown.current = path;
      setValue(() => next);
      setError(undefined);
      setLoading(false);
    }, (reason) => {
      if (ending.signal.aborted) return;
      setError(reason);
      setLoading(false);
    });
    return () => ending.abort();
  }, [path, turn]);
  useEffect(() => {
    if (everyMs === 0) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((before) => before + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [path, everyMs]);
  return {
    value: shown.current === path ? value : undefined,
    ...{ error, isLoading },
    reload: () => setTurn((before) => before + 1),
  };
}
