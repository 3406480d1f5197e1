/**
 * The latest runs of the document, and the time of one: its play head repaints the
 * canvas as it was then.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { at as address } from "../api.ts";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { timeText } from "../parts/time.ts";
import type { ListedRun } from "../runs/run_list.ts";
import { type RunLook, useRun } from "../runs/run_look.ts";
import { RunTimeline } from "../runs/run_timeline.tsx";
import { useStore } from "./context.ts";

/** How often the list is asked for again, in milliseconds. */
const EVERY_MS = 3_000;

/** Runs in the list. */
const RUNS_MAX = 30;

export default function DockRuns() {
  const store = useStore();
  const [chosen, setChosen] = useState<ListedRun>();
  const path = `/api/runs?application=${
    encodeURIComponent(store.id)
  }&limit=${RUNS_MAX}`;
  const { value, error, reload } = useResource<
    { readonly runs: readonly ListedRun[] }
  >(path, EVERY_MS);
  useEffect(() => () => {
    store.replay.value = undefined;
  }, []);
  if (value === undefined) {
    return error === undefined ? <Loading name="Runs" rows={4} /> : (
      <Failure
        title="The runs are not known"
        error={error}
        onRetry={reload}
      />
    );
  }
  if (value.runs.length === 0) {
    return (
      <Empty icon="play" title="No runs yet">
        <p>A pipeline that is started shows here, with all that it did.</p>
      </Empty>
    );
  }
  function choose(run: ListedRun): void {
    setChosen(run);
    const view = `pipeline:${run.pipeline}`;
    store.showNamed(view);
  }
  return (
    <div class="dock-runs">
      <ul>
        {value.runs.map((run) => (
          <li key={run.id}>
            <button
              type="button"
              aria-pressed={run.id === chosen?.id}
              onClick={() => choose(run)}
            >
              <Pill status={run.status} />
              <code>{run.key ?? run.id.slice(-8)} · {run.pipeline}</code>
              <time>{timeText(run.acceptedAt)}</time>
            </button>
          </li>
        ))}
      </ul>
      {chosen === undefined
        ? (
          <Empty icon="clock" title="Choose a run">
            <p>Its play head shows the canvas as it was at any instant.</p>
          </Empty>
        )
        : <Replay key={chosen.id} id={chosen.id} />}
    </div>
  );
}

/** One run, with the play head. */
function Replay({ id }: { readonly id: string }) {
  const store = useStore();
  const { look, error, reload } = useRun(id);
  const [at, setAt] = useState<number>();
  const shown = at ?? look?.past.last ?? 0;
  useEffect(() => {
    store.replay.value = look && statusesAt(look, shown);
  }, [look, shown]);
  if (look === undefined) {
    return error === undefined
      ? <Loading name="Run" rows={4} />
      : <Failure title="The run is not known" error={error} onRetry={reload} />;
  }
  return (
    <div class="dock-replay">
      <header>
        <Pill status={look.past.statusAt(shown)} />
        <span class="number">
          Entry {shown + 1} of {look.past.last + 1}
        </span>
        <span class="grow"></span>
        <a class="button small" href={address(`/runs/${id}?at=${shown}`)}>
          Open the run
        </a>
      </header>
      <RunTimeline look={look} at={shown} onAt={setAt} />
    </div>
  );
}

/** The status of each step at an entry, by its id. */
function statusesAt(
  { past }: RunLook,
  at: number,
): ReadonlyMap<string, string> {
  const statuses = new Map<string, string>();
  for (const path of past.steps.keys()) {
    const row = past.rowAt(path, at);
    const id = path.split(/[./]/).filter((part) => !/^\[?\d+\]?$/.test(part))
      .at(-1)?.replace(/\[\d+\]$/, "");
    if (row !== undefined && id !== undefined) statuses.set(id, row.status);
  }
  return statuses;
}
