/**
 * How everything is: documents and their modules, checks, queues, the hosts of
 * components, and how much is going on.
 *
 * @module
 */
import { at } from "../api.ts";
import { StreamState } from "../parts/stream_state.tsx";
import { View } from "../parts/view.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { lengthText } from "../parts/time.ts";
import { Applications } from "./applications.tsx";
import { type Collected, useCollected } from "./collected.ts";
import { Hosts } from "./hosts.tsx";
import { eventRates, quantilesOf, ratesOf } from "./measures.ts";
import { Plot } from "./plot.tsx";
import { Queues } from "./queues.tsx";
import { bytesText, type Health, overall, type Status } from "./report.ts";

/** How often the state is asked for, in milliseconds. */
const EVERY_MS = 5_000;

export default function HealthPage(_: Readonly<Record<string, never>>) {
  const health = useResource<Health>("/api/health", EVERY_MS);
  const status = useResource<Status>("/api/workflow/status", EVERY_MS);
  const collected = useCollected();
  const [word, tone] = overall(health.value, status.value);
  return (
    <div class="page">
      <header>
        <h1>Health</h1>
        {health.value && (
          <>
            <Pill status={word} tone={tone} />
            <span class="quiet number">
              Engine {health.value.process.pid} ·{" "}
              {bytesText(health.value.process.residentBytes)}
            </span>
          </>
        )}
        <span class="grow"></span>
        <StreamState connection={collected.connection} />
      </header>
      <Plots collected={collected} />
      <View name="the documents" resource={status} rows={4}>
        {({ applications }) => (
          <Applications
            applications={applications}
            checks={health.value?.applications ?? []}
          />
        )}
      </View>
      <Queues />
      <View name="the hosts" resource={health} rows={2} isToldElsewhere>
        {({ hosts }) => <Hosts hosts={hosts} />}
      </View>
    </div>
  );
}

function Plots({ collected }: { readonly collected: Collected }) {
  const { now, looks, requests, isCounting } = collected;
  const { completed, failed, stepFailures } = collected;
  const rate = (times: readonly number[]) => eventRates(times, looks);
  const instead = isCounting ? {} : { instead: <NotCounted /> };
  return (
    <section class="plots" aria-label="The last minutes">
      <Plot
        title="Requests a minute"
        now={now}
        text={rateText}
        series={[
          { name: "answered", points: ratesOf(requests), look: "accent" },
        ]}
        {...instead}
      />
      <Plot
        title="Answered in"
        now={now}
        text={lengthText}
        series={[
          { name: "p50", points: quantilesOf(requests, 0.5), look: "run" },
          { name: "p95", points: quantilesOf(requests, 0.95), look: "wait" },
        ]}
        {...instead}
      />
      <Plot
        title="Runs a minute"
        now={now}
        text={rateText}
        series={[
          { name: "completed", points: rate(completed), look: "accent" },
          { name: "failed", points: rate(failed), look: "fail" },
        ]}
      />
      <Plot
        title="Step failures a minute"
        now={now}
        text={rateText}
        series={[
          { name: "attempts failed", points: rate(stepFailures), look: "fail" },
        ]}
      />
    </section>
  );
}

function NotCounted() {
  return (
    <p class="quiet plot-instead">
      No document counts its requests. Add a{" "}
      <a href={at("/docs/modules/metrics.collector")}>metrics.collector</a>.
    </p>
  );
}

function rateText(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString()
    : String(Number(value.toFixed(1)));
}
