/**
 * How long a process takes until it accepts work again, with many unfinished
 * runs: each waits for a signal. The first process is dropped as a kill would.
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { openStore } from "../engine/store/open.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication } from "../engine/testing.ts";
import set from "../workflows/steps/set.ts";

/** What was measured. */
export interface RecoveryResult {
  readonly unfinished: number;
  /** From opening the store to the first accepted run, in milliseconds. */
  readonly acceptedAfterMs: number;
}

const DOCUMENT = {
  pipelines: {
    waiting: {
      steps: [
        { id: "go", wait: { signal: "go" } },
        { id: "done", use: "set", with: { values: { done: true } } },
      ],
    },
  },
};

/** Measures. */
export async function measureRecovery(
  unfinished = 100_000,
): Promise<RecoveryResult> {
  const folder = await Deno.makeTempDir({ prefix: "bench_recovery_" });
  const path = join(folder, "store");
  try {
    await leave(path, unfinished);
    const startedAt = performance.now();
    const store = await openStore(path, { now: Date.now });
    const app = await start(store);
    await app.application.runs.start("waiting", {});
    const acceptedAfterMs = performance.now() - startedAt;
    const found = app.application.runs.unfinished - 1;
    if (found !== unfinished) {
      throw new Error(
        `Cannot measure: ${found} of ${unfinished} runs are there`,
      );
    }
    await app.stop();
    await store.close();
    return { unfinished, acceptedAfterMs };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Leaves runs behind, without telling anybody that the process ends. */
async function leave(path: string, count: number): Promise<void> {
  const store = await openStore(path, { now: Date.now });
  const app = await start(store);
  const { runs } = app.application;
  let next = 0;
  async function loop(): Promise<void> {
    while (next < count) {
      const n = next++;
      await runs.start("waiting", { n, name: `order ${n}` });
    }
  }
  await Promise.all(Array.from({ length: 400 }, loop));
  await app.stop();
  await store.close();
}

function start(store: Store) {
  return startApplication({
    document: DOCUMENT,
    definitions: [set],
    effects: systemEffects(),
    store,
  });
}

if (import.meta.main) {
  const { unfinished, acceptedAfterMs } = await measureRecovery(
    Number(Deno.args[0] ?? 100_000),
  );
  console.log(
    `${unfinished} unfinished runs: work is accepted again after ` +
      `${(acceptedAfterMs / 1_000).toFixed(2)} s`,
  );
}
