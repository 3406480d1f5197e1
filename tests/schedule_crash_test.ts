/**
 * Processes die and stores fail at every commit that a schedule makes: another
 * process over the same store finishes what was begun, with the same key, and
 * the schedule goes on.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType } from "../engine/define.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication } from "../engine/testing.ts";
import schedule from "../workflows/triggers/schedule.ts";
import { FAULTS, faultyStore } from "./_faulty_store.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);

interface World {
  readonly effects: ReturnType<typeof simulatedEffects>;
  readonly store: Store;
  /** The keys of all runs, of any process. */
  readonly keys: string[];
}

/** A workflow that notes the key of each run, and may never come back. */
function work(keys: string[], hangs: () => boolean) {
  return defineWorkflowType({
    type: "work",
    summary: "Notes the key of each run",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      async execute(_action, _data, _workflow, options) {
        keys.push(options?.idempotencyKey ?? "");
        if (hangs()) await new Promise(() => {});
        return {};
      },
    }),
  });
}

function start(world: World, store: Store, hangs: () => boolean = () => false) {
  return startApplication({
    document: {
      workflows: { work: {} },
      triggers: {
        schedule: {
          jobs: [{
            cron: "* * * * *",
            workflow: "work",
            action: "do",
            missed: "all",
          }],
        },
      },
    },
    definitions: [schedule, work(world.keys, hangs)],
    effects: world.effects,
    store,
  });
}

function world(): World {
  const effects = simulatedEffects({ startMs: START_MS });
  const store = memoryStore({ now: effects.clock.now });
  return { effects, store, keys: [] };
}

function keyOf(minute: number): string {
  return `schedule/trigger:work.do/${START_MS + minute * MINUTE_MS}`;
}

for (const [name, fault] of Object.entries(FAULTS)) {
  // 1 makes the schedule; then each run claims (even) and ends (odd).
  for (const at of [1, 2, 3, 4, 5]) {
    Deno.test(`a schedule loses no due time when a process ${name} commit ${at}`, async () => {
      const it = world();
      const faulty = faultyStore(
        it.store,
        (commit) => commit === at ? fault : undefined,
      );
      const starting = start(it, faulty.store);
      starting.catch(() => {});
      await it.effects.advance(3.5 * MINUTE_MS);
      assert.ok(faulty.commits() >= at, "the fault was met");
      await using _second = await start(it, it.store);
      await it.effects.advance(2 * MINUTE_MS);
      const wanted = [1, 2, 3, 4, 5].map(keyOf);
      const found = new Set(it.keys);
      // Before its first commit the schedule does not exist.
      const isUnborn = at === 1 && !fault.isApplied && !fault.isAnswered;
      for (const key of isUnborn ? wanted.slice(3) : wanted) {
        assert.ok(found.has(key), `${key} is not in ${it.keys}`);
      }
      assert.ok(it.keys.length <= wanted.length + 1, `${it.keys}`);
      const { running, firings } = await _second.application.schedules.get(
        "trigger:work.do",
      );
      assert.deepEqual(running, []);
      assert.ok(firings.every(({ status }) => status === "success"));
    });
  }
}

Deno.test("a run whose process dies is run again by one that has been there", async () => {
  const it = world();
  const faulty = faultyStore(
    it.store,
    // The schedule, and the claim of the first minute; then the process dies.
    (commit) => commit > 2 ? FAULTS["dies before"] : undefined,
  );
  const first = await start(it, faulty.store, () => true);
  await it.effects.advance(30_000);
  await using second = await start(it, it.store);
  await it.effects.advance(30_000);
  // Whoever claimed it, one process runs it.
  assert.equal(it.keys.filter((key) => key === keyOf(1)).length, 1);
  await it.effects.advance(2 * MINUTE_MS);
  const again = it.keys.filter((key) => key === keyOf(1));
  assert.equal(again.length, 2);
  const { firings } = await second.application.schedules.get("trigger:work.do");
  const repeated = firings.find(({ dueAt }) => dueAt === START_MS + MINUTE_MS);
  assert.equal(repeated?.attempt, 2);
  assert.equal(repeated?.status, "success");
  void first;
});
