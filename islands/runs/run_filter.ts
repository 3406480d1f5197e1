/**
 * Which runs the list shows, as its address says it.
 *
 * @module
 */
import { RUN_STATUSES, type RunStatus } from "@engine/run/journal.ts";

/** What is absent fits every run. */
export interface RunFilter {
  readonly statuses: readonly RunStatus[];
  readonly application?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly text?: string | undefined;
  /** A time that has a name; see `TIMES`. */
  readonly time?: string | undefined;
}

/** How far back, by name: milliseconds. */
export const TIMES: Readonly<Record<string, { text: string; ms: number }>> = {
  "15m": { text: "Last 15 minutes", ms: 15 * 60_000 },
  "1h": { text: "Last hour", ms: 3_600_000 },
  "1d": { text: "Last day", ms: 86_400_000 },
  "7d": { text: "Last 7 days", ms: 7 * 86_400_000 },
};

/** Reads an address. What it says wrongly is left out. */
export function filterOf(search: string): RunFilter {
  const query = new URLSearchParams(search);
  const statuses = (query.get("status") ?? "").split(",");
  const time = query.get("time") ?? "";
  return {
    statuses: RUN_STATUSES.filter((status) => statuses.includes(status)),
    application: query.get("application") || undefined,
    pipeline: query.get("pipeline") || undefined,
    text: query.get("q") || undefined,
    time: Object.hasOwn(TIMES, time) ? time : undefined,
  };
}

/** The address of a list, from the `?` on; "" if it shows everything. */
export function searchOf(
  { statuses, application, pipeline, text, time }: RunFilter,
): string {
  const query = new URLSearchParams();
  if (statuses.length > 0) query.set("status", statuses.join());
  if (application) query.set("application", application);
  if (pipeline) query.set("pipeline", pipeline);
  if (text) query.set("q", text);
  if (time) query.set("time", time);
  const search = query.toString();
  return search === "" ? "" : `?${search}`;
}

/** Whether any run is left out. */
export function isNarrow(filter: RunFilter): boolean {
  return searchOf(filter) !== "";
}

/** What the API is asked; without `statuses` for the counts. */
export function queryOf(
  { statuses, application, pipeline, text, time }: RunFilter,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const query = new URLSearchParams();
  if (statuses.length > 0) query.set("status", statuses.join());
  if (application) query.set("application", application);
  if (pipeline) query.set("workflow", pipeline);
  if (text) query.set("q", text);
  const ms = TIMES[time ?? ""]?.ms;
  if (ms !== undefined) query.set("since", String(Date.now() - ms));
  for (const [name, value] of Object.entries(more)) {
    if (value !== undefined) query.set(name, value);
  }
  return query.toString();
}
