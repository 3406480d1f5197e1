/**
 * Keys that go from row to row of a table whose rows are links.
 *
 * @module
 */

/** Arrows go to the next link with a selector, Home and End to the ends. */
export function moveOverRows(
  event: KeyboardEvent,
  body: Element | null,
  selector: string,
): void {
  const links = [...body?.querySelectorAll<HTMLElement>(selector) ?? []];
  const here = links.findIndex((link) => link === document.activeElement);
  const to = rowAfter(event.key, here, links.length);
  if (to === undefined) return;
  event.preventDefault();
  links[to]?.focus();
}

/** The row to which a key goes; `undefined` if it goes to none. */
function rowAfter(
  key: string,
  here: number,
  count: number,
): number | undefined {
  switch (key) {
    case "ArrowDown":
      return Math.min(count - 1, here + 1);
    case "ArrowUp":
      return Math.max(0, here - 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
