/**
 * Follows instances: asks again soon after one has changed.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { type LiveEvent, useLive } from "../parts/live.ts";

/** How long changes are collected before it is asked again, in milliseconds. */
const SOON_MS = 1_000;

/** Calls back soon after a transition. @param concerns Others are passed over. */
export function useTransitions(
  onNews: () => void,
  concerns: (event: LiveEvent) => boolean = () => true,
): void {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ onNews, concerns });
  latest.current = { onNews, concerns };
  useLive(["transition", "reset"], (event) => {
    if (event.kind !== "reset" && !latest.current.concerns(event)) return;
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      if (!document.hidden) latest.current.onNews();
    }, SOON_MS);
  });
  useEffect(() => () => clearTimeout(waiting.current), []);
}
