import assert from "node:assert/strict";
import type { Effects } from "../effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { LEASE_MS } from "./claimed_run.ts";
import { ERROR_CHARACTERS_KEPT, FIRINGS_KEPT } from "./row.ts";
import { CLOCK_BACK_MS_MAX } from "./wrong_clock.ts";
import {
  documentOf,
  job,
  MINUTE_MS,
  settableEffects,
  start,
  START_MS,
} from "./_work_test.ts";

const HOUR_MS = 60 * MINUTE_MS;

Deno.test("a schedule runs its action at each due time, and says when and why", async () => {
  await using it = await start([job({ params: { size: 3 } })]);
  await it.effects.advance(59_999);
  assert.equal(it.asked.length, 0);
  await it.effects.advance(1);
  assert.deepEqual(it.asked, [{
    action: "do",
    data: { trigger_time: "2026-01-01T00:01:00.000Z", size: 3 },
    options: {
      idempotencyKey: `schedule/job/${START_MS + MINUTE_MS}`,
      source: "schedule job",
    },
  }]);
  await it.effects.advance(2 * MINUTE_MS);
  assert.deepEqual(it.minutes(), [1, 2, 3]);
  const { nextDueAt, firings, running, source } = await it.schedules.get("job");
  assert.equal(nextDueAt, START_MS + 4 * MINUTE_MS);
  assert.equal(firings[0]?.dueAt, START_MS + 3 * MINUTE_MS);
  assert.deepEqual(await it.ends(), ["success", "success", "success"]);
  assert.deepEqual([running, source], [[], "document"]);
});

Deno.test("a schedule lets params take precedence over trigger_time", async () => {
  await using it = await start([job({ params: { trigger_time: "never" } })]);
  await it.effects.advance(MINUTE_MS);
  assert.equal(it.asked[0]?.data.trigger_time, "never");
});

Deno.test("a schedule comes at an interval that a restart does not shift", async () => {
  const effects = settableEffects();
  const first = await start([job({ every: "7m" })], { effects });
  await effects.advance(8 * MINUTE_MS);
  await first.app.stop();
  await effects.advance(MINUTE_MS);
  const { store } = first;
  await using it = await start([job({ every: "7m" })], { effects, store });
  await effects.advance(20 * MINUTE_MS);
  assert.deepEqual(first.minutes(), [7]);
  assert.deepEqual(it.minutes(), [14, 21, 28]);
});

Deno.test("a schedule for one moment comes once and stays, done", async () => {
  await using it = await start([job({ at: "2026-01-01T01:30:00+01:00" })]);
  await it.effects.advance(2 * HOUR_MS);
  assert.deepEqual(it.minutes(), [30]);
  assert.equal((await it.schedules.get("job")).nextDueAt, null);
  assert.deepEqual(await it.ends(), ["success"]);
});

Deno.test("a schedule that is due in years is waited for", async () => {
  const effects = settableEffects();
  await using it = await start([job({ cron: "0 0 29 2 *" })], { effects });
  const due = Date.UTC(2028, 1, 29);
  await effects.advance(0);
  assert.equal((await it.schedules.get("job")).nextDueAt, due);
  effects.set(due - START_MS - 2 * MINUTE_MS);
  await effects.advance(MINUTE_MS);
  assert.equal(it.asked.length, 0);
  await effects.advance(MINUTE_MS);
  assert.equal(it.asked.length, 1);
});

Deno.test("a schedule goes on after runs that failed or were refused", async () => {
  await using it = await start([
    job({ action: "fail" }),
    job({ id: "other", action: "refuse" }),
    job({ id: "unheard", workflow: "unknown" }),
  ]);
  await it.effects.advance(2 * MINUTE_MS);
  assert.deepEqual(await it.ends("job"), ["failed", "failed"]);
  assert.deepEqual(await it.ends("other"), ["refused", "refused"]);
  assert.deepEqual(await it.ends("unheard"), ["refused", "refused"]);
  const { firings } = await it.schedules.get("unheard");
  assert.equal(firings[0]?.error, 'No workflow is called "unknown"');
  const message = 'The run of schedule "job" for 2026-01-01T00:01:00.000Z ' +
    "failed: broken";
  assert.ok(it.app.logs.some((line) => line.message === message));
  const notice = it.app.events.find((event) => event.message === message);
  assert.equal(notice?.kind, "notice");
  assert.equal(notice?.schedule, "job");
});

Deno.test("a schedule whose run is turned away for the moment is run as soon as it is taken", async () => {
  const effects = settableEffects();
  const store = memoryStore({ now: effects.clock.now });
  const gate = { opened: Promise.resolve(), isBusy: true };
  const it = await start([job({ action: "busy" })], { effects, store, gate });
  await effects.advance(MINUTE_MS + 20_000);
  assert.deepEqual(await it.ends(), []);
  assert.equal((await it.schedules.get("job")).running.length, 1);
  // A stop does not wait for it, and loses nothing.
  await it.app.stop();
  gate.isBusy = false;
  await using next = await start([job({ action: "busy" })], {
    ...{ effects, store, gate },
  });
  await effects.advance(MINUTE_MS);
  const { firings } = await next.schedules.get("job");
  const first = firings.at(-1);
  assert.deepEqual([first?.status, first?.attempt], ["success", 2]);
  assert.equal(first?.dueAt, START_MS + MINUTE_MS);
  const [key] = new Set(it.asked.map(({ options }) => options?.idempotencyKey));
  assert.equal(next.asked[0]?.options?.idempotencyKey, key);
});

Deno.test("a schedule remembers its last firings and no more", async () => {
  await using it = await start([job({ action: "fail" })]);
  await it.effects.advance((FIRINGS_KEPT + 5) * MINUTE_MS);
  const { firings } = await it.schedules.get("job");
  assert.equal(firings.length, FIRINGS_KEPT);
  assert.equal(firings[0]?.dueAt, START_MS + (FIRINGS_KEPT + 5) * MINUTE_MS);
  assert.ok((firings[0]?.error ?? "").length <= ERROR_CHARACTERS_KEPT + 1);
});

for (
  const [missed, expected, ends] of [
    ["once", [3, 10, 11], [
      "success",
      "success",
      "success",
      "missed",
      "success",
      "success",
    ]],
    ["skip", [3, 11], ["success", "success", "success", "missed", "success"]],
    ["all", [3, 4, 5, 6, 7, 8, 9, 10, 11], Array(11).fill("success")],
  ] as const
) {
  Deno.test(`a schedule with missed: ${missed} makes up for a stop like that`, async () => {
    const effects = settableEffects();
    const first = await start([job({ missed })], { effects });
    await effects.advance(3 * MINUTE_MS);
    await first.app.stop();
    await effects.advance(7.5 * MINUTE_MS);
    const { store } = first;
    await using it = await start([job({ missed })], { effects, store });
    await effects.advance(MINUTE_MS);
    assert.deepEqual(first.minutes(), [1, 2, 3]);
    assert.deepEqual([3, ...it.minutes()], expected);
    assert.deepEqual(await it.ends(), ends);
  });
}

Deno.test("a schedule that missed years makes up for the last hundred at most", async () => {
  const effects = settableEffects();
  const first = await start([job({ missed: "all" })], { effects });
  await first.app.stop();
  const { store } = first;
  effects.set(3 * 365 * 24 * HOUR_MS + 30_000);
  await using it = await start([job({ missed: "all" })], { effects, store });
  await effects.advance(1_000);
  const minutes = it.minutes();
  assert.equal(minutes.length, 100);
  assert.equal(minutes.at(-1), 3 * 365 * 24 * 60);
  assert.equal(minutes[0], 3 * 365 * 24 * 60 - 99);
});

Deno.test("a clock that is set forward is a miss, one that is set back repeats nothing", async () => {
  const effects = settableEffects();
  await using it = await start([job()], { effects });
  await effects.advance(MINUTE_MS);
  effects.set(HOUR_MS);
  await effects.advance(MINUTE_MS);
  assert.deepEqual(it.minutes(), [1, 62]);
  effects.set(-HOUR_MS);
  await effects.advance(30 * MINUTE_MS);
  assert.deepEqual(it.minutes(), [1, 62]);
  await effects.advance(31 * MINUTE_MS);
  assert.deepEqual(it.minutes(), [1, 62, 63]);
});

Deno.test("a clock that was years ahead does not stop a schedule for years", async () => {
  const effects = settableEffects(START_MS + 400 * CLOCK_BACK_MS_MAX);
  const entries = [job(), job({ id: "other", every: "1m" })];
  await using it = await start(entries, { effects });
  await effects.advance(MINUTE_MS);
  assert.equal(it.asked.length, 2);
  effects.set(-400 * CLOCK_BACK_MS_MAX);
  await effects.advance(3 * MINUTE_MS);
  for (const id of ["job", "other"]) {
    assert.ok((await it.ends(id)).length >= 3, `${id} goes on`);
  }
  assert.ok(
    it.app.logs.some(({ message }) => /clock was set back/.test(message)),
  );
});

Deno.test("overlap: skip leaves out what is due while a run goes on", async () => {
  const release = Promise.withResolvers<void>();
  const gate = { opened: release.promise };
  await using it = await start(
    [job({ action: "hang", overlap: "skip" })],
    { gate },
  );
  await it.effects.advance(3 * MINUTE_MS);
  assert.equal(it.asked.length, 1);
  release.resolve();
  await it.effects.advance(MINUTE_MS);
  assert.equal(it.asked.length, 2);
  const ends = await it.ends();
  assert.deepEqual(ends, ["skipped", "skipped", "success", "success"]);
});

Deno.test("overlap: allow has a bound, and what is beyond it is skipped", async () => {
  const release = Promise.withResolvers<void>();
  await using it = await start(
    [job({ action: "hang" })],
    { gate: { opened: release.promise } },
  );
  await it.effects.advance(12 * MINUTE_MS);
  assert.equal(it.asked.length, 10);
  assert.deepEqual(await it.ends(), ["skipped", "skipped"]);
  release.resolve();
});

Deno.test("missed: all with overlap: skip makes up one after the other", async () => {
  const effects = settableEffects();
  const release = Promise.withResolvers<void>();
  const entry = job({ action: "hang", overlap: "skip", missed: "all" });
  const first = await start([entry], { effects });
  await first.app.stop();
  const { store } = first;
  await effects.advance(4.5 * MINUTE_MS);
  await using it = await start([entry], {
    effects,
    store,
    gate: { opened: release.promise },
  });
  await effects.advance(20_000);
  assert.deepEqual(it.minutes(), [1]);
  release.resolve();
  await effects.advance(5_000);
  assert.deepEqual(it.minutes(), [1, 2, 3, 4]);
  assert.deepEqual(await it.ends(), Array(4).fill("success"));
});

/** The same store, so far away that two who look at once decide at once. */
function distant(store: Store, { clock }: Effects): Store {
  return {
    limits: store.limits,
    get: async (key) => {
      const entry = await store.get(key);
      await clock.sleep(5);
      return entry;
    },
    getMany: (keys) => store.getMany(keys),
    list: (...range) => store.list(...range),
    commit: async (batch) => {
      await clock.sleep(5);
      return await store.commit(batch);
    },
    watch: (...keys) => store.watch(...keys),
    close: () => store.close(),
  };
}

Deno.test("two processes over one store run each due time once", async () => {
  const effects = settableEffects();
  const near = memoryStore({ now: effects.clock.now });
  const store = distant(near, effects);
  const starting = [start([job()], { effects, store })];
  starting.push(start([job()], { effects, store }));
  await effects.advance(30_000);
  const [first, second] = await Promise.all(starting);
  assert.ok(first && second);
  await effects.advance(5 * MINUTE_MS);
  const keys = [...first.asked, ...second.asked]
    .map(({ options }) => options?.idempotencyKey);
  assert.equal(keys.length, 5);
  assert.equal(new Set(keys).size, 5);
  await Promise.all([first.app.stop(), second.app.stop()]);
});

Deno.test("a long run keeps its claim, and other processes leave it alone", async () => {
  const effects = settableEffects();
  const release = Promise.withResolvers<void>();
  const gate = { opened: release.promise };
  const entry = job({ cron: "0 * * * *", action: "hang" });
  await using first = await start([entry], { effects, gate });
  const { store } = first;
  await using second = await start([entry], { effects, store, gate });
  await effects.advance(HOUR_MS + 5 * LEASE_MS);
  assert.equal(first.asked.length + second.asked.length, 1);
  release.resolve();
  await effects.advance(1_000);
  assert.deepEqual(await first.ends(), ["success"]);
});

Deno.test("a schedule of another version of the document is left to who runs that", async () => {
  const effects = settableEffects();
  await using older = await start([job()], { effects });
  const { store } = older;
  const newer = await start([job(), job({ id: "new" })], { effects, store });
  await effects.advance(MINUTE_MS);
  assert.deepEqual(await newer.ends("new"), ["success"]);
  await newer.app.stop();
  await effects.advance(2 * MINUTE_MS);
  assert.deepEqual(await older.ends("new"), ["success"]);
  await older.app.reload(documentOf([job(), job({ id: "new" })]));
  await effects.advance(MINUTE_MS);
  assert.ok((await older.ends("new")).length > 1, "it is its own now");
});

Deno.test("a schedule keeps its next due time over a reload, and leaves with its job", async () => {
  await using it = await start([
    job({ every: "10m" }),
    job({ id: "other", every: "10m" }),
  ]);
  await it.effects.advance(4 * MINUTE_MS);
  await it.app.reload(documentOf([
    job({ every: "10m", action: "hang", params: { size: 4 } }),
    job({ id: "new" }),
  ]));
  const schedules = await it.schedules.list();
  assert.deepEqual(schedules.map(({ id }) => id), ["job", "new"]);
  await it.effects.advance(16 * MINUTE_MS);
  const asked = it.asked.filter(({ action }) => action === "hang");
  assert.deepEqual(asked.map(({ data }) => data), [
    { trigger_time: "2026-01-01T00:10:00.000Z", size: 4 },
    { trigger_time: "2026-01-01T00:20:00.000Z", size: 4 },
  ]);
});

Deno.test("a schedule whose time changed is reckoned from the change", async () => {
  await using it = await start([job({ every: "10m" })]);
  await it.effects.advance(4 * MINUTE_MS);
  await it.app.reload(documentOf([job({ every: "20m" })]));
  assert.equal(
    (await it.schedules.get("job")).nextDueAt,
    START_MS + 24 * MINUTE_MS,
  );
});

Deno.test("a reload that fails leaves the schedules of the old document", async () => {
  await using it = await start([job()]);
  await assert.rejects(
    it.app.reload(documentOf([job({ id: "a" }), job({ id: "a" })])),
  );
  await it.effects.advance(MINUTE_MS);
  assert.deepEqual(it.minutes(), [1]);
  assert.deepEqual((await it.schedules.list()).map(({ id }) => id), ["job"]);
});

Deno.test("a schedule that is off or paused does not come, and misses nothing", async () => {
  await using it = await start([job({ enabled: false })]);
  await it.effects.advance(2 * MINUTE_MS);
  await it.app.reload(documentOf([job()]));
  await it.effects.advance(MINUTE_MS);
  assert.deepEqual(it.minutes(), [3]);
  await it.schedules.pause("job");
  await it.effects.advance(2 * MINUTE_MS);
  // A pause outlives a change of the document.
  await it.app.reload(documentOf([job({ params: { n: 1 } })]));
  await it.effects.advance(2 * MINUTE_MS);
  assert.deepEqual(it.minutes(), [3]);
  await it.schedules.resume("job");
  await it.effects.advance(MINUTE_MS);
  assert.deepEqual(it.minutes(), [3, 8]);
});

Deno.test("stop() lets a run end and write down how, and starts no other", async () => {
  const effects = settableEffects();
  const release = Promise.withResolvers<void>();
  const it = await start([job({ action: "hang" })], {
    effects,
    gate: { opened: release.promise },
  });
  await effects.advance(MINUTE_MS);
  const stopping = it.app.stop();
  release.resolve();
  await stopping;
  assert.deepEqual(await it.ends(), ["success"]);
  await effects.advance(5 * MINUTE_MS);
  assert.equal(it.asked.length, 1);
});
