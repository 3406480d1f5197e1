/**
 * Measures the budgets, all in one run, one after the other.
 *
 *     deno task bench [--json]
 *
 * @module
 */
import { measureDispatch } from "./dispatch.ts";
import { measureHttp } from "./http.ts";
import { measureRunHttp } from "./run_http.ts";
import { measureRecovery } from "./run_recovery.ts";
import { measureRuns } from "./runs.ts";
import { measureStart } from "./start.ts";
import { measureStore } from "./store.ts";

/** One figure with its budget. */
interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  readonly kept: boolean;
}

/** Durable one-step runs a second, by durability and runs in flight. */
const RUNS_MIN = [
  { durability: "accept", inFlight: 100, perSecond: 28_000 },
  { durability: "accept", inFlight: 400, perSecond: 50_000 },
  { durability: "result", inFlight: 100, perSecond: 60_000 },
  { durability: "result", inFlight: 400, perSecond: 100_000 },
] as const;
const STEPS_MIN = 40_000;
const RUN_REQUESTS_MIN = 10_000;
const RECOVERY_SECONDS_MAX = 10;
const HTTP_RATIO_MAX = 1.3;
const DISPATCHES_MIN = 100_000;
const STORE_GAIN_MIN = 15;
const START_MS_MAX = 400;
const IDLE_MB_MAX = 120;

async function measure(tell: (text: string) => void): Promise<Figure[]> {
  tell("store");
  const store = await measureStore();
  tell("dispatch");
  const dispatch = await measureDispatch();
  tell("HTTP");
  const { socket, inProcess } = await measureHttp();
  tell("start");
  const start = await measureStart();
  const runs = await measureRunFigures(tell);
  const ratio = Math.max(socket.ratio, inProcess.ratio);
  return [
    {
      what: "HTTP: server, router, 3 middlewares, handler / bare Hono",
      measured: `${socket.ratio.toFixed(2)} × over sockets, ` +
        `${inProcess.ratio.toFixed(2)} × in process`,
      budget: `at most ${HTTP_RATIO_MAX} ×`,
      kept: ratio <= HTTP_RATIO_MAX,
    },
    {
      what: "Dispatch of a transition, memory store, 100 in flight",
      measured: `${thousands(dispatch.perSecond)} a second`,
      budget: `at least ${thousands(DISPATCHES_MIN)}`,
      kept: dispatch.perSecond >= DISPATCHES_MIN,
    },
    {
      what: "Store writes: group commit, 400 in flight / one at a time",
      measured: `${store.gain.toFixed(1)} × ` +
        `(${thousands(store.groupWrites400)} / ${
          thousands(store.serialWrites)
        } a second)`,
      budget: `at least ${STORE_GAIN_MIN} ×`,
      kept: store.gain >= STORE_GAIN_MIN,
    },
    {
      what: "Orders example: process start to first 200",
      measured: `${start.startMs.toFixed(0)} ms`,
      budget: `at most ${START_MS_MAX} ms`,
      kept: start.startMs <= START_MS_MAX,
    },
    {
      what: "Orders example: idle memory (RSS)",
      measured: `${start.idleMb.toFixed(0)} MB`,
      budget: `at most ${IDLE_MB_MAX} MB`,
      kept: start.idleMb <= IDLE_MB_MAX,
    },
    ...runs,
  ];
}

/** Durable runs, on disk: every answer follows its commit. */
async function measureRunFigures(
  tell: (text: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { durability, inFlight, perSecond } of RUNS_MIN) {
    tell(`runs, ${durability}, ${inFlight} in flight`);
    const measured = await measureRuns({ durability, inFlight });
    const part = Math.round(100 * measured.perSecond / measured.bareLog);
    figures.push({
      what: `One-step runs, durability ${durability}, ${inFlight} in flight`,
      measured: `${thousands(measured.perSecond)} a second, ` +
        `${part} % of a bare log (${thousands(measured.bareLog)})`,
      budget: `at least ${thousands(perSecond)}`,
      kept: measured.perSecond >= perSecond,
    });
  }
  tell("steps");
  const three = await measureRuns({ steps: 3, inFlight: 100 });
  figures.push({
    what: "Steps of three-step runs, 100 in flight",
    measured: `${thousands(3 * three.perSecond)} a second`,
    budget: `at least ${thousands(STEPS_MIN)}`,
    kept: 3 * three.perSecond >= STEPS_MIN,
  });
  tell("runs over HTTP");
  const http = await measureRunHttp();
  if (http !== undefined) {
    figures.push({
      what: "Runs over HTTP, begun and answered, 100 connections",
      measured: `${thousands(http.perSecond)} a second, ` +
        `alone p50 ${http.aloneP50Ms.toFixed(1)} ms`,
      budget: `at least ${thousands(RUN_REQUESTS_MIN)}`,
      kept: http.perSecond >= RUN_REQUESTS_MIN,
    });
  }
  tell("recovery");
  const { acceptedAfterMs } = await measureRecovery();
  const seconds = acceptedAfterMs / 1_000;
  figures.push({
    what: "100,000 unfinished runs: work is accepted again after",
    measured: `${seconds.toFixed(1)} s`,
    budget: `at most ${RECOVERY_SECONDS_MAX} s`,
    kept: seconds <= RECOVERY_SECONDS_MAX,
  });
  return figures;
}

function thousands(rate: number): string {
  return Math.round(rate).toLocaleString("en-US");
}

function print(figures: readonly Figure[]): void {
  const width = (key: "what" | "measured") =>
    Math.max(...figures.map((figure) => figure[key].length));
  for (const figure of figures) {
    const verdict = figure.kept ? "kept" : "MISSED";
    console.log(
      `${figure.what.padEnd(width("what"))}  ` +
        `${
          figure.measured.padEnd(width("measured"))
        }  ${figure.budget}: ${verdict}`,
    );
  }
}

if (import.meta.main) {
  const isJson = Deno.args.includes("--json");
  const figures = await measure((text) => {
    if (!isJson) console.error(`measuring: ${text} …`);
  });
  if (isJson) console.log(JSON.stringify(figures, null, 2));
  else print(figures);
}
