/**
 * The tabs of the open documents: links, since each document has an address. Arrows
 * go from one to the next, and Delete closes one.
 *
 * @module
 */
import type { RefObject, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { at } from "../api.ts";
import { Icon } from "../icons.tsx";
import { placeAfter } from "../parts/tabs.tsx";
import { AddTab } from "./add_tab.tsx";
import { CloseDialog } from "./close_dialog.tsx";
import { useDocuments } from "./context.ts";
import { addressOf } from "./open_tabs.ts";

export function DocumentTabs() {
  const documents = useDocuments();
  const strip = useRef<HTMLElement>(null);
  const { closing, close, end } = useClosing(strip);
  const ids = documents.ids.value;
  const shown = documents.shown.value?.id;
  useInView(strip, `${shown} ${ids.length}`);
  return (
    <>
      <nav
        class="tabs"
        aria-label="Documents"
        ref={strip}
        onKeyDown={(event) => press(event, ids, close)}
        onWheel={({ currentTarget, deltaY }) => {
          currentTarget.scrollLeft += deltaY;
        }}
      >
        <ul>
          {ids.map((id) => (
            <Tab
              key={id}
              id={id}
              isShown={id === shown}
              onClose={() => close(id)}
            />
          ))}
        </ul>
      </nav>
      <AddTab />
      {closing !== undefined && closing === shown && (
        <CloseDialog key={closing} onClose={end} />
      )}
    </>
  );
}

type Strip = RefObject<HTMLElement | null>;

function linkOfShown(strip: Strip): HTMLElement | null | undefined {
  return strip.current?.querySelector<HTMLElement>("[aria-current]");
}

/** Keeps the tab that is shown in view, also when there is less room. */
function useInView(strip: Strip, key: string): void {
  useEffect(() => {
    if (strip.current === null) return;
    const watch = new ResizeObserver(() =>
      linkOfShown(strip)?.closest("li")?.scrollIntoView({
        block: "nearest",
        inline: "nearest",
      })
    );
    watch.observe(strip.current);
    return () => watch.disconnect();
  }, [key]);
}

/** Closes a tab, and asks first if something would be lost. */
function useClosing(strip: Strip) {
  const documents = useDocuments();
  const [closing, setClosing] = useState<string>();
  // The tab that had the focus may be gone then.
  const focus = () => requestAnimationFrame(() => linkOfShown(strip)?.focus());
  return {
    closing,
    close(id: string): void {
      if (documents.isUnsaved(id)) {
        documents.show(id);
        return setClosing(id);
      }
      documents.close(id);
      focus();
    },
    end(): void {
      setClosing(undefined);
      focus();
    },
  };
}

function press(
  event: TargetedKeyboardEvent<HTMLElement>,
  ids: readonly string[],
  close: (id: string) => void,
): void {
  const links = [...event.currentTarget.querySelectorAll("a")];
  const place = links.indexOf(event.target as HTMLAnchorElement);
  const id = ids[place];
  if (id === undefined) return;
  const next = placeAfter(event.key, place, ids.length);
  if (next === undefined && event.key !== "Delete") return;
  event.preventDefault();
  // Nothing that is chosen on the canvas is meant.
  event.stopPropagation();
  if (next === undefined) close(id);
  else links[next]?.focus();
}

function Tab({ id, isShown, onClose }: {
  readonly id: string;
  readonly isShown: boolean;
  readonly onClose: () => void;
}) {
  const documents = useDocuments();
  return (
    <li>
      <a
        href={at(addressOf({ id }))}
        title={id}
        aria-current={isShown ? "page" : undefined}
        aria-keyshortcuts="Delete"
        onClick={(event) => {
          const { button, ctrlKey, metaKey, shiftKey, altKey } = event;
          // A new tab or window of the browser is wanted.
          if (button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return;
          event.preventDefault();
          documents.show(id);
        }}
      >
        <span>{id}</span>
        {documents.isUnsaved(id) && (
          <i title="Not saved" role="img" aria-label="Not saved"></i>
        )}
      </a>
      <button
        type="button"
        class="close-tab"
        aria-label={`Close ${id}`}
        title="Close (Delete)"
        tabIndex={isShown ? 0 : -1}
        onClick={onClose}
      >
        <Icon name="close" size={12} />
      </button>
    </li>
  );
}
