/**
 * The page with the runs.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { filterOf, isNarrow, type RunFilter, searchOf } from "./run_filter.ts";
import { RunFilters } from "./run_filters.tsx";
import { type RunList, useRunList } from "./run_list.ts";
import { RunTable } from "./run_table.tsx";
import { type KnownApplication, StartRun } from "./start_run.tsx";

interface Status {
  readonly applications: readonly KnownApplication[];
}

export default function Runs(_: Readonly<Record<string, never>>) {
  const [filter, onFilter] = useFilter();
  const list = useRunList(filter);
  const { value } = useResource<Status>("/api/workflow/status");
  const [isStarting, setStarting] = useState(false);
  const applications = value?.applications ?? [];
  const hasPipelines = applications.some(({ pipelines }) =>
    pipelines.length > 0
  );
  const start = () => setStarting(true);
  // There the empty list offers it.
  const isFirst = list.runs?.length === 0 && !list.isStale &&
    !isNarrow(filter);
  return (
    <div class="page runs-page">
      <header>
        <h1>Runs</h1>
        <span class="grow"></span>
        {hasPipelines && !isFirst && (
          <button type="button" class="button primary" onClick={start}>
            <Icon name="play" size={14} />
            Start a run
          </button>
        )}
      </header>
      <RunFilters
        filter={filter}
        counts={list.counts}
        applications={applications}
        onFilter={onFilter}
      />
      {list.error !== undefined && list.runs !== undefined && (
        <p class="notice wait" role="status">
          The list may be old: {(list.error as Error).message}
        </p>
      )}
      <div
        class="card runs-card"
        aria-busy={list.runs === undefined || list.isStale}
      >
        <Shown
          list={list}
          isShared={applications.length > 1}
          isNarrow={isNarrow(filter)}
          onAll={() => onFilter({ statuses: [] })}
          onStart={hasPipelines ? start : undefined}
        />
      </div>
      {isStarting && (
        <StartRun
          applications={applications}
          pipeline={filter.pipeline}
          onClose={() => setStarting(false)}
        />
      )}
    </div>
  );
}

function Shown(
  { list, isShared, isNarrow, onAll, onStart }: {
    readonly list: RunList;
    readonly isShared: boolean;
    readonly isNarrow: boolean;
    readonly onAll: () => void;
    readonly onStart: (() => void) | undefined;
  },
): JSX.Element {
  const { runs, error, more, loadMore, reload } = list;
  // An empty list says why it is empty, which another filter does not know.
  if (runs === undefined || (list.isStale && runs.length === 0)) {
    return error === undefined
      ? <Loading name="The list of runs" rows={8} />
      : (
        <Failure
          title="The runs cannot be read"
          error={error}
          onRetry={reload}
        />
      );
  }
  if (runs.length === 0 && more === "none") {
    return isNarrow
      ? (
        <Empty icon="search" title="No run fits">
          <p>Other runs may: leave out a word, a status or the time.</p>
          <button type="button" class="button" onClick={onAll}>
            Show all runs
          </button>
        </Empty>
      )
      : <None onStart={onStart} />;
  }
  return (
    <>
      <RunTable runs={runs} isShared={isShared} />
      {more !== "none" && (
        <footer class="runs-more">
          <span class="quiet number">
            {runs.length.toLocaleString()} are shown
          </span>
          <button
            type="button"
            class="button small"
            disabled={more === "coming"}
            onClick={loadMore}
          >
            {more === "coming" ? "Loading" : "Show older"}
          </button>
        </footer>
      )}
    </>
  );
}

/** There has been no run yet. */
function None(
  { onStart }: { readonly onStart: (() => void) | undefined },
): JSX.Element {
  return (
    <Empty icon="play" title="No runs yet">
      <p>
        {onStart === undefined
          ? "A run is one execution of a pipeline. No document that runs has any pipelines: add one under “pipelines:”."
          : "A run is one execution of a pipeline. A trigger begins one, a schedule, or you."}
      </p>
      {onStart && (
        <button type="button" class="button primary" onClick={onStart}>
          Start a run
        </button>
      )}
    </Empty>
  );
}

/** The filter is in the address, so that it can be handed on and gone back to. */
function useFilter(): [RunFilter, (filter: RunFilter) => void] {
  const [filter, setFilter] = useState(() => filterOf(location.search));
  useEffect(() => {
    const back = () => setFilter(filterOf(location.search));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  return [filter, (next) => {
    history.pushState(null, "", location.pathname + searchOf(next));
    setFilter(next);
  }];
}
