/**
 * What was measured in the last minutes, of one document or of all: as plots, or
 * as a table.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { useResource } from "../parts/resource.ts";
import { useQuery } from "../parts/tabs.tsx";
import { View } from "../parts/view.tsx";
import type { MetricHistory } from "./metric.ts";
import { MetricTable } from "./metric_table.tsx";
import { nearest, Plot } from "./plot.tsx";

/** How often the engine is asked, in milliseconds. */
const EVERY_MS = 5_000;

/** For how many minutes there can be a plot. */
const MINUTES = [5, 15, 60];

const MINUTE_MS = 60_000;

/** See the module comment. @param documents The ids of those that run. */
export function Plots(
  { documents }: { readonly documents: readonly string[] },
): JSX.Element {
  const [document, setDocument] = useQuery("document");
  const [minutes, setMinutes] = useQuery("minutes", "15");
  const [as, setAs] = useQuery("as");
  const query = new URLSearchParams({
    minutes: MINUTES.includes(Number(minutes)) ? minutes : "15",
    ...document === "" ? {} : { application: document },
  });
  const history = useResource<MetricHistory>(
    `/api/metrics/history?${query}`,
    EVERY_MS,
  );
  return (
    <section class="stacked" aria-label="What was measured">
      <div class="tool-row metric-tools">
        {(documents.length > 1 || document !== "") && (
          <select
            class="field"
            aria-label="Document"
            value={document}
            onChange={({ currentTarget }) => setDocument(currentTarget.value)}
          >
            <option value="">All documents</option>
            {[...new Set([...documents, document])].filter((id) => id !== "")
              .map((id) => <option key={id} value={id}>{id}</option>)}
          </select>
        )}
        <select
          class="field"
          aria-label="Time"
          value={String(query.get("minutes"))}
          onChange={({ currentTarget }) => setMinutes(currentTarget.value)}
        >
          {MINUTES.map((each) => (
            <option key={each} value={String(each)}>Last {each} minutes</option>
          ))}
        </select>
        <button
          type="button"
          class="button"
          aria-pressed={as === "table"}
          onClick={() => setAs(as === "table" ? "" : "table")}
        >
          <Icon name="list" size={14} />
          As a table
        </button>
      </div>
      <View name="what was measured" resource={history} rows={4}>
        {(found) => (
          <Measured
            history={found}
            forMs={Number(query.get("minutes")) * MINUTE_MS}
            isTable={as === "table"}
          />
        )}
      </View>
    </section>
  );
}

function Measured(
  { history, forMs, isTable }: {
    readonly history: MetricHistory;
    readonly forMs: number;
    readonly isTable: boolean;
  },
): JSX.Element {
  const [at, setAt] = useState<number>();
  const { metrics, isEstimate } = history;
  const place = at === undefined ? undefined : nearest(at, history);
  const range = { history, forMs, place, onLook: setAt };
  return (
    <>
      {metrics.length === 0
        ? (
          <p class="card card-pad quiet">
            Nothing was measured yet. Requests and runs are here a moment after
            the first one.
          </p>
        )
        : isTable
        ? <MetricTable history={history} />
        : (
          <div class="plots">
            {metrics.map((metric) => (
              <Plot key={metric.name} metric={metric} range={range} />
            ))}
          </div>
        )}
      {isEstimate && (
        <p class="quiet">
          There is so much going on that only a part of it is measured: numbers
          are estimates.
        </p>
      )}
    </>
  );
}
