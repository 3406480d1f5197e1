import assert from "node:assert/strict";
import type { PatternMatch } from "@engine/services/event_processor.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { FAILURES, rows, start } from "./_fixture_test.ts";

const WINDOW_MS = 300_000;

Deno.test("event.processor tells the handler of a pattern once, with all that was matched", async () => {
  await using app = await start();
  const startMs = app.effects.clock.now();
  for (const n of [1, 2, 3]) {
    const matched = await app.submit("failed", "s1", {
      category: "security",
      sourceId: `u${n}`,
      data: { n },
    });
    assert.deepEqual(matched, n === 3 ? ["failures"] : []);
    await app.effects.advance(1_000);
  }
  assert.equal(app.told.length, 1);
  const { name, message } = app.told[0] ?? assert.fail();
  assert.equal(name, "alarm");
  assert.equal(message.topic, "failures");
  assert.equal(message.publishedAt, startMs + 2_000);
  assert.deepEqual(message.payload, {
    patternId: "failures",
    eventsCount: 3,
    key: "s1",
    matchedAt: startMs + 2_000,
    events: [1, 2, 3].map((n) => ({
      eventType: "failed",
      category: "security",
      sourceId: `u${n}`,
      correlationId: "s1",
      at: startMs + (n - 1) * 1_000,
      data: { n },
    })),
  });
  assert.deepEqual(await rows(app.store, "delivery"), []);
});

Deno.test("event.processor combines by correlation id, else by source id, else all that have neither", async () => {
  await using app = await start();
  await app.submit("failed", "s1");
  await app.submit("failed", "s2");
  await app.submit("failed", "s1");
  await app.submit("failed", "s3");
  assert.deepEqual(app.counts(), []);
  for (const _ of [1, 2, 3]) await app.submit("failed", "", { sourceId: "u1" });
  for (const _ of [1, 2, 3]) await app.submit("failed", "");
  await app.submit("failed", "s1", { sourceId: "u1" });
  assert.deepEqual(app.counts(), [
    "alarm failures 3 u1",
    "alarm failures 3 ",
    "alarm failures 3 s1",
  ]);
});

Deno.test("event.processor does not count what is as old as the window", async () => {
  await using app = await start();
  await app.submit("failed");
  await app.effects.advance(WINDOW_MS - 1);
  await app.submit("failed");
  await app.effects.advance(1);
  assert.deepEqual(await app.submit("failed"), []);
  assert.deepEqual(await app.submit("failed"), ["failures"]);
});

Deno.test("event.processor goes on after the clock was put back, and forward", async () => {
  let offsetMs = 0;
  const effects = simulatedEffects();
  const { now } = effects.clock;
  Object.assign(effects.clock, { now: () => now() + offsetMs });
  await using app = await start({ effects });
  await app.submit("failed");
  offsetMs = -60_000;
  await app.submit("failed");
  offsetMs = 60_000;
  assert.deepEqual(await app.submit("failed"), ["failures"]);
  // An hour ahead by mistake: what came then counts as nothing an hour before.
  await app.submit("failed");
  offsetMs = 3_600_000;
  await app.submit("failed");
  await app.submit("failed");
  offsetMs = 0;
  assert.deepEqual(await app.submit("failed"), []);
  assert.deepEqual(await app.submit("failed"), []);
  assert.deepEqual(await app.submit("failed"), ["failures"]);
});

Deno.test("event.processor fires a pattern that consumes nothing for each further event of its types", async () => {
  await using app = await start({
    patterns: [
      { ...FAILURES, consume: false },
      { patternId: "other", eventTypes: ["other"], windowTime: "1m" },
    ],
  });
  for (const _ of [1, 2, 3]) await app.submit("failed");
  assert.deepEqual(await app.submit("other"), ["other"]);
  assert.deepEqual(await app.submit("failed"), ["failures"]);
  assert.deepEqual(app.counts(), [
    "alarm failures 3 s1",
    "alarm failures 4 s1",
  ]);
});

Deno.test("event.processor keeps nothing that no pattern names", async () => {
  await using app = await start();
  assert.deepEqual(await app.submit("unheard-of"), []);
  assert.deepEqual(await rows(app.store, "event"), []);
  assert.deepEqual(await rows(app.store, "head"), []);
});

Deno.test("event.processor counts an event with an id once", async () => {
  await using app = await start();
  for (const id of ["m1", "m2", "m2", "m1"]) {
    await app.submit("failed", "s1", { id });
  }
  assert.deepEqual(app.counts(), []);
  await app.submit("failed", "s1", { id: "m3" });
  // Also after it was used up.
  for (const id of ["m1", "m2", "m3"]) await app.submit("failed", "s1", { id });
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
});

Deno.test("event.processor counts what is submitted at once, and each event once", async () => {
  await using app = await start();
  const matches = await Promise.all(
    Array.from({ length: 30 }, () =>
      app.processor.submit({
        eventType: "failed",
        correlationId: "s1",
        data: {},
      })),
  );
  await app.processor.idle();
  assert.equal(matches.flat().length, 10);
  assert.equal(app.told.length, 10);
});

Deno.test("event.processor tells every handler of a pattern, and each watcher", async () => {
  await using app = await start({
    handlers: [
      { patternId: "failures", handler: "alarm" },
      { patternId: "failures", handler: "audit" },
    ],
  });
  const watched: PatternMatch[] = [];
  const endFirst = app.processor.onMatch(() => assert.fail("broken"));
  const end = app.processor.onMatch((match) => void watched.push(match));
  for (const _ of [1, 2, 3]) await app.submit("failed");
  assert.deepEqual(app.counts(), [
    "alarm failures 3 s1",
    "audit failures 3 s1",
  ]);
  assert.equal(new Set(app.told.map(({ message }) => message.id)).size, 2);
  end();
  endFirst();
  for (const _ of [1, 2, 3]) await app.submit("failed");
  assert.deepEqual(watched.map(({ eventsCount }) => eventsCount), [3]);
});

Deno.test("event.processor says that nothing handles a match, and keeps nothing of it", async () => {
  await using app = await start({ handlers: [] });
  for (const _ of [1, 2, 3]) await app.submit("failed", "a-secret-session");
  const lines = app.logs.filter(({ message }) => message.includes("failures"));
  assert.deepEqual(lines.map(({ message }) => message), [
    'Pattern "failures" matched 3 events: nothing handles it',
  ]);
  assert.ok(!JSON.stringify(app.logs).includes("a-secret-session"));
  assert.ok(!JSON.stringify(app.events).includes("a-secret-session"));
  assert.deepEqual(await rows(app.store, "delivery"), []);
});

Deno.test("event.processor takes a key that is no well-formed text", async () => {
  await using app = await start();
  for (const _ of [1, 2, 3]) await app.submit("failed", "\ud800");
  assert.deepEqual(app.counts(), ["alarm failures 3 \ufffd"]);
});
