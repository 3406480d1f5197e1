/**
 * Latency of durable runs at each offered rate, up to the knee: runs are begun
 * at even distances whatever the engine does, and the time from the moment when
 * each was due to its durable end counts.
 *
 *     deno run -A bench/run_latency.ts [file of the plot, such as plot.svg]
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { openStore } from "../engine/store/open.ts";
import { startApplication } from "../engine/testing.ts";
import set from "../workflows/steps/set.ts";
import { type Latency, latencyPlot } from "./latency_plot.ts";

const SECONDS = 4;

/** Beyond it the engine does not keep up, in milliseconds. */
const KNEE_MS = 100;
const RATES = [
  ...[100, 200, 500, 1_000, 2_000, 5_000, 10_000],
  ...[20_000, 30_000, 40_000, 50_000, 60_000, 80_000],
];

const DOCUMENT = {
  pipelines: {
    bench: {
      steps: [{
        id: "add",
        use: "set",
        with: { values: { sum: "${{ input.a + input.b }}" } },
      }],
    },
  },
};

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "bench_latency_" });
  const store = await openStore(join(folder, "store"), { now: Date.now });
  const app = await startApplication({
    document: DOCUMENT,
    definitions: [set],
    effects: systemEffects(),
    store,
  });
  const { runs } = app.application;
  const one: One = async (dueMs, times) => {
    const { id, end } = await runs.start("bench", { a: 1, b: 2 });
    if (end === undefined) await runs.ended(id);
    times.push(performance.now() - dueMs);
  };
  await offer(2_000, one);
  console.log("| offered a second | done a second | p50 ms | p99 ms |");
  console.log("| ---: | ---: | ---: | ---: |");
  const measured: Latency[] = [];
  for (const offered of RATES) {
    const { times, seconds } = await offer(offered, one);
    times.sort((a, b) => a - b);
    const at = (part: number) =>
      times[Math.floor(part * (times.length - 1))] ?? 0;
    const done = Math.round(times.length / seconds);
    const [p50, p99] = [at(0.5), at(0.99)];
    measured.push({ offered, done, p50, p99 });
    console.log(
      `| ${offered} | ${done} | ${p50.toFixed(1)} | ${p99.toFixed(1)} |`,
    );
    // What is behind stays behind: this was the knee.
    if (p50 > KNEE_MS) break;
  }
  const [file] = Deno.args;
  if (file !== undefined) await Deno.writeTextFile(file, latencyPlot(measured));
  await app.stop();
  await store.close();
  await Deno.remove(folder, { recursive: true });
}

/** Does one run that was due at a time, and notes how long it took from then. */
type One = (dueMs: number, times: number[]) => Promise<void>;

async function offer(
  rate: number,
  one: One,
): Promise<{ readonly times: number[]; readonly seconds: number }> {
  const times: number[] = [];
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < rate * SECONDS;) {
    const dueMs = performance.now() - startedAt;
    while (n < rate * SECONDS && n * 1_000 / rate <= dueMs) {
      all.push(one(startedAt + n++ * 1_000 / rate, times));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
  return { times, seconds: (performance.now() - startedAt) / 1_000 };
}
