/**
 * What the store and the next start cost after many finished runs whose
 * retention is short: both stay flat. Prints a line every so often.
 *
 *     deno run -A bench/run_growth.ts [runs] [retention, such as 10s]
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { openStore } from "../engine/store/open.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication } from "../engine/testing.ts";
import set from "../workflows/steps/set.ts";

const [count = "1000000", retention = "10s"] = Deno.args;

const DOCUMENT = {
  pipelines: {
    short: {
      retention,
      steps: [{
        id: "add",
        use: "set",
        with: { values: { n: "${{ input.n }}" } },
      }],
    },
  },
};

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "bench_growth_" });
  const path = join(folder, "store");
  try {
    await fill(path, folder);
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

async function fill(path: string, folder: string): Promise<void> {
  const store = await openStore(path, { now: Date.now });
  const app = await start(store);
  const { runs } = app.application;
  const startedAt = performance.now();
  let next = 0;
  let reported = 0;
  async function loop(): Promise<void> {
    while (next < Number(count)) {
      const { id, end } = await runs.start("short", { n: next++ });
      if (end === undefined) await runs.ended(id);
      if (performance.now() - startedAt < reported * 10_000) continue;
      reported++;
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
      const heap = Math.round(Deno.memoryUsage().rss / 1e6);
      console.log(
        `${seconds} s: ${next} runs, store ${
          bytesOf(folder)
        } MB, RSS ${heap} MB`,
      );
    }
  }
  await Promise.all(Array.from({ length: 100 }, loop));
  await app.stop();
  await store.close();
  console.log(`after the last run: store ${bytesOf(folder)} MB`);
}

/** The size of all files of the store, in megabytes. */
function bytesOf(folder: string): number {
  let bytes = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    bytes += Deno.statSync(join(folder, name)).size;
  }
  return Math.round(bytes / 1e6);
}

function start(store: Store) {
  return startApplication({
    document: DOCUMENT,
    definitions: [set],
    effects: systemEffects(),
    store,
  });
}
