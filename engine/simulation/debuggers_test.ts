/**
 * Whether worlds stop runs at breakpoints at all, and would find it if that went
 * wrong.
 */
import assert from "node:assert/strict";
import type { Runs } from "../run/runs.ts";
import { BREAKPOINTS } from "../run/places.ts";
import type { Store } from "../store/store.ts";
import type { Fault } from "./faults.ts";
import { Witness } from "./witness.ts";
import { runWorld } from "./world.ts";
import type { Plant } from "./simulated_process.ts";

const FAULTS: readonly Fault[] = [
  ...["breakpoints", "crash", "restart", "nodes", "steps"] as const,
];

/** Worlds of some seeds, until one has something to say; what that is. */
async function firstViolation(plant: Plant): Promise<string | undefined> {
  for (let seed = 1; seed <= 200; seed++) {
    const { violations } = await runWorld({ seed, faults: FAULTS, plant });
    if (violations.length > 0) return violations.join("\n");
  }
  return undefined;
}

Deno.test("worlds stop runs at breakpoints, let them go in every way, and restart in between", async () => {
  const lines = { paused: 0, restarts: 0, steps: 0, continues: 0, ends: 0 };
  for (let seed = 1; seed <= 40; seed++) {
    let isPaused = false;
    const plant: Plant = {
      runs: (runs) => {
        const { at } = runs.breakpoints;
        runs.breakpoints.at = (program, live) => {
          const found = at.call(runs.breakpoints, program, live);
          if (found !== undefined) {
            lines.paused++;
            isPaused = true;
          }
          return found;
        };
      },
    };
    const onLine = (line: string) => {
      if (/ step \w{26} at \S+ .*: ok$/.test(line)) lines.steps++;
      if (/ continue \w{26} at \S+ .*: ok$/.test(line)) lines.continues++;
      if (/crash of|is closed/.test(line) && isPaused) lines.restarts++;
    };
    const world = { seed, faults: FAULTS, plant, onLine };
    const { violations, runs } = await runWorld(world);
    assert.deepEqual(violations, [], `seed ${seed}`);
    lines.ends += runs;
  }
  assert.ok(lines.paused > 40, JSON.stringify(lines));
  assert.ok(lines.restarts > 10, JSON.stringify(lines));
  assert.ok(Math.min(lines.steps, lines.continues) > 3, JSON.stringify(lines));
});

Deno.test("a world tells of a breakpoint that was answered for and is not kept", async () => {
  const plant: Plant = {
    store: (store) => ({
      ...bound(store),
      commit: (batch) =>
        store.commit({
          ...batch,
          sets: batch.sets?.filter(({ key }) => key[1] !== BREAKPOINTS[1]) ??
            [],
        }),
    }),
  };
  assert.match(await firstViolation(plant) ?? "", /answered for, and is not/);
});

Deno.test("a world tells of a run that goes on before that is durable, and of steps that begin while it is paused", async () => {
  const plant = (change: (runs: Runs) => void): Plant => ({ runs: change });
  const early = await firstViolation(plant((runs) => {
    runs.resume = () => Promise.resolve();
  }));
  assert.match(early ?? "", /was answered for before "(how|with)"/);
  const eager = await firstViolation(plant((runs) => {
    // No run that is about to stop knows later that it does.
    runs.breakpoints.use = () => {
      for (const { machine } of runs.live()) {
        if (machine === undefined) continue;
        const get = () => undefined;
        Object.defineProperty(machine, "pause", { get, configurable: true });
      }
    };
  }));
  assert.match(eager ?? "", /begins while it is paused|began while it was/);
});

Deno.test("a witness tells of a breakpoint that comes back after it was removed", () => {
  const said: string[] = [];
  const witness = new Witness((violation) => said.push(violation));
  const key = [...BREAKPOINTS, "bp-1"];
  const ok = { ok: true, version: "1" } as const;
  witness.see({ sets: [{ key, value: {} }] }, ok, "P1");
  witness.see({ sets: [{ key, value: {} }] }, ok, "P1");
  assert.deepEqual([...witness.breakpoints], ["bp-1"]);
  witness.see({ deletes: [key] }, ok, "P1");
  assert.deepEqual(said, []);
  witness.see({ sets: [{ key, value: {} }] }, ok, "P1");
  assert.deepEqual(said, [
    "The breakpoint bp-1 was removed, and has come back",
  ]);
});

function bound(store: Store): Store {
  return {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    commit: (batch) => store.commit(batch),
    close: () => store.close(),
  };
}
