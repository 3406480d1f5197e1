/**
 * What lies below the canvas: the text, the problems and what the engine tells.
 *
 * @module
 */
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { type LiveEvent, useLive } from "../parts/live.ts";
import { Empty, Loading } from "../parts/states.tsx";
import { timeText } from "../parts/time.ts";
import { useStore } from "./context.ts";
import { TextDiff } from "./text_diff.tsx";

const TABS = ["text", "changes", "problems", "runs", "events"] as const;

type Tab = (typeof TABS)[number];

const NAMES: Readonly<Record<Tab, string>> = {
  text: "YAML",
  changes: "Changes",
  problems: "Problems",
  runs: "Runs",
  events: "Events",
};

/** Events that are kept. */
const EVENTS_MAX = 200;

const KINDS = [
  ...["application", "module", "transition", "workflow", "run", "message"],
  "notice",
];

/** What the dock shows stays when another document is shown. */
const panel = signal<{ readonly tab: Tab; readonly isOpen: boolean }>({
  tab: "text",
  isOpen: true,
});

export function Dock() {
  const store = useStore();
  const { tab, isOpen } = panel.value;
  const [events, setEvents] = useState<readonly LiveEvent[]>([]);
  useLive(KINDS, (event) => {
    if (event.application !== store.id) return;
    setEvents((before) => [event, ...before].slice(0, EVENTS_MAX));
  });
  return (
    <section class={isOpen ? "dock" : "dock shut"} aria-label="Dock">
      <Bar
        tab={isOpen ? tab : undefined}
        onTab={(tab) => panel.value = { tab, isOpen: true }}
        onToggle={() => panel.value = { tab, isOpen: !isOpen }}
      />
      {isOpen && (
        <div class="content" role="tabpanel" aria-label={NAMES[tab]}>
          {tab === "text" && (
            <Later
              name="Editor"
              load={() => import("./yaml_editor.tsx")}
            />
          )}
          {tab === "runs" && (
            <Later
              name="Runs"
              load={() => import("./dock_runs.tsx")}
            />
          )}
          {tab === "changes" && <Changes />}
          {tab === "problems" && <Problems />}
          {tab === "events" && <Events events={events} />}
        </div>
      )}
    </section>
  );
}

/** What saving would change. */
function Changes() {
  const { saved, text, isDirty } = useStore();
  if (isDirty.value && saved.value !== undefined) {
    return <TextDiff before={saved.value.text} after={text.value} />;
  }
  return (
    <Empty icon="check" title="Nothing to save">
      <p>The lines that saving would change are shown here.</p>
    </Empty>
  );
}

/** The tabs, and what opens and closes the dock. */
function Bar(
  { tab, onTab, onToggle }: {
    /** Absent while the dock is closed. */
    readonly tab: Tab | undefined;
    readonly onTab: (tab: Tab) => void;
    readonly onToggle: () => void;
  },
) {
  const store = useStore();
  const problems = store.problems.value;
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const isOpen = tab !== undefined;
  return (
    <div class="bar">
      <div class="tablist" role="tablist" aria-label="Dock">
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={tab === each}
            onClick={() => onTab(each)}
          >
            {NAMES[each]}
            {each === "problems" && problems.length > 0 && (
              <b class={errors > 0 ? "count bad" : "count"}>
                {problems.length}
              </b>
            )}
          </button>
        ))}
      </div>
      <span class="grow"></span>
      {store.isStale.value && (
        <span class="pill wait">
          The text does not parse: the canvas shows the last one that did
        </span>
      )}
      {tab === "text" && (
        <span class="editor-hint">
          <kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor
        </span>
      )}
      <button
        type="button"
        class="button icon small"
        aria-label={isOpen ? "Close the dock" : "Open the dock"}
        aria-expanded={isOpen}
        onClick={onToggle}
      >
        <Icon name={isOpen ? "down" : "plus"} size={14} />
      </button>
    </div>
  );
}

/** A part that is loaded when it is looked at first. */
function Later(
  { name, load }: {
    readonly name: string;
    readonly load: () => Promise<{ readonly default: ComponentType }>;
  },
) {
  const [Part, setPart] = useState<ComponentType>();
  useEffect(() => {
    void load().then(({ default: loaded }) => setPart(() => loaded));
  }, []);
  return Part ? <Part /> : <Loading name={name} rows={5} />;
}

function Problems() {
  const store = useStore();
  const problems = store.problems.value;
  if (problems.length === 0) {
    return <Empty icon="check" title="Nothing is wrong" />;
  }
  return (
    <ul class="problems">
      {problems.map(({ line, column, severity, message, path, nearest }) => {
        const [, index] = /^modules\[(\d+)\]/.exec(path) ?? [];
        const module = store.graph.value.modules.find((one) =>
          String(one.index) === index
        );
        return (
          <li key={`${path} ${message}`}>
            <button
              type="button"
              onClick={() => module && store.select([module.name])}
            >
              <span class={severity === "error" ? "mark bad" : "mark"}>
                <Icon name="warning" size={14} />
                <span class="hidden">{severity}</span>
              </span>
              <span>
                {message}
                {nearest && <em>Did you mean “{nearest}”?</em>}
              </span>
              <code>{line}:{column}</code>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Events({ events }: { readonly events: readonly LiveEvent[] }) {
  if (events.length === 0) {
    return (
      <Empty icon="list" title="Nothing has happened yet">
        <p>Send the application a request, and it shows here.</p>
      </Empty>
    );
  }
  return (
    <ul class="log">
      {events.map((event, index) => (
        <li key={`${event.at} ${index}`}>
          <time>{timeText(event.at)}</time>
          <span class="kind">{event.kind}</span>
          <span>{event.message}</span>
        </li>
      ))}
    </ul>
  );
}
