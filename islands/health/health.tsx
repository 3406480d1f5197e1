/**
 * How everything is: documents and their modules, checks, queues, the hosts of
 * components, and how much is going on.
 *
 * @module
 */
import { View } from "../parts/view.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { Applications } from "./applications.tsx";
import { Hosts } from "./hosts.tsx";
import { Plots } from "./plots.tsx";
import { Queues } from "./queues.tsx";
import { bytesText, type Health, overall, type Status } from "./report.ts";

/** How often the state is asked for, in milliseconds. */
const EVERY_MS = 5_000;

export default function HealthPage(_: Readonly<Record<string, never>>) {
  const health = useResource<Health>("/api/health", EVERY_MS);
  const status = useResource<Status>("/api/workflow/status", EVERY_MS);
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
      </header>
      <Plots
        documents={status.value?.applications.map(({ id }) => id) ?? []}
      />
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
