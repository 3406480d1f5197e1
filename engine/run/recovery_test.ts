import assert from "node:assert/strict";
import { memoryStore } from "../store/memory.ts";
import { acceptedOf, programOf, work } from "./_compiled_test.ts";
import { startPipelines } from "./_application_test.ts";
import { CHECKPOINTS, LOG } from "./places.ts";
import { recover } from "./recovery.ts";
import type { Store } from "../store/store.ts";
import { simulatedEffects } from "../simulation/effects.ts";

const PLACES = { log: ["log"], checkpoints: ["checkpoint"] };
const ACCEPTED = JSON.stringify(acceptedOf(programOf({ steps: [work("a")] })));
const signal = (name: string) =>
  JSON.stringify({ kind: "signal", at: 1, name, data: null });

/** A store with segments, each a list of lines, and checkpoints. */
async function storeOf(
  segments: readonly (readonly string[])[],
  checkpoints: Readonly<Record<string, readonly string[]>> = {},
): Promise<Store> {
  const store = memoryStore();
  const encoder = new TextEncoder();
  await store.commit({
    sets: [
      ...segments.map((lines, index) => ({
        key: ["log", 1, index + 1],
        value: encoder.encode(lines.map((line) => `${line}\n`).join("")),
      })),
      ...Object.entries(checkpoints).map(([id, entries]) => ({
        key: ["checkpoint", id],
        value: { entries },
      })),
    ],
  });
  return store;
}

/** The runs that are found: their entries, and the segment that they need. */
async function found(store: Store) {
  const { runs } = await recover(store, [PLACES]);
  return Object.fromEntries(runs.map(({ run, journal }) => [run.id, {
    names: journal.map((e) => "name" in e ? e.name : e.kind),
    needs: run.pin?.key.at(-1),
    checkpointed: run.checkpointed,
  }]));
}

Deno.test("the recovery puts the journal of each run together from all segments", async () => {
  const store = await storeOf([
    [`a 0 ${ACCEPTED}`, `b 0 ${ACCEPTED}`],
    [`b 1 ${signal("x")}`, `a 1 ${signal("y z")}`],
    [`b 2 ${signal("w")}`],
  ]);
  assert.deepEqual(await found(store), {
    a: { names: ["accepted", "y z"], needs: 1, checkpointed: 0 },
    b: { names: ["accepted", "x", "w"], needs: 1, checkpointed: 0 },
  });
});

Deno.test("the recovery takes an entry that was written twice once", async () => {
  const store = await storeOf([
    [`a 0 ${ACCEPTED}`, `a 1 ${signal("x")}`],
    [`a 1 ${signal("x")}`, `a 2 ${signal("y")}`],
  ]);
  assert.deepEqual((await found(store)).a?.names, ["accepted", "x", "y"]);
});

Deno.test("the recovery goes on behind a checkpoint, wherever the log begins", async () => {
  const store = await storeOf([
    [`a 1 ${signal("x")}`, `a 2 ${signal("y")}`],
    [`a 3 ${signal("z")}`],
  ], { a: [ACCEPTED, signal("x"), signal("y")] });
  assert.deepEqual((await found(store)).a, {
    ...{ names: ["accepted", "x", "y", "z"], needs: 2, checkpointed: 3 },
  });
});

Deno.test("the recovery leaves out a run whose beginning is gone: it is kept elsewhere", async () => {
  const store = await storeOf([[`a 4 ${signal("x")}`, `b 0 ${ACCEPTED}`]]);
  assert.deepEqual(Object.keys(await found(store)), ["b"]);
});

Deno.test("the recovery leaves out a run that the log says is over, and tells of one whose checkpoint is left", async () => {
  const store = await storeOf([
    [`a 0 ${ACCEPTED}`, `b 0 ${ACCEPTED}`],
    ["a over", `b 1 ${signal("x")}`, "c over"],
  ], { c: [ACCEPTED] });
  const { runs } = await recover(store, [PLACES]);
  assert.deepEqual(
    runs.map(({ run, isOver }) => [run.id, isOver]).sort(),
    [["b", false], ["c", true]],
  );
});

Deno.test("the recovery finds what several owners have left, oldest first", async () => {
  const store = await storeOf([[`a 0 ${ACCEPTED}`]]);
  await store.commit({
    sets: [2, 10].map((epoch) => ({
      key: ["log", epoch, 1],
      value: new TextEncoder().encode(
        `a ${epoch === 2 ? 1 : 2} ${signal(`of ${epoch}`)}\n`,
      ),
    })),
  });
  assert.deepEqual((await found(store)).a?.names, [
    "accepted",
    "of 2",
    "of 10",
  ]);
});

const WAITS = {
  p: { steps: [work("a"), { id: "w", wait: { signal: "go" } }] },
};

Deno.test("a restart while the log still has a run that is over keeps it once", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const options = { effects, store };
  const first = await startPipelines(WAITS, options);
  const { summary: { id } } = await first.runs.start("p", {});
  await first.pass(10);
  await first.runs.signal(id, "go", 1);
  await first.pass(100);
  // The run is kept, and all of its journal still stands in the log.
  const log = await Array.fromAsync(first.scoped.list({ prefix: LOG }));
  assert.ok(log.length > 0);
  await using second = await startPipelines(WAITS, options);
  await second.pass(1_000);
  assert.equal(second.runs.unfinished, 0);
  const ids: string[] = [];
  for await (const group of second.runs.finished()) {
    ids.push(...group.map(({ summary }) => summary.id));
  }
  assert.deepEqual(ids, [id]);
  await first.stop();
});

Deno.test("a checkpoint that is older than the end of its run does not bring it to life, and goes", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const options = { effects, store };
  const first = await startPipelines(WAITS, options);
  const { summary: { id }, run } = await first.runs.start("p", {});
  await first.pass(10);
  const entries = [...run?.entries ?? []];
  await first.runs.signal(id, "go", 1);
  await first.pass(100);
  await first.stop();
  // It landed late, and the segments of the log are gone.
  const log = await Array.fromAsync(first.scoped.list({ prefix: LOG }));
  await first.scoped.commit({
    sets: [{ key: [...CHECKPOINTS, 1, id], value: { entries } }],
    deletes: log.map(({ key }) => key),
  });
  await using second = await startPipelines(WAITS, options);
  await second.pass(1_100);
  assert.equal(second.runs.unfinished, 0);
  assert.equal(await second.end(id), 1);
  const left = await Array.fromAsync(
    second.scoped.list({ prefix: CHECKPOINTS }),
  );
  assert.deepEqual(left, []);
});
