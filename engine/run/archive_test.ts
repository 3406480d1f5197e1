import assert from "node:assert/strict";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Check, Store } from "../store/store.ts";
import { Archive } from "./archive.ts";
import type { Entry } from "./journal.ts";

const OWNER = ["owner"];

async function archiveOf(
  make: (now: () => number) => Store = (now) => memoryStore({ now }),
) {
  const effects = simulatedEffects();
  const store = make(effects.clock.now);
  const result = await store.commit({ sets: [{ key: OWNER, value: 1 }] });
  assert.ok(result.ok);
  const fence: Check = { key: OWNER, version: result.version };
  const errors: string[] = [];
  const kept: string[] = [];
  const archive = new Archive({
    ...{ store, fence, clock: effects.clock, prefix: ["archive"], epoch: 1 },
    unneeded: () => [],
    onRemoved: () => {},
    onError: (message) => errors.push(message),
  });
  return {
    ...{ archive, effects, store, errors, kept },
    add(retentionMs = 1_000_000, size = 1): string {
      const id = effects.ids.next();
      const at = effects.clock.now();
      const entries: Entry[] = [
        { kind: "signal", at, name: "x".repeat(size), data: null },
        { kind: "completed", at, output: id },
      ];
      archive.add({
        id,
        entries: entries.map((entry) => JSON.stringify(entry)),
        ...{ retentionMs, deletes: [], sets: [] },
        onKept: () => kept.push(id),
      });
      return id;
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

Deno.test("the archive finds a run before and after it is written", async () => {
  const { archive, add, effects, kept } = await archiveOf();
  const id = add();
  const early = await archive.get(id);
  assert.deepEqual(kept, []);
  await effects.advance(100);
  assert.deepEqual(kept, [id]);
  assert.deepEqual(await archive.get(id), early);
  assert.equal(early?.entries.length, 2);
  assert.equal(await archive.get(effects.ids.next()), undefined);
  assert.equal(await archive.get("nonsense"), undefined);
});

Deno.test("the archive lists runs from the newest to the oldest, over seconds and what is not written", async () => {
  const { add, effects, listed } = await archiveOf();
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    ids.push(add(), add());
    await effects.advance(i % 3 === 0 ? 1_700 : 60);
  }
  ids.push(add());
  assert.deepEqual(await listed(), ids.toReversed());
  for (const index of [0, 7, 13, 24]) {
    assert.deepEqual(
      await listed(ids[index]),
      ids.slice(0, index).toReversed(),
    );
  }
});

Deno.test("the archive says which runs it knows", async () => {
  const { archive, add, effects } = await archiveOf();
  const [a, b] = [add(), add()];
  await effects.advance(3_000);
  const c = add();
  await effects.advance(100);
  const other = effects.ids.next();
  assert.deepEqual(
    await archive.known([a, c, other, "nonsense"]),
    new Set([a, c]),
  );
  assert.notEqual(a, b);
});

Deno.test("the archive forgets each run after its own time", async () => {
  const { archive, add, effects, listed } = await archiveOf();
  const short = add(5_000);
  const long = add(60_000);
  await effects.advance(100);
  assert.deepEqual(await listed(), [long, short]);
  await effects.advance(6_000);
  assert.equal(await archive.get(short), undefined);
  assert.deepEqual(await listed(), [long]);
});

Deno.test("the archive splits what is too long for a value, and keeps a run that is longer whole", async () => {
  const { archive, add, effects, store } = await archiveOf();
  const ids = [20_000, 20_000, 20_000, 60_000].map((size) => add(1e6, size));
  await effects.advance(100);
  const values = await Array.fromAsync(store.list({ prefix: ["archive"] }));
  assert.equal(values.length, 3);
  for (const id of ids) assert.ok(await archive.get(id));
});

Deno.test("the archive tries again until a run is kept, and keeps it once", async () => {
  for (const fault of ["hears of a failure of", "hears of a failure after"]) {
    const { add, effects, kept, errors, listed } = await archiveOf((now) =>
      faultyStore(
        memoryStore({ now }),
        (commit) => commit === 2 || commit === 3 ? FAULTS[fault] : undefined,
      ).store
    );
    const id = add();
    await effects.advance(60);
    assert.deepEqual(kept, []);
    await effects.advance(300);
    assert.deepEqual(kept, [id]);
    assert.equal(errors.length, 2);
    assert.deepEqual(await listed(), [id]);
  }
});

Deno.test("the archive of an owner that was replaced keeps nothing", async () => {
  const { archive, add, effects, kept, store } = await archiveOf();
  await store.commit({ sets: [{ key: OWNER, value: 2 }] });
  add();
  await effects.advance(1_000);
  await archive.drained(0);
  assert.deepEqual(kept, []);
  const values = await Array.fromAsync(store.list({ prefix: ["archive"] }));
  assert.deepEqual(values, []);
});

Deno.test("the archive that closes keeps what waits, and does not wait for a store that is gone", async () => {
  const whole = await archiveOf();
  const id = whole.add();
  await whole.archive.close();
  assert.deepEqual(whole.kept, [id]);
  const broken = await archiveOf((now) =>
    faultyStore(
      memoryStore({ now }),
      (commit) => commit > 1 ? FAULTS["hears of a failure of"] : undefined,
    ).store
  );
  broken.add();
  await broken.archive.close();
  assert.deepEqual(broken.kept, []);
});
