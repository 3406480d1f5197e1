/**
 * How many instances of a running state machine are in each of its states.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { ApiError, ask } from "../api.ts";
import type { InstanceCounts } from "../instances/instance.ts";

/** How often they are asked for, in milliseconds; less often where there are many. */
const EVERY_MS = 5_000;
const MANY_MS = 30_000;

/** The counts as texts, by state; a state that nothing is in has none. */
export type StateCounts = ReadonlyMap<string, string>;

const NONE: StateCounts = new Map();

/** Asks as long as the component is there, and the document runs. */
export function useStateCounts(
  application: string,
  definition: string,
  isRunning: boolean,
): StateCounts {
  const [counts, setCounts] = useState(NONE);
  useEffect(() => {
    setCounts(NONE);
    if (!isRunning) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ending = new AbortController();
    const query = new URLSearchParams({ definition });
    const look = async () => {
      const told = document.hidden
        ? undefined
        : await askCounts(query, ending.signal);
      if (ending.signal.aborted) return;
      if (told !== undefined) setCounts(textsOf(told, application));
      timer = setTimeout(look, told?.isPartial ? MANY_MS : EVERY_MS);
    };
    void look();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [application, definition, isRunning]);
  return counts;
}

/** `undefined` if the engine does not answer: others say so. */
async function askCounts(
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<InstanceCounts | undefined> {
  try {
    return await ask(`/api/instances/counts?${query}`, { signal });
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) return undefined;
    throw error;
  }
}

function textsOf(
  { counts, isPartial }: InstanceCounts,
  application: string,
): StateCounts {
  const sums = new Map<string, number>();
  for (const { state, count, ...place } of counts) {
    if (place.application !== application) continue;
    sums.set(state, (sums.get(state) ?? 0) + count);
  }
  return new Map(
    [...sums].map(([state, sum]) =>
      [state, sum.toLocaleString() + (isPartial ? "+" : "")] as const
    ),
  );
}
