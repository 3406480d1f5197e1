/**
 * The page of a run: its pipeline, its journal and its time, as they are or as
 * they were at any entry.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { at as pathAt } from "../api.ts";
import { Icon } from "../icons.tsx";
import { useResource } from "../parts/resource.ts";
import { Failure, Loading } from "../parts/states.tsx";
import { ExplainPanel } from "./explain_panel.tsx";
import type { Explanation } from "./explanation.ts";
import { JournalList } from "./journal_list.tsx";
import { LogPanel } from "./log_panel.tsx";
import { RunHeader } from "./run_header.tsx";
import { type RunLook, useRun } from "./run_look.ts";
import { RunPanel } from "./run_panel.tsx";
import { movedTo, RunTimeline } from "./run_timeline.tsx";
import { StepDiagram } from "./step_diagram.tsx";
import { StepPanel } from "./step_panel.tsx";
import { Tabs } from "./tabs.tsx";
import { isControl, Transport } from "./transport.tsx";

/** How often a run that goes on is explained anew, in milliseconds. */
const EXPLAIN_MS = 4_000;

/** How long the play head rests before the address follows it. */
const ADDRESS_MS = 200;

export default function Run({ id }: { readonly id: string }) {
  const { look, error, reload } = useRun(id);
  if (look !== undefined) return <Opened key={id} look={look} />;
  if (error === undefined) {
    return (
      <div class="page">
        <Loading name="The run" />
      </div>
    );
  }
  return (
    <div class="page">
      <a class="run-back" href={pathAt("/runs")}>
        <Icon name="right" size={14} />All runs
      </a>
      <div class="card">
        <Failure
          title="This run cannot be shown"
          error={error}
          onRetry={reload}
        />
      </div>
    </div>
  );
}

function Opened({ look }: { readonly look: RunLook }): JSX.Element {
  const { past, lanes, turn } = look;
  const [place, setPlace] = usePlace(past.last);
  const at = Math.min(place ?? past.last, past.last);
  const onAt = (to: number) => setPlace(to >= past.last ? undefined : to);
  const [step, setStep] = useState(() => troubled(look));
  const [tab, setTab] = useState<TabName>(step === undefined ? "run" : "step");
  const explained = useResource<Explanation>(
    `/api/runs/${past.id}/explain`,
    past.isOver ? 0 : EXPLAIN_MS,
  );
  useEffect(() => explained.reload(), [past.entries.length]);
  useArrows(at, past.last, onAt);
  const onStep = (path: string) => {
    setStep(path);
    setTab("step");
  };
  const shared = { past, at, turn, step, onStep };
  const tabs = TABS.filter(({ name }) => name !== "step" || step);
  return (
    <div class="run-page">
      <RunHeader
        look={look}
        at={at}
        step={step}
        reasons={past.isOver ? [] : explained.value?.reasons ?? []}
        onDone={explained.reload}
      />
      <section class="run-diagram" aria-label="Steps" tabIndex={0}>
        <StepDiagram {...shared} />
      </section>
      <aside class="run-side" aria-label="Details">
        <Tabs tabs={tabs} shown={tab} label="Details" onShow={setTab}>
          {tab === "step" && step && <StepPanel {...shared} path={step} />}
          {tab === "run" && <RunPanel look={look} at={at} />}
          {tab === "logs" && <LogPanel {...shared} onAt={onAt} />}
          {tab === "why" && <ExplainPanel explained={explained} />}
        </Tabs>
      </aside>
      <section class="run-dock" aria-label="Time">
        <Transport look={look} at={at} onAt={onAt} />
        <JournalList past={past} at={at} turn={turn} onAt={onAt} />
        <RunTimeline
          look={look}
          at={at}
          onAt={onAt}
          step={step}
          onStep={onStep}
        />
      </section>
      <p class="hidden" role="status">
        {lanes.length} attempts, {past.entries.length} entries
      </p>
    </div>
  );
}

type TabName = "step" | "run" | "logs" | "why";

const TABS: readonly { readonly name: TabName; readonly title: string }[] = [
  { name: "step", title: "Step" },
  { name: "run", title: "Run" },
  { name: "logs", title: "Logs" },
  { name: "why", title: "Explain" },
];

/** The step that a person wants to see first: what failed, or what it waits for. */
function troubled({ past }: RunLook): string | undefined {
  const last = past.entries.at(-1);
  if (last !== undefined && "error" in last && last.error.step) {
    return last.error.step;
  }
  if (past.isOver) return undefined;
  for (const { path, isLive } of past.steps.values()) {
    if (isLive.at(-1)?.value) return path;
  }
  return undefined;
}

/** The entry that is looked at, as the address has it; `undefined`: the last. */
function usePlace(
  last: number,
): [number | undefined, (at: number | undefined) => void] {
  const [place, setPlace] = useState(() => {
    const text = new URL(location.href).searchParams.get("at") ?? "";
    return /^\d{1,9}$/.test(text) && Number(text) < last
      ? Number(text)
      : undefined;
  });
  useEffect(() => {
    const timer = setTimeout(() => {
      const url = new URL(location.href);
      if (place === undefined) url.searchParams.delete("at");
      else url.searchParams.set("at", String(place));
      if (url.href !== location.href) history.replaceState(null, "", url);
    }, ADDRESS_MS);
    return () => clearTimeout(timer);
  }, [place]);
  return [place, setPlace];
}

/** The arrow keys move the play head from anywhere that has no use for them. */
function useArrows(
  at: number,
  last: number,
  onAt: (at: number) => void,
): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) return;
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (isControl(event.target)) return;
      const to = movedTo(event.key, at, last);
      if (to === undefined) return;
      event.preventDefault();
      onAt(to);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [at, last]);
}
