/**
 * Views of one thing, of which one is shown.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

/** One of the views. */
export interface Tab<N extends string> {
  readonly name: N;
  readonly title: string;
}

/** Tabs as people use them: arrow keys go from one to the next. */
export function Tabs<N extends string>(
  { tabs, shown, label, onShow, children }: {
    readonly tabs: readonly Tab<N>[];
    readonly shown: N;
    readonly label: string;
    readonly onShow: (name: N) => void;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  const id = useId();
  const move = (event: KeyboardEvent, index: number) => {
    const to = nextOf(event.key, index, tabs.length);
    const tab = to === undefined ? undefined : tabs[to];
    if (tab === undefined) return;
    event.preventDefault();
    onShow(tab.name);
    document.getElementById(`${id}-${tab.name}`)?.focus();
  };
  return (
    <>
      <div class="run-tabs" role="tablist" aria-label={label}>
        {tabs.map(({ name, title }, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === shown}
            aria-controls={`${id}-panel`}
            tabIndex={name === shown ? 0 : -1}
            onClick={() => onShow(name)}
            onKeyDown={(event) => move(event, index)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        class="run-tab-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${shown}`}
        tabIndex={0}
      >
        {children}
      </div>
    </>
  );
}

function nextOf(
  key: string,
  index: number,
  count: number,
): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowLeft":
      return (index + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
