/**
 * A place for a table that may be wider than the page. It is a stop of the
 * keyboard only where there is something to scroll.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** See the module comment. */
export function Scroll(
  { label, children }: {
    readonly label: string;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [isWide, setWide] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const look = () => setWide(element.scrollWidth > element.clientWidth);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  const stop = isWide
    ? { tabIndex: 0, role: "region" as const, "aria-label": label }
    : {};
  return <div class="table-scroll" ref={place} {...stop}>{children}</div>;
}
