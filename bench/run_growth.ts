/**
 * What memory, the store and the next start cost while and after many runs are
 * done: all stay flat. Prints a line every ten seconds.
 *
 *     deno run -A bench/run_growth.ts --runs 1000000 --retention 10s
 *     deno run -A bench/run_growth.ts --seconds 60 --steps 3
 *     deno run -A bench/run_growth.ts --seconds 1500 --rate 1500 --retention 10m
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemEffects } from "@engine/effects.ts";
import { openStore } from "../engine/store/open.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication } from "../engine/testing.ts";
import set from "../workflows/steps/set.ts";

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    /** Ends after so many runs. */
    runs: { type: "string", default: "Infinity" },
    /** Ends after so many seconds. */
    seconds: { type: "string", default: "Infinity" },
    /** Runs that begin in a second, at most. */
    rate: { type: "string", default: "Infinity" },
    /** How long finished runs are kept. */
    retention: { type: "string", default: "10s" },
    /** Steps of each run. */
    steps: { type: "string", default: "1" },
    /** Runs under way at a time. */
    "in-flight": { type: "string", default: "100" },
  },
});
const runsMax = Number(flags.runs);
const secondsMax = Number(flags.seconds);
const rate = Number(flags.rate);
const steps = Number(flags.steps);

const REPORT_MS = 10_000;

const DOCUMENT = {
  pipelines: {
    short: {
      retention: flags.retention,
      steps: Array.from({ length: steps }, (_, index) => ({
        id: `add${index}`,
        use: "set",
        with: { values: { n: "${{ input.n }}" } },
      })),
    },
  },
};

if (import.meta.main) {
  if (runsMax === Infinity && secondsMax === Infinity) {
    console.error("Give --runs or --seconds");
    Deno.exit(2);
  }
  const folder = await Deno.makeTempDir({ prefix: "bench_growth_" });
  const path = join(folder, "store");
  try {
    const count = await fill(path, folder);
    const startedAt = performance.now();
    const store = await openStore(path, { now: Date.now });
    const app = await start(store);
    const startMs = performance.now() - startedAt;
    console.log(`start after ${count} runs: ${startMs.toFixed(0)} ms`);
    await app.stop();
    await store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fill(path: string, folder: string): Promise<number> {
  const store = await openStore(path, { now: Date.now });
  const app = await start(store);
  const { runs } = app.application;
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  let begun = 0;
  let reportedMs = 0;
  let reported = 0;
  const report = () => {
    const ms = elapsedMs();
    const perSecond = (begun - reported) * 1_000 / (ms - reportedMs);
    const { rss, heapUsed } = Deno.memoryUsage();
    console.log(
      `${(ms / 1_000).toFixed(0)} s: ${begun} runs, ` +
        `${Math.round(perSecond * steps)} steps a second, ` +
        `store ${bytesOf(folder)} MB, RSS ${megabytes(rss)} MB, ` +
        `heap ${megabytes(heapUsed)} MB`,
    );
    reported = begun;
    reportedMs = ms;
  };
  async function loop(): Promise<void> {
    while (begun < runsMax && elapsedMs() < secondsMax * 1_000) {
      const dueMs = begun * 1_000 / rate;
      const waitMs = dueMs - elapsedMs();
      if (waitMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        continue;
      }
      const { id, end } = await runs.start("short", { n: begun++ });
      if (end === undefined) await runs.ended(id);
      if (elapsedMs() - reportedMs > REPORT_MS) report();
    }
  }
  await Promise.all(Array.from({ length: Number(flags["in-flight"]) }, loop));
  report();
  await app.stop();
  await store.close();
  return begun;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

/** The size of all files of the store, in megabytes. */
function bytesOf(folder: string): number {
  let bytes = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    bytes += Deno.statSync(join(folder, name)).size;
  }
  return megabytes(bytes);
}

function start(store: Store) {
  return startApplication({
    document: DOCUMENT,
    definitions: [set],
    effects: systemEffects(),
    store,
  });
}
