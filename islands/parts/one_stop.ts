/**
 * A list of buttons that is one stop of the Tab key: arrows, Home and End go from one
 * to the next, and Tab comes back to the one that had the focus.
 *
 * @module
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import { moveOverRows } from "./row_keys.ts";

/**
 * What the element around the buttons is given. Those that match are the list; they
 * and all others in it say `tabIndex={-1}`.
 */
export function useOneStop(selector: string) {
  const list = useRef<HTMLDivElement>(null);
  // Buttons come and go, and one of them must always be the stop.
  useLayoutEffect(() => {
    const kept = list.current?.querySelector<HTMLElement>('[tabindex="0"]');
    if (kept?.matches(selector)) return;
    if (kept) kept.tabIndex = -1;
    const first = list.current?.querySelector<HTMLElement>(selector);
    if (first) first.tabIndex = 0;
  });
  return {
    ref: list,
    onFocusCapture({ target }: FocusEvent) {
      if (!(target instanceof HTMLElement) || !target.matches(selector)) return;
      for (
        const one of list.current?.querySelectorAll<HTMLElement>(selector) ?? []
      ) {
        one.tabIndex = one === target ? 0 : -1;
      }
    },
    onKeyDown(event: KeyboardEvent) {
      moveOverRows(event, list.current, selector);
    },
  };
}
