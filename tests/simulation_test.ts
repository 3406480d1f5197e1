/**
 * Simulated worlds: some in every gate, and every seed that has found a bug.
 * `deno task sim` runs as many as you like.
 */
import assert from "node:assert/strict";
import type { Clock } from "../engine/effects.ts";
import { simulate } from "../tools/simulate/one_seed.ts";
import SEEDS from "./simulation_seeds.json" with { type: "json" };

/** Worlds in the gate; `.ci/run` has ten thousand. */
const WORLDS = 200;

async function assertHolds(seed: number): Promise<number> {
  const { violations, runs } = await simulate({ seed });
  assert.deepEqual(
    violations,
    [],
    `see it with: deno task sim --seed ${seed} --trace`,
  );
  return runs;
}

Deno.test("a simulated world keeps every promise, whatever goes wrong", async () => {
  let runs = 0;
  for (let seed = 1; seed <= WORLDS; seed++) runs += await assertHolds(seed);
  // It would hold for worlds in which nothing happens as well.
  assert.ok(runs > 4 * WORLDS, `only ${runs} runs came to their end`);
});

for (const { seed, found } of SEEDS) {
  Deno.test(`world ${seed} holds, where once ${found}`, async () => {
    await assertHolds(seed);
  });
}

Deno.test("a simulated world happens the same way again", async () => {
  const hashes = new Set<string>();
  for (let seed = 20_000; seed < 20_010; seed++) {
    const first = await simulate({ seed });
    const second = await simulate({ seed });
    assert.equal(second.hash, first.hash);
    assert.equal(second.happened, first.happened);
    hashes.add(first.hash);
  }
  assert.equal(hashes.size, 10, "seeds must differ");
});

Deno.test("a simulated world without faults has none", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { violations, faults } = await simulate({ seed, faults: [] });
    assert.deepEqual(violations, []);
    assert.deepEqual(faults, []);
  }
});

Deno.test("several nodes of a simulated world keep every promise, also if they take each other for gone all the time", async () => {
  let replaced = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const clock = (clock: Clock): Clock => ({
      ...clock,
      elapsed: () => 8 * clock.elapsed(),
    });
    const onLine = (line: string) => {
      if (line.includes("begins again as a new node")) replaced++;
    };
    const world = { seed, plant: { clock }, onLine };
    const { violations } = await simulate(world);
    assert.deepEqual(violations, [], `seed ${seed}`);
  }
  // It would hold for worlds in which that never happens as well.
  assert.ok(replaced > 10, `nodes were replaced ${replaced} times`);
});
