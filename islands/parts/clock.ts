/**
 * The time, for texts that say how long ago something was.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";

/** Milliseconds since 1970, again every so often while the page is seen. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
