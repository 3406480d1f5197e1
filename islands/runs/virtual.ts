/**
 * Long lists of rows that are all as high: only those that are seen are drawn.
 *
 * @module
 */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows beyond the edges that are drawn as well. */
const BEYOND = 4;

/** What a list needs to draw itself. */
export interface Window {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly first: number;
  /** One behind the last. */
  readonly end: number;
  /** How high all rows are together, in pixels. */
  readonly height: number;
}

/** What the list is of. */
export interface WindowOptions {
  readonly count: number;
  readonly rowHeight: number;
  /** The row that is to be seen whenever it changes; -1 for none. */
  readonly row: number;
}

/** Tells which rows are seen in a box that scrolls. */
export function useWindow(
  { count, rowHeight, row }: WindowOptions,
): Window {
  const box = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const shown = useRef(-1);
  const [height, setHeight] = useState(0);
  const [, redraw] = useState(0);
  // Worked out here, so that a row and what is around it are drawn at once.
  if (row !== shown.current && height > 0) {
    shown.current = row;
    top.current = topFor({ row, rowHeight, height, top: top.current });
  }
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = top.current;
  }, [row, height]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const sizes = new ResizeObserver(() => setHeight(element.clientHeight));
    sizes.observe(element);
    setHeight(element.clientHeight);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const scrolled = () => {
      if (Math.abs(element.scrollTop - top.current) < 1) return;
      top.current = element.scrollTop;
      redraw((before) => before + 1);
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => element.removeEventListener("scroll", scrolled);
  }, []);
  const from = Math.floor(top.current / rowHeight);
  const to = Math.ceil((top.current + height) / rowHeight);
  return {
    box,
    first: Math.max(0, from - BEYOND),
    end: Math.min(count, to + BEYOND),
    height: count * rowHeight,
  };
}

/** As far as it is, or as little further as shows the row. */
function topFor(
  { row, rowHeight, height, top }: {
    readonly row: number;
    readonly rowHeight: number;
    readonly height: number;
    readonly top: number;
  },
): number {
  if (row < 0) return top;
  const above = row * rowHeight;
  return Math.min(above, Math.max(top, above + rowHeight - height));
}
