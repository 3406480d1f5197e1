/**
 * A schedule begins a run of a pipeline. The process dies when it has begun one
 * and not yet said so: who comes after begins no second one.
 */
import assert from "node:assert/strict";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Batch, Store } from "../engine/store/store.ts";
import { startApplication } from "../engine/testing.ts";
import set from "../workflows/steps/set.ts";
import schedule from "../workflows/triggers/schedule.ts";

const MINUTE_MS = 60_000;
const ID = "trigger:nightly.run";

const DOCUMENT = {
  pipelines: {
    nightly: {
      input: { trigger_time: "string", shelf: "integer" },
      steps: [{
        id: "when",
        use: "set",
        with: { values: { at: "${{ input.trigger_time }}" } },
      }],
    },
  },
  triggers: {
    schedule: {
      jobs: [{
        every: "1m",
        workflow: "nightly",
        action: "run",
        params: { shelf: 7 },
      }],
    },
  },
};

/** A store that is gone for this process from the first commit that fits. */
function until(store: Store, isLast: (batch: Batch) => boolean): Store {
  let isGone = false;
  const alive = <T>(call: () => Promise<T>) =>
    isGone ? new Promise<T>(() => {}) : call();
  return {
    limits: store.limits,
    get: (key) => alive(() => store.get(key)),
    getMany: (keys) => alive(() => store.getMany(keys)),
    list: (...range) => store.list(...range),
    commit: (batch) => {
      isGone ||= isLast(batch);
      return alive(() => store.commit(batch));
    },
    watch: (...keys) => store.watch(...keys),
    close: () => Promise.resolve(),
  };
}

/** Whether a commit says of our schedule that a run of it is over. */
function endsFiring({ sets = [] }: Batch): boolean {
  return sets.some(({ key, value }) =>
    key.at(-1) === ID && JSON.stringify(value).includes('"success"')
  );
}

Deno.test("a schedule begins one run of a pipeline for a due time, whoever dies", async () => {
  const effects = simulatedEffects({ startMs: Date.UTC(2026, 0, 1) });
  const store = memoryStore({ now: effects.clock.now });
  const start = (over: Store) =>
    startApplication({
      document: DOCUMENT,
      definitions: [schedule, set],
      effects,
      store: over,
    });
  await start(until(store, endsFiring));
  await effects.advance(MINUTE_MS);
  await using second = await start(store);
  await effects.advance(MINUTE_MS + 30_000);
  const { firings } = await second.application.schedules.get(ID);
  const first = firings.find(({ attempt }) => attempt === 2);
  assert.equal(first?.dueAt, Date.UTC(2026, 0, 1, 0, 1));
  assert.equal(first?.status, "success");
  const { runs } = second.application;
  const groups = await Array.fromAsync(runs.finished());
  const times = groups.flat().map(({ entries }) =>
    /"at":"(2026[^"]+)"/.exec(JSON.stringify(entries))?.[1]
  );
  assert.deepEqual(times.sort(), [
    "2026-01-01T00:01:00.000Z",
    "2026-01-01T00:02:00.000Z",
  ]);
});
