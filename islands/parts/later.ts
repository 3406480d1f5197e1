/**
 * Code that is loaded when it is needed first.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";

/**
 * What a module holds, once it is there.
 *
 * @param load A literal `import()`, so that the bundler splits it off.
 * @param isNeeded Nothing is loaded before it is.
 */
export function useLater<T>(
  load: () => Promise<T>,
  isNeeded = true,
): T | undefined {
  const [loaded, setLoaded] = useState<T>();
  useEffect(() => {
    if (!isNeeded || loaded !== undefined) return;
    let isGone = false;
    void load().then((module) => {
      if (!isGone) setLoaded(() => module);
    });
    return () => {
      isGone = true;
    };
  }, [isNeeded]);
  return loaded;
}
