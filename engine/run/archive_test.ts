import assert from "node:assert/strict";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { Archive, keptValues } from "./archive.ts";
import type { Entry } from "./journal.ts";

function archiveOf() {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const prefix = ["archive"];
  const archive = new Archive({ store, prefix });
  let next = 1;
  const madeUp = (size: number) => {
    const id = effects.ids.next();
    const at = effects.clock.now();
    const entries: Entry[] = [
      {
        ...{ kind: "accepted", at, pipeline: "p", version: "v", priority: 5 },
        input: null,
      },
      { kind: "signal", at, name: "x".repeat(size), data: null },
      { kind: "signal", at, name: "y".repeat(size), data: null },
      { kind: "completed", at, output: id },
    ];
    return { id, entries: entries.map((entry) => JSON.stringify(entry)) };
  };
  return {
    ...{ archive, effects, store },
    /** Keeps runs with journals of these sizes, and gives their ids. */
    async add(
      retentionMs = 1_000_000,
      sizes: readonly number[] = [1],
    ): Promise<string[]> {
      const endings = sizes.map((size) => ({
        ...madeUp(size),
        ...{ retentionMs, isLogged: false, deletes: [], sets: [] },
      }));
      const sets = keptValues(
        endings,
        (second) => [...prefix, second, 1, next++],
      );
      assert.ok((await store.commit({ sets })).ok);
      return endings.map(({ id }) => id);
    },
    async listed(before?: string): Promise<string[]> {
      const ids: string[] = [];
      for await (const group of archive.newestFirst(before)) {
        ids.push(...group.map(({ summary }) => summary.id));
      }
      return ids;
    },
  };
}

Deno.test("the archive finds a run by its id, and none that it does not have", async () => {
  const { archive, add, effects } = archiveOf();
  const [id = ""] = await add();
  const run = await archive.get(id);
  assert.equal(run?.entries.length, 4);
  assert.equal(run?.summary.status, "completed");
  assert.equal(await archive.get(effects.ids.next()), undefined);
  assert.equal(await archive.get("nonsense"), undefined);
});

Deno.test("the archive lists runs from the newest to the oldest", async () => {
  const { add, effects, listed } = archiveOf();
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    ids.push(...await add(1e6, [1, 1]), ...await add());
    await effects.advance(i % 3 === 0 ? 1_700 : 60);
  }
  assert.deepEqual(await listed(), ids.toReversed());
  for (const index of [0, 7, 13, 24]) {
    assert.deepEqual(
      await listed(ids[index]),
      ids.slice(0, index).toReversed(),
    );
  }
});

Deno.test("the archive says which runs it knows", async () => {
  const { archive, add, effects } = archiveOf();
  const [a = "", b] = await add(1e6, [1, 1]);
  await effects.advance(3_000);
  const [c = ""] = await add();
  const other = effects.ids.next();
  assert.deepEqual(
    await archive.known([a, c, other, "nonsense"]),
    new Set([a, c]),
  );
  assert.notEqual(a, b);
});

Deno.test("the archive forgets each run after its own time", async () => {
  const { archive, add, effects, listed } = archiveOf();
  const [short = ""] = await add(5_000);
  const [long] = await add(60_000);
  assert.deepEqual(await listed(), [long, short]);
  await effects.advance(6_000);
  assert.equal(await archive.get(short), undefined);
  assert.deepEqual(await listed(), [long]);
});

Deno.test("the archive splits what is too long for a value, and finds a run that is longer whole", async () => {
  const { archive, add, listed, store } = archiveOf();
  const sizes = [10_000, 10_000, 10_000, 60_000, 20_000, 40_000];
  const ids = await add(1e6, sizes);
  const values = await Array.fromAsync(store.list({ prefix: ["archive"] }));
  const lengths = values.map(({ value }) => (value as Uint8Array).length);
  assert.ok(lengths.length > 4, String(lengths));
  for (const [index, id] of ids.entries()) {
    const run = await archive.get(id);
    const [, x, y] = run?.entries ?? [];
    assert.ok(x?.kind === "signal" && y?.kind === "signal");
    assert.equal(x.name, "x".repeat(sizes[index] ?? 0));
    assert.equal(y.name, "y".repeat(sizes[index] ?? 0));
    assert.equal(run?.entries.length, 4);
  }
  assert.deepEqual(await listed(), ids.toReversed());
});
