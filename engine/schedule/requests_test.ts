import assert from "node:assert/strict";
import { PARAMS_BYTES_MAX, SCHEDULES_MAX } from "./fields.ts";
import { job, MINUTE_MS, settableEffects, start } from "./_work_test.ts";

const EACH_MINUTE = { cron: "* * * * *", workflow: "work", action: "do" };

Deno.test("create() makes a schedule that runs, also after a restart", async () => {
  const effects = settableEffects();
  const first = await start([], { effects });
  const made = await first.schedules.create({ id: "mine", ...EACH_MINUTE });
  assert.equal(made.source, "api");
  assert.deepEqual([made.missed, made.overlap, made.enabled], [
    "once",
    "allow",
    true,
  ]);
  await effects.advance(MINUTE_MS);
  await first.app.stop();
  const { store } = first;
  await using it = await start([], { effects, store });
  await effects.advance(MINUTE_MS);
  assert.deepEqual([...first.minutes(), ...it.minutes()], [1, 2]);
});

Deno.test("create() is heard of by other processes", async () => {
  const effects = settableEffects();
  const first = await start([], { effects });
  const { store } = first;
  await using second = await start([], { effects, store });
  await first.schedules.create({ id: "mine", ...EACH_MINUTE });
  await first.app.stop();
  await effects.advance(MINUTE_MS);
  assert.deepEqual(second.minutes(), [1]);
});

Deno.test("create() gives an id to a schedule without one", async () => {
  await using it = await start([]);
  const one = await it.schedules.create(EACH_MINUTE);
  const two = await it.schedules.create(EACH_MINUTE);
  assert.notEqual(one.id, two.id);
  assert.equal((await it.schedules.list()).length, 2);
});

Deno.test("create() refuses what cannot run, and keeps nothing of it", async () => {
  await using it = await start([job()]);
  await it.schedules.create({ id: "taken", ...EACH_MINUTE });
  const big = { text: "x".repeat(PARAMS_BYTES_MAX) };
  let deep = {};
  for (let level = 0; level < 64; level++) deep = { deep };
  for (
    const [input, code, message] of [
      [null, "invalid-input", /Cannot read the schedule/],
      [{}, "invalid-input", /workflow: .*; action: /],
      [{ ...EACH_MINUTE, cron: undefined }, "invalid-input", /one is wanted/],
      [{ ...EACH_MINUTE, every: "1m" }, "invalid-input", /it has 2 of/],
      [{ ...EACH_MINUTE, cron: "61 * * * *" }, "invalid-input", /column 1/],
      [{ ...EACH_MINUTE, timeZone: "Mars/X" }, "invalid-input", /time zone/],
      [
        { workflow: "work", action: "do", every: "1m", timeZone: "UTC" },
        "invalid-input",
        /no effect without "cron"/,
      ],
      [
        { workflow: "work", action: "do", every: "100ms" },
        "invalid-input",
        /shortest interval is 1000 ms/,
      ],
      [
        { workflow: "work", action: "do", at: "2025-12-31T00:00:00Z" },
        "invalid-input",
        /that is over/,
      ],
      [{ ...EACH_MINUTE, id: "a/b" }, "invalid-input", /id: Expected letters/],
      [{ ...EACH_MINUTE, id: "trigger:x" }, "invalid-input", /id: Expected/],
      [{ ...EACH_MINUTE, often: true }, "invalid-input", /often/],
      [{ ...EACH_MINUTE, params: big }, "invalid-input", /may have 16384/],
      [{ ...EACH_MINUTE, params: deep }, "invalid-input", /deeper than 64/],
      [{ ...EACH_MINUTE, action: "x".repeat(201) }, "invalid-input", /action/],
      [{ ...EACH_MINUTE, workflow: "no" }, "unknown-workflow", /"no"/],
      [{ ...EACH_MINUTE, id: "taken" }, "already-exists", /"taken"/],
    ] as const
  ) {
    await assert.rejects(
      it.schedules.create(input),
      { name: "RefusedError", code, message },
      JSON.stringify(input)?.slice(0, 200),
    );
  }
  const ids = (await it.schedules.list()).map(({ id }) => id);
  assert.deepEqual(ids, ["job", "taken"]);
});

Deno.test("create() has a bound", async () => {
  await using it = await start([]);
  const off = { ...EACH_MINUTE, enabled: false };
  await Promise.all(
    Array.from({ length: SCHEDULES_MAX }, () => it.schedules.create(off)),
  );
  await assert.rejects(it.schedules.create(off), /may have 1000/);
});

Deno.test("replace() keeps the history, and the next due time where when is the same", async () => {
  await using it = await start([]);
  const every = { workflow: "work", action: "do", every: "10m" };
  await it.schedules.create({ id: "mine", ...every });
  await it.effects.advance(14 * MINUTE_MS);
  const before = await it.schedules.get("mine");
  const after = await it.schedules.replace(
    "mine",
    { ...every, params: { n: 1 } },
    before.version,
  );
  assert.equal(after.nextDueAt, before.nextDueAt);
  assert.deepEqual(after.firings, before.firings);
  await assert.rejects(
    it.schedules.replace("mine", every, before.version),
    { code: "conflict" },
  );
  const later = await it.schedules.replace("mine", { ...every, every: "1h" });
  assert.equal(later.nextDueAt, it.effects.clock.now() + 60 * MINUTE_MS);
  assert.equal(later.firings.length, 1);
});

Deno.test("replace() and delete() refuse a schedule of the document", async () => {
  await using it = await start([job()]);
  await assert.rejects(it.schedules.replace("job", EACH_MINUTE), {
    code: "wrong-state",
    message: /it stands in the document/,
  });
  await assert.rejects(it.schedules.delete("job"), { code: "wrong-state" });
  await it.effects.advance(MINUTE_MS);
  assert.deepEqual(it.minutes(), [1]);
});

Deno.test("replace() refuses another id and what create() refuses", async () => {
  await using it = await start([]);
  await it.schedules.create({ id: "mine", ...EACH_MINUTE });
  for (
    const [input, code] of [
      [{ ...EACH_MINUTE, id: "yours" }, "invalid-input"],
      [{ ...EACH_MINUTE, cron: "x" }, "invalid-input"],
      [{ ...EACH_MINUTE, workflow: "no" }, "unknown-workflow"],
    ] as const
  ) {
    await assert.rejects(it.schedules.replace("mine", input), { code });
  }
});

Deno.test("delete() ends a schedule for every process", async () => {
  const effects = settableEffects();
  await using first = await start([], { effects });
  const { store } = first;
  await using second = await start([], { effects, store });
  await first.schedules.create({ id: "mine", ...EACH_MINUTE });
  await effects.advance(MINUTE_MS);
  await second.schedules.delete("mine");
  await effects.advance(3 * MINUTE_MS);
  assert.equal(first.asked.length + second.asked.length, 1);
  await assert.rejects(second.schedules.get("mine"), { code: "not-found" });
  await assert.rejects(second.schedules.delete("mine"), { code: "not-found" });
});

Deno.test("run() runs at once under a key of its own, also what is paused", async () => {
  await using it = await start([job({ cron: "0 0 1 1 *", params: { n: 1 } })]);
  await it.schedules.pause("job");
  const { idempotencyKey } = await it.schedules.run("job");
  await it.schedules.run("job");
  await it.effects.advance(0);
  assert.equal(it.asked.length, 2);
  assert.equal(it.asked[0]?.options?.idempotencyKey, idempotencyKey);
  assert.notEqual(it.asked[1]?.options?.idempotencyKey, idempotencyKey);
  assert.equal(it.asked[0]?.data.n, 1);
  const { firings, nextDueAt } = await it.schedules.get("job");
  assert.deepEqual(firings.map(({ isManual }) => isManual), [true, true]);
  assert.equal(nextDueAt, null);
});

Deno.test("run() refuses to overlap where the schedule says so, and what is not there", async () => {
  const gate = { opened: new Promise<void>(() => {}) };
  const it = await start([job({ action: "hang", overlap: "skip" })], { gate });
  await it.schedules.run("job");
  await assert.rejects(it.schedules.run("job"), {
    code: "wrong-state",
    message: /1 of 1 runs are under way/,
  });
  await assert.rejects(it.schedules.run("other"), { code: "not-found" });
  const stopping = it.app.stop();
  await it.effects.advance(10_000);
  await stopping;
});
