/**
 * What the expression in a field is over: its variables, and a sample of them.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { CelVariables } from "../../engine/expression/environment.ts";
import { ApiError, ask } from "../api.ts";
import { useLater } from "../parts/later.ts";
import { useStore } from "./context.ts";
import type { ExpressionPlace } from "./expression_place.ts";
import { exampleOf, type Sample, sampleOf, type SampleRun } from "./sample.ts";
import type { BuilderStore } from "./store.ts";
import { valueAt } from "./views.ts";

/** How long a pause in typing is before the scope is asked for, in milliseconds. */
const ASK_AFTER_MS = 300;

/** What reads expressions. */
export type ExpressionTools = typeof import("./expression_tools.ts");

/** All that is needed to say something of an expression. */
export interface Over {
  readonly tools: ExpressionTools;
  readonly variables: CelVariables;
  readonly sample: Sample;
}

/** Samples that somebody has written, by document and scope. */
const own = signal<ReadonlyMap<string, Sample>>(new Map());

/** Has another sample in a scope; without one, what there was before. */
export function setSample(
  store: BuilderStore,
  { scope }: ExpressionPlace,
  values: Sample["values"] | undefined,
): void {
  const all = new Map(own.value);
  const key = sampleKey(store, scope);
  if (values === undefined) all.delete(key);
  else all.set(key, { origin: "own", values });
  own.value = all;
}

/** See the module comment; absent until it is there, and where it is not needed. */
export function useOver(
  place: ExpressionPlace | undefined,
  isNeeded: boolean,
): Over | undefined {
  const store = useStore();
  const isAsked = isNeeded && place !== undefined;
  const tools = useLater(() => import("./expression_tools.ts"), isAsked);
  const variables = useVariables(place, isAsked);
  const run = useLastRun(place, isAsked);
  if (!isAsked || !tools || !variables || run === undefined) return undefined;
  const written = own.value.get(sampleKey(store, place.scope));
  return {
    tools,
    variables,
    sample: written ?? sampleFor(store, place, run, variables),
  };
}

function sampleFor(
  store: BuilderStore,
  { path }: ExpressionPlace,
  run: SampleRun | null,
  variables: CelVariables,
): Sample {
  if (run !== null) {
    const values = sampleOf(run, variables);
    return { origin: "run", run: run.id, values };
  }
  const head = valueAt(store.good.value?.value, path.slice(0, 2));
  const { input } = (head ?? {}) as { readonly input?: unknown };
  const declared = path[0] === "pipelines" ? input : undefined;
  return { origin: "example", values: exampleOf(variables, declared) };
}

function sampleKey({ id }: BuilderStore, scope: string): string {
  return `${id} ${scope}`;
}

/** Answers about one text, by scope: the fields of a panel ask but once. */
let answers: {
  readonly text: string;
  readonly scopes: Map<string, Promise<CelVariables | undefined>>;
} = { text: "", scopes: new Map() };

function askScope(
  text: string,
  { path, scope }: ExpressionPlace,
): Promise<CelVariables | undefined> {
  if (answers.text !== text) answers = { text, scopes: new Map() };
  const known = answers.scopes.get(scope);
  if (known) return known;
  const asked = ask<{ readonly variables?: CelVariables }>(
    "/api/workflow/scope",
    { method: "POST", body: { text, path } },
  ).then(({ variables }) => variables, unlessUnreachable);
  answers.scopes.set(scope, asked);
  return asked;
}

function unlessUnreachable(error: unknown): undefined {
  // What was known stays; the connection is shown elsewhere.
  if (!(error instanceof ApiError)) throw error;
}

function useVariables(
  place: ExpressionPlace | undefined,
  isAsked: boolean,
): CelVariables | undefined {
  const store = useStore();
  const [variables, setVariables] = useState<CelVariables>();
  const text = store.text.value;
  const isKnown = place?.variables !== undefined;
  useEffect(() => {
    if (!isAsked || place === undefined || isKnown) return;
    let isGone = false;
    const timer = setTimeout(() => {
      void askScope(text, place).then((next) => {
        // While something is wrong with the pipeline, the last answer holds.
        if (!isGone && next !== undefined) setVariables(next);
      });
    }, variables === undefined ? 0 : ASK_AFTER_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [isAsked, isKnown, text, place?.scope]);
  return place?.variables ?? variables;
}

/** The last run of each pipeline, by document and id; `null`: there is none. */
const runs = new Map<string, Promise<SampleRun | null>>();

/** How long a run is the last one, in milliseconds. */
const RUN_HOLDS_MS = 5_000;

/** `undefined` until it is known. */
function useLastRun(
  place: ExpressionPlace | undefined,
  isAsked: boolean,
): SampleRun | null | undefined {
  const store = useStore();
  const isPipeline = place?.path[0] === "pipelines" &&
    place.variables === undefined;
  const pipeline = isPipeline ? String(place.path[1]) : "";
  // What does not run has no runs to ask for.
  const isRunning = store.running.value !== undefined;
  const [run, setRun] = useState<SampleRun | null>();
  useEffect(() => {
    if (!isAsked || !isPipeline || !isRunning) return;
    let isGone = false;
    void lastRun(store.id, pipeline).then((found) => {
      if (!isGone) setRun(found);
    });
    return () => {
      isGone = true;
    };
  }, [isAsked, pipeline, isRunning]);
  return isPipeline && isRunning ? run : null;
}

function lastRun(
  application: string,
  pipeline: string,
): Promise<SampleRun | null> {
  const key = `${application} ${pipeline}`;
  const known = runs.get(key);
  if (known) return known;
  const query = new URLSearchParams({
    ...{ application, workflow: pipeline, limit: "1" },
  });
  const asked = ask<{ readonly runs: readonly { readonly id: string }[] }>(
    `/api/runs?${query}`,
  ).then(({ runs: [latest] }) =>
    latest === undefined
      ? null
      : ask<SampleRun>(`/api/runs/${encodeURIComponent(latest.id)}`)
  ).catch((error) => unlessUnreachable(error) ?? null);
  runs.set(key, asked);
  setTimeout(() => runs.delete(key), RUN_HOLDS_MS);
  return asked;
}
