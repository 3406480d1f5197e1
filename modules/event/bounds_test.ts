/**
 * What a processor keeps at most, and what it says where that is too little.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { ConfigError, RefusedError, RetryableError } from "@engine/errors.ts";
import {
  EVENT_BYTES_MAX,
  EVENT_KEY_CHARACTERS_MAX,
} from "@engine/services/event_processor.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { DROPPED_PER_COMMIT_MAX } from "./_buffer.ts";
import { FAILURES, rows, start } from "./_fixture_test.ts";
import { MATCH_EVENTS_MAX } from "./_found.ts";

const WINDOW_MS = 300_000;

Deno.test("event.processor tells of as many events as fit, and how many there were", async () => {
  const many = MATCH_EVENTS_MAX + 20;
  await using app = await start({
    patterns: [{ ...FAILURES, minOccurs: many }],
  });
  for (let n = 1; n <= many; n++) {
    await app.submit("failed", "s1", { data: { n } });
  }
  const payload = app.told[0]?.message.payload as JsonObject;
  assert.equal(payload.eventsCount, many);
  const events = payload.events as { data: { n: number } }[];
  assert.deepEqual(
    events.map(({ data }) => data.n),
    Array.from({ length: MATCH_EVENTS_MAX }, (_, index) => index + 21),
  );
});

Deno.test("event.processor tells of the newest events where they are large", async () => {
  await using app = await start();
  const text = "x".repeat(EVENT_BYTES_MAX - 20);
  for (const n of [1, 2, 3]) {
    await app.submit("failed", "s1", { data: { n, text } });
  }
  const payload = app.told[0]?.message.payload as JsonObject;
  assert.equal(payload.eventsCount, 3);
  const events = payload.events as { data: { n: number } }[];
  assert.deepEqual(events.map(({ data }) => data.n), [3]);
});

Deno.test("event.processor refuses what is over a limit, and names it", async () => {
  await using app = await start();
  const long = "é".repeat(EVENT_KEY_CHARACTERS_MAX);
  await app.submit("failed", long);
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof RefusedError && error.code === "invalid-input" &&
    message.test(error.message);
  await assert.rejects(
    app.submit("failed", `${long}x`),
    refused(/its correlation id has 257 characters, at most 256 are allowed/),
  );
  await assert.rejects(
    app.submit("failed", "", { sourceId: `${long}x` }),
    refused(/its source id has 257 characters/),
  );
  await assert.rejects(
    app.submit("failed", "s1", { data: { text: "x".repeat(EVENT_BYTES_MAX) } }),
    refused(/its data has 32779 bytes, at most 32768 are allowed/),
  );
  await assert.rejects(app.submit(""), refused(/its type is empty/));
  await assert.rejects(
    app.submit("failed".repeat(200)),
    refused(/its type has 1200 characters, at most 1024 are allowed/),
  );
  assert.equal((await rows(app.store, "event")).length, 1);
});

Deno.test("event.processor keeps bufferSize events of a key and says once what it pushes out", async () => {
  await using app = await start({
    config: { bufferSize: 4 },
    patterns: [{ ...FAILURES, minOccurs: 4, maxOccurs: 0 }, {
      patternId: "order",
      eventTypes: ["first", "failed"],
      windowTime: "5m",
      condition: "sequence",
    }],
    handlers: [],
  });
  await app.submit("first");
  for (const _ of [1, 2]) await app.submit("first");
  for (let n = 0; n < 20; n++) await app.submit("first");
  assert.equal((await rows(app.store, "event")).length, 4);
  assert.deepEqual(app.complaints(), [
    "warning Events are pushed out before their window is over: more than 4 " +
    "(bufferSize) have the same key",
  ]);
  assert.deepEqual(await app.submit("failed"), ["order"]);
});

Deno.test("event.processor says which pattern its bufferSize is too small for", async () => {
  await using app = await start({ config: { bufferSize: 2 } });
  assert.deepEqual(app.complaints(), [
    'warning Pattern "failures" can never match: it needs 3 events of a key, ' +
    "and bufferSize keeps 2",
  ]);
});

Deno.test("event.processor refuses a further event once it holds bufferSizeTotal, until others are old", async () => {
  await using app = await start({
    config: { bufferSizeTotal: 3, cleanupInterval: "1h" },
  });
  for (const key of ["a", "b", "c"]) await app.submit("failed", key);
  for (const key of ["a", "d"]) {
    await assert.rejects(
      app.submit("failed", key),
      (error) =>
        error instanceof RetryableError &&
        /3 events are kept, and bufferSizeTotal allows no more/.test(
          error.message,
        ),
    );
  }
  assert.equal((await rows(app.store, "event")).length, 3);
  await app.effects.advance(WINDOW_MS);
  await app.submit("failed", "d");
  assert.equal((await rows(app.store, "event")).length, 1);
});

Deno.test("event.processor does not exceed bufferSizeTotal when many come at once", async () => {
  await using app = await start({ config: { bufferSizeTotal: 5 } });
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => app.submit("failed", `k${n}`)),
  );
  assert.equal(
    results.filter(({ status }) => status === "fulfilled").length,
    5,
  );
  assert.equal((await rows(app.store, "event")).length, 5);
});

Deno.test("event.processor removes old keys at every cleanupInterval, and no others", async () => {
  // A store without a clock removes nothing by itself.
  const store = memoryStore();
  await using app = await start({ store, config: { cleanupInterval: "10m" } });
  const many = DROPPED_PER_COMMIT_MAX * 2 + 1;
  for (let n = 0; n < many; n++) await app.submit("failed", "old");
  await app.effects.advance(599_999);
  await app.submit("failed", "new");
  assert.equal((await rows(store, "event")).length, many + 1);
  await app.effects.advance(1);
  assert.deepEqual(
    (await rows(store, "event")).map(({ key }) => key.at(-2)),
    ["new"],
  );
  assert.deepEqual(
    (await rows(store, "head")).map(({ key }) => key.at(-1)),
    ["new"],
  );
  // The key begins anew, and what is new goes on.
  await app.submit("failed", "old");
  await app.submit("failed", "new");
  assert.deepEqual(await app.submit("failed", "new"), ["failures"]);
  await app.effects.advance(600_000);
  assert.deepEqual(await rows(store, "event"), []);
});

Deno.test("event.processor wants a positive cleanupInterval and sizes of at least 1", async () => {
  for (
    const config of [
      { cleanupInterval: "0s" },
      { cleanupInterval: "soon" },
      { bufferSize: 0 },
      { bufferSizeTotal: 0 },
    ]
  ) {
    await assert.rejects(start({ config }), ConfigError);
  }
});
