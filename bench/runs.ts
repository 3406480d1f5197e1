/**
 * How many durable runs of a one-step pipeline one process does in a second,
 * beside a bare log with as many commits a run on the same kind of store. Every
 * acknowledgement follows its commit to disk.
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { RunLog } from "../engine/run/log.ts";
import { openStore } from "../engine/store/open.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication } from "../engine/testing.ts";
import set from "../workflows/steps/set.ts";

/** What to measure. */
export interface RunsOptions {
  /** @default {5} */
  readonly seconds?: number;
  /** @default {100} */
  readonly inFlight?: number;
  /** @default {"accept"} */
  readonly durability?: "accept" | "result";
  /** Steps of the pipeline. @default {1} */
  readonly steps?: number;
}

/** What was measured, in runs a second. */
export interface RunsResult {
  readonly perSecond: number;
  /** A bare log doing as many commits a run. */
  readonly bareLog: number;
}

/** Measures runs, and the bare log right after. */
export async function measureRuns(
  options: RunsOptions = {},
): Promise<RunsResult> {
  const perSecond = await withStore((store) => runsOn(store, options));
  const bareLog = await withStore((store) => bareOn(store, options));
  return { perSecond, bareLog };
}

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "bench_runs_" });
  const store = await openStore(join(folder, "store"), { now: Date.now });
  try {
    return await work(store);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Measures runs on a store that is open. */
export async function runsOn(
  store: Store,
  {
    seconds = 5,
    inFlight = 100,
    durability = "accept",
    steps = 1,
  }: RunsOptions,
): Promise<number> {
  const app = await startApplication({
    document: {
      pipelines: {
        bench: {
          durability,
          steps: Array.from({ length: steps }, (_, index) => ({
            id: `s${index}`,
            use: "set",
            with: { values: { sum: "${{ input.a + input.b }}" } },
          })),
        },
      },
    },
    definitions: [set],
    effects: systemEffects(),
    store,
  });
  const { runs } = app.application;
  const rate = await rateOf(inFlight, seconds, async (n) => {
    const view = await runs.start("bench", { a: n, b: 1 });
    if (view.end === undefined) await runs.ended(view.id);
  });
  await app.stop();
  return rate;
}

async function bareOn(
  store: Store,
  { seconds = 5, inFlight = 100, durability = "accept" }: RunsOptions,
): Promise<number> {
  const { version } = await store.commit({
    sets: [{ key: ["owner"], value: 1 }],
  }) as { version: string };
  const { clock } = systemEffects();
  const log = new RunLog({
    store,
    clock,
    ...{ prefix: ["log"], archive: ["archive"], epoch: 1 },
    fence: { key: ["owner"], version },
    onError: console.error,
    onFenced: () => {},
  });
  const accepted = `${"0".repeat(26)} 0 ${"x".repeat(150)}\n`;
  const result = `${"0".repeat(26)} 1 ${"x".repeat(150)}\n`;
  const rate = await rateOf(inFlight, seconds, async () => {
    if (durability === "accept") await log.append(accepted);
    await log.append(result);
  });
  await log.close();
  return rate;
}

/** How often `work` is done in a second, so many at a time. */
async function rateOf(
  inFlight: number,
  seconds: number,
  work: (n: number) => Promise<void>,
): Promise<number> {
  let n = 0;
  let endMs = performance.now() + 1_000;
  const until = () => performance.now() < endMs;
  async function loop(): Promise<void> {
    while (until()) await work(n++);
  }
  const all = () => Promise.all(Array.from({ length: inFlight }, loop));
  // Code is compiled, and files have grown, before the clock starts.
  await all();
  const startedAt = performance.now();
  const before = n;
  endMs = startedAt + seconds * 1_000;
  await all();
  return Math.round((n - before) / ((performance.now() - startedAt) / 1_000));
}

if (import.meta.main) {
  for (const durability of ["accept", "result"] as const) {
    for (const inFlight of [100, 400]) {
      const { perSecond, bareLog } = await measureRuns({
        durability,
        inFlight,
      });
      const part = Math.round(100 * perSecond / bareLog);
      console.log(
        `${durability}, ${inFlight} in flight: ${perSecond} runs a second, ` +
          `${part} % of a bare log (${bareLog})`,
      );
    }
  }
}
