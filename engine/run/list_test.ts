import assert from "node:assert/strict";
import set from "../../workflows/steps/set.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { scopedStore } from "../store/scoped.ts";
import type { Write } from "../store/store.ts";
import { startApplication } from "../testing.ts";
import { LIST_VALUES_MAX } from "./archive.ts";
import { lowestIdAt, timeOfId } from "./ids.ts";
import { listRuns } from "./list.ts";
import { ARCHIVE } from "./places.ts";

const DOCUMENT =
  "pipelines: { p: { steps: [{ id: a, use: set, with: { values: {} } }] } }";

/** An application whose store holds a finished run for each of so many seconds. */
async function withHistory(seconds: number) {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const kept = scopedStore(store, ["app", "test"]);
  const first = Math.floor(effects.clock.now() / 1_000) - seconds;
  const ids: string[] = [];
  let sets: Write[] = [];
  for (let n = 0; n < seconds; n++) {
    const second = first + n;
    const id = lowestIdAt(second * 1_000);
    ids.unshift(id);
    const at = second * 1_000;
    const journal = JSON.stringify([
      { kind: "accepted", at, pipeline: "p", version: "v", key: `n${n}` },
      { kind: "completed", at, output: null },
    ]);
    const value = new TextEncoder().encode(`${id} ${journal}\n`);
    sets.push({ key: [...ARCHIVE, second, 1, n], value });
    if (sets.length === 500 || n === seconds - 1) {
      await kept.commit({ sets });
      sets = [];
    }
  }
  const options = { document: DOCUMENT, definitions: [set], effects, store };
  const app = await startApplication(options);
  return {
    ids,
    runs: app.application.runs,
    effects,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

Deno.test("lowestIdAt() is the first id of its millisecond", () => {
  for (const ms of [0, 1, 31, 32, 1_700_000_000_123]) {
    assert.equal(timeOfId(lowestIdAt(ms)), ms);
    assert.ok(lowestIdAt(ms) < lowestIdAt(ms + 1));
  }
});

Deno.test("listRuns() gives up on a page after so much, and says where to go on", async () => {
  await using it = await withHistory(LIST_VALUES_MAX + 300);
  const oldest = { text: "n0" };
  const first = await listRuns(it.runs, { text: "n0zz" }, { limit: 10 });
  assert.deepEqual(first.runs, []);
  assert.equal(first.next, it.ids[LIST_VALUES_MAX - 1]);
  const second = await listRuns(it.runs, oldest, {
    limit: 10,
    before: first.next,
  });
  assert.deepEqual(second.runs.map(({ id }) => id), [it.ids.at(-1)]);
  assert.equal(second.next, undefined);
});

Deno.test("listRuns() goes through a long history without missing or repeating a run", async () => {
  await using it = await withHistory(LIST_VALUES_MAX + 300);
  const { summary } = await it.runs.start("p", {});
  await it.effects.advance(0);
  const seen: string[] = [];
  let before: string | undefined;
  do {
    const page = await listRuns(it.runs, {}, { limit: 487, before });
    seen.push(...page.runs.map(({ id }) => id));
    before = page.next;
  } while (before !== undefined);
  assert.deepEqual(seen, [summary.id, ...it.ids]);
});

Deno.test("listRuns() reads no further back than it is asked for", async () => {
  await using it = await withHistory(50);
  const sinceMs = timeOfId(it.ids[9] ?? "") ?? 0;
  const page = await listRuns(it.runs, { sinceMs }, { limit: 50 });
  assert.deepEqual(page.runs.map(({ id }) => id), it.ids.slice(0, 10));
  assert.equal(page.next, undefined);
});
