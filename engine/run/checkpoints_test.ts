import assert from "node:assert/strict";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Check, Store } from "../store/store.ts";
import { acceptedOf, programOf, work } from "./_compiled_test.ts";
import { Checkpoints } from "./checkpoints.ts";
import { RunLog } from "./log.ts";
import { recover } from "./recovery.ts";
import { Run } from "./run.ts";
import { writeEntries } from "./write_entries.ts";

const PROGRAM = programOf({ steps: [work("a")] });
const PLACES = { log: ["log"], checkpoints: ["checkpoint"] };

async function worldOf(store: Store = memoryStore()) {
  const effects = simulatedEffects();
  const { clock, advance } = effects;
  const result = await store.commit({ sets: [{ key: ["owner"], value: 1 }] });
  assert.ok(result.ok);
  const fence: Check = { key: ["owner"], version: result.version };
  const errors: string[] = [];
  const onError = (message: string) => errors.push(message);
  const log = new RunLog({
    ...{ store, clock, fence, onError, prefix: ["log", 1] },
    ...{ archive: ["archive"], epoch: 1 },
    onFenced: () => {},
  });
  const live = new Map<string, Run>();
  const checkpoints = new Checkpoints({
    ...{ store, clock, fence, log, live, onError },
    ...{ prefix: ["checkpoint"], segmentsMax: 4 },
  });
  return {
    ...{ store, log, live, checkpoints, errors, advance },
    timers: () => effects.timers,
    async start(id: string): Promise<Run> {
      const run = new Run(id, acceptedOf(PROGRAM));
      live.set(id, run);
      await write(run, run.accepted);
      return run;
    },
    write,
    rows: async () =>
      (await Array.fromAsync(store.list({ prefix: ["checkpoint"] })))
        .map(({ key }) => key.at(-1)),
    segments: async () =>
      (await Array.fromAsync(store.list({ prefix: ["log"] }))).length,
    found: async () =>
      Object.fromEntries(
        (await recover(store, [PLACES])).runs.map(({ run, journal }) =>
          [run.id, journal.length] as const
        ),
      ),
  };
  async function write(run: Run, entry: unknown): Promise<void> {
    run.entries.push(JSON.stringify(entry));
    run.unwritten++;
    await writeEntries(run, log);
  }
}

const SIGNAL = { kind: "signal", at: 1, name: "x", data: null };

Deno.test("a run that waits for long does not keep the log from becoming shorter, and loses nothing", async () => {
  const { start, write, checkpoints, log, rows, segments, found } =
    await worldOf();
  const old = await start("old");
  const busy = await start("busy");
  for (let i = 0; i < 8; i++) await write(busy, SIGNAL);
  assert.equal(log.length, 10);
  await checkpoints.look();
  assert.ok(log.length <= 4, `${log.length} segments`);
  assert.equal(await segments(), log.length);
  assert.deepEqual((await rows()).toSorted(), ["busy", "old"]);
  assert.deepEqual(await found(), { old: 1, busy: 9 });
  // What is written later follows the checkpoint.
  await write(old, SIGNAL);
  assert.deepEqual(await found(), { old: 2, busy: 9 });
});

Deno.test("a log that is long is looked at once a second, and a short one never", async () => {
  const { start, advance, log, timers } = await worldOf();
  await start("first");
  await start("second");
  assert.equal(timers(), 0);
  for (let i = 0; i < 8; i++) await start(`r${i}`);
  assert.equal(timers(), 1);
  await advance(900);
  assert.equal(log.length, 10);
  await advance(200);
  assert.ok(log.length <= 4);
});

Deno.test("segments that could not be removed are removed later, in their order", async () => {
  for (const fault of ["hears of a failure of", "hears of a failure after"]) {
    let isDown = false;
    const faulty = faultyStore(
      memoryStore(),
      () => isDown ? FAULTS[fault] : undefined,
    );
    const { start, checkpoints, log, segments, found } = await worldOf(
      faulty.store,
    );
    for (let i = 0; i < 10; i++) await start(`r${i}`);
    isDown = true;
    await assert.rejects(checkpoints.look());
    assert.equal(log.length, 10);
    isDown = false;
    await checkpoints.look();
    assert.ok(log.length <= 4);
    assert.equal(await segments(), log.length);
    assert.equal(Object.keys(await found()).length, 10);
  }
});

Deno.test("a run that ended while it was copied leaves no row behind", async () => {
  const { start, checkpoints, live, rows } = await worldOf();
  for (let i = 0; i < 10; i++) await start(`r${i}`);
  const looked = checkpoints.look();
  // What keeps it removes the row that is not there yet.
  live.delete("r0");
  await looked;
  await checkpoints.look();
  assert.ok(!(await rows()).includes("r0"), String(await rows()));
});

Deno.test("an owner that was replaced copies nothing and removes nothing", async () => {
  const { start, checkpoints, store, rows, segments } = await worldOf();
  for (let i = 0; i < 10; i++) await start(`r${i}`);
  await store.commit({ sets: [{ key: ["owner"], value: 2 }] });
  await checkpoints.look();
  assert.deepEqual(await rows(), []);
  assert.equal(await segments(), 10);
});
