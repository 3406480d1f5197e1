/**
 * Runs as lines for a terminal.
 *
 * @module
 */
import { table } from "./table.ts";

/** A run in a list, as the API shows it. */
export interface RunRow {
  readonly id: string;
  readonly application: string;
  readonly pipeline: string;
  readonly status: string;
  readonly key?: string;
  readonly acceptedAt: number;
  readonly durationMs?: number;
}

/** A step, as the API shows it. */
interface StepRow {
  readonly path: string;
  readonly status: string;
  readonly attempts: number;
  readonly durationMs?: number;
  readonly error?: { readonly message: string };
}

/** A run with its steps. */
export interface RunDetail extends RunRow {
  readonly version: string;
  readonly steps: readonly StepRow[];
  readonly output?: unknown;
  readonly error?: { readonly message: string; readonly step?: string };
  readonly stuck?: string;
  readonly lineage: {
    readonly parent?: { readonly run: string; readonly step: string };
    readonly forkOf?: { readonly run: string; readonly step: string };
    readonly supersededBy?: string;
    readonly children: readonly string[];
  };
  readonly timeSplit: {
    readonly totalMs: number;
    readonly assignmentMs: number;
    readonly executionMs: number;
    readonly transitionMs: number;
  };
}

/** Why a run is as it is. */
export interface Explanation {
  readonly run: string;
  readonly status: string;
  readonly reasons: readonly {
    readonly message: string;
    readonly link?: string;
  }[];
  readonly wakes: readonly string[];
  readonly timeoutAt?: number;
  readonly failure?: { readonly message: string };
}

/** A run as one who looks for faults sees it. */
export interface DebugView {
  readonly run: string;
  readonly status: string;
  readonly paused:
    | {
      readonly step: string;
      readonly since: number;
      readonly until: number;
      readonly breakpoint?: string;
      readonly condition?: string;
    }
    | null;
  readonly scope?: Readonly<Record<string, unknown>>;
  readonly with?: unknown;
  readonly withError?: string;
}

/** An entry of a journal. */
export interface ShownEntry {
  readonly index: number;
  readonly kind: string;
  readonly at: number;
  readonly [member: string]: unknown;
}

/** How much of a text a table shows, in characters. */
const TEXT_CHARACTERS_MAX = 80;

/** A page of runs. */
export function listLines(
  { runs, next }: { readonly runs: readonly RunRow[]; readonly next?: string },
): readonly string[] {
  const more = next === undefined ? [] : [`more: --cursor ${next}`];
  if (runs.length === 0) {
    return next === undefined
      ? ["There are no such runs"]
      : ["There are no such runs among those looked at", ...more];
  }
  return [
    ...table(
      ["run", "application", "pipeline", "status", "key", "accepted", "took"],
      runs.map((run) => [
        run.id,
        run.application,
        run.pipeline,
        run.status,
        run.key ?? "-",
        timeText(run.acceptedAt),
        tookText(run.durationMs),
      ]),
    ),
    ...more,
  ];
}

/** One run with its steps. */
export function runLines(run: RunDetail): readonly string[] {
  const { lineage, timeSplit } = run;
  const facts: [string, string | undefined][] = [
    ["run", run.id],
    ["pipeline", `${run.pipeline} (${run.application}, ${run.version})`],
    ["status", run.status],
    ["key", run.key],
    ["accepted", timeText(run.acceptedAt)],
    [
      "time",
      `${tookText(timeSplit.totalMs)}: assignment ` +
      `${tookText(timeSplit.assignmentMs)}, execution ` +
      `${tookText(timeSplit.executionMs)}, transition ` +
      tookText(timeSplit.transitionMs),
    ],
    ["parent", placeText(lineage.parent)],
    ["fork of", placeText(lineage.forkOf)],
    ["superseded by", lineage.supersededBy],
    ["children", lineage.children.join(", ") || undefined],
    ["stuck", run.stuck],
    ["error", run.error?.message],
    ["output", run.output === undefined ? undefined : short(run.output)],
  ];
  const known = facts.filter(([, value]) => value !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  return [
    ...known.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    "",
    ...table(
      ["step", "status", "attempts", "took", "error"],
      run.steps.map(({ path, status, attempts, durationMs, error }) => [
        path,
        status,
        attempts,
        tookText(durationMs),
        error === undefined ? "" : short(error.message),
      ]),
    ),
  ];
}

/** What a run waits for. */
export function explanationLines(told: Explanation): readonly string[] {
  const { run, status, reasons, wakes, timeoutAt, failure } = told;
  return [
    `run ${run} is ${status}`,
    ...reasons.flatMap(({ message, link }) => [
      `  ${message}`,
      ...link === undefined ? [] : [`    ${link}`],
    ]),
    ...failure === undefined ? [] : [`  It will fail: ${failure.message}`],
    ...timeoutAt === undefined
      ? []
      : [`  As a whole it is given up at ${timeText(timeoutAt)}`],
    ...wakes.length === 0 ? [] : [`  What wakes it: ${wakes.join(", ")}`],
  ];
}

/** Where a run is paused, and what its step sees. */
export function debugLines(seen: DebugView): readonly string[] {
  const { run, status, paused, scope = {}, withError } = seen;
  if (paused === null) return [`run ${run} is ${status}, and not paused`];
  const { step, since, until, breakpoint, condition } = paused;
  const at = breakpoint === undefined ? "after one step" : `at ${breakpoint}`;
  const values = [
    ...Object.entries(scope),
    ..."with" in seen ? [["with", seen.with] as const] : [],
  ];
  const width = Math.max(0, ...values.map(([name]) => name.length));
  return [
    `run ${run} is ${status} before ${step}, ${at}` +
    (condition === undefined ? "" : ` (${condition})`),
    `  since ${timeText(since)}, goes on by itself at ${timeText(until)}`,
    ...values.map(([name, value]) =>
      `  ${name.padEnd(width)}  ${JSON.stringify(value)}`
    ),
    ...withError === undefined ? [] : [`  The step would fail: ${withError}`],
  ];
}

/** What has happened to a run. */
export function journalLines(
  entries: readonly ShownEntry[],
): readonly string[] {
  if (entries.length === 0) return ["Nothing has happened since"];
  return table(
    ["#", "at", "entry", "step", "what"],
    entries.map(({ index, at, kind, step, ...rest }) => [
      index,
      timeText(at),
      kind,
      typeof step === "string" ? step : "",
      Object.keys(rest).length === 0 ? "" : short(rest),
    ]),
  );
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= TEXT_CHARACTERS_MAX
    ? line
    : `${line.slice(0, TEXT_CHARACTERS_MAX - 1)}…`;
}

function placeText(
  place: { readonly run: string; readonly step: string } | undefined,
): string | undefined {
  return place && `${place.run}, step ${place.step}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function tookText(ms: number | undefined): string {
  if (ms === undefined) return "-";
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
