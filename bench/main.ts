/**
 * Measures the budgets, all in one run, one after the other.
 *
 *     deno task bench [--json]
 *
 * @module
 */
import { measureDispatch } from "./dispatch.ts";
import { measureHttp } from "./http.ts";
import { measureStart } from "./start.ts";
import { measureStore } from "./store.ts";

/** One figure with its budget. */
interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  readonly kept: boolean;
}

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
  ];
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
