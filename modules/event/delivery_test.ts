/**
 * How handlers are told of matches: again after a failure, later and later, and
 * in the end not any more.
 *
 * @module
 */
import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Store } from "@engine/store/store.ts";
import { DELIVERIES_WAITING_MAX } from "./_deliveries.ts";
import { document, FAILURES, rows, start } from "./_fixture_test.ts";
import { ATTEMPTS_MAX, backoff } from "./_outcome.ts";
import { DEAD_LETTERS_MAX, DEAD_LETTERS_SLACK } from "./_dead_letters.ts";

type App = Awaited<ReturnType<typeof start>>;

async function fail(app: App, times: number, key = "s1"): Promise<void> {
  for (let n = 0; n < times; n++) await app.submit("failed", key);
}

Deno.test("event.processor tries a failing handler again, later and later, under one id", async () => {
  const times: number[] = [];
  const effects = simulatedEffects();
  await using app = await start({
    effects,
    work() {
      times.push(effects.clock.now());
      if (times.length < 4) throw new Error("the pager is off");
    },
  });
  await fail(app, 3);
  await effects.advance(3_600_000);
  const [first = 0] = times;
  assert.deepEqual(times.map((time) => time - first), [0, 1_000, 3_000, 7_000]);
  assert.equal(new Set(app.told.map(({ message }) => message.id)).size, 1);
  assert.deepEqual(await rows(app.store, "delivery"), []);
  assert.deepEqual(await Array.fromAsync(app.processor.deadLetters()), []);
});

Deno.test("event.processor waits as long as a handler asks for", async () => {
  let attempts = 0;
  await using app = await start({
    work() {
      attempts++;
      throw new RetryableError("busy", { retryAfterMs: 30_000 });
    },
  });
  await fail(app, 3);
  await app.effects.advance(29_999);
  assert.equal(attempts, 1);
  await app.effects.advance(1);
  assert.equal(attempts, 2);
});

Deno.test("event.processor waits across a restart, and no longer where the clock is put back", async () => {
  const store = memoryStore();
  const work = () => {
    throw new RetryableError("busy", { retryAfterMs: 60_000 });
  };
  {
    const effects = simulatedEffects({ startMs: 1_700_000_000_000 });
    await using app = await start({ store, effects, work });
    await fail(app, 3);
    assert.equal(app.told.length, 1);
  }
  const effects = simulatedEffects({ startMs: 1_600_000_000_000 });
  await using app = await start({ store, effects });
  await effects.advance(59_999);
  assert.equal(app.told.length, 0);
  await effects.advance(1);
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
});

/** A store that fails to read, or to write, for as long as it is told to. */
function flakyStore() {
  const store = memoryStore();
  const broken = { get: false, commit: false };
  function refuse(): never {
    throw new Error("Cannot reach the store");
  }
  const flaky: Store = {
    limits: store.limits,
    get: (key) => broken.get ? refuse() : store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) => broken.commit ? refuse() : store.commit(batch),
  };
  return { flaky, broken };
}

Deno.test("event.processor delivers a match that the store could not be read for", async () => {
  const { flaky, broken } = flakyStore();
  let isBusy = true;
  await using app = await start({
    store: flaky,
    work() {
      if (isBusy) throw new RetryableError("busy", { retryAfterMs: 10 });
    },
  });
  await fail(app, 3);
  isBusy = false;
  broken.get = true;
  await app.effects.advance(5_000);
  assert.equal(app.told.length, 1);
  broken.get = false;
  await app.effects.advance(1_000);
  assert.equal(app.told.length, 2);
  assert.deepEqual(await rows(flaky, "delivery"), []);
});

Deno.test("event.processor does not tell a handler again because the store could not be written", async () => {
  const { flaky, broken } = flakyStore();
  await using app = await start({
    store: flaky,
    work: () => void (broken.commit = true),
  });
  await fail(app, 2);
  await app.processor.submit({
    eventType: "failed",
    correlationId: "s1",
    data: {},
  });
  await app.effects.advance(5_000);
  assert.equal((await rows(flaky, "delivery")).length, 1);
  broken.commit = false;
  await app.effects.advance(10_000);
  assert.equal(app.told.length, 1);
  assert.deepEqual(await rows(flaky, "delivery"), []);
});

Deno.test("event.processor gives a handler up after so many attempts, and keeps the match", async () => {
  await using app = await start({
    work() {
      throw new Error("the pager is off");
    },
  });
  await fail(app, 3);
  await app.effects.advance(24 * 3_600_000);
  assert.equal(app.told.length, ATTEMPTS_MAX);
  const [letter, ...more] = await Array.fromAsync(app.processor.deadLetters());
  assert.deepEqual(more, []);
  assert.equal(letter?.handler, "alarm");
  assert.equal(letter.error, "the pager is off");
  assert.equal(letter.attempts, ATTEMPTS_MAX);
  assert.equal(letter.match.eventsCount, 3);
  assert.equal(letter.match.events.length, 3);
  assert.deepEqual(await rows(app.store, "delivery"), []);
  assert.deepEqual(app.complaints(), [
    'error "alarm" is given up for a match of "failures" after 10 attempts: ' +
    "the pager is off",
  ]);
  const lines = app.logs.filter(({ level }) => level === "error");
  assert.equal(lines.length, 1);
});

Deno.test("event.processor gives a handler up at once where another try cannot help", async () => {
  await using app = await start({
    handlers: [
      { patternId: "failures", handler: "alarm" },
      { patternId: "failures", handler: "audit" },
    ],
    work(_, name) {
      if (name === "alarm") throw new TerminalError("no such pager");
    },
  });
  await fail(app, 3);
  const letters = await Array.fromAsync(app.processor.deadLetters());
  assert.deepEqual(
    letters.map(({ handler, attempts }) => `${handler} ${attempts}`),
    ["alarm 1"],
  );
  // What another handler failed to do concerns nobody else.
  assert.equal(app.told.length, 2);
});

Deno.test("event.processor keeps the newest dead letters, within a bound", async () => {
  const store = memoryStore();
  await using app = await start({
    store,
    patterns: [{ ...FAILURES, minOccurs: 1 }],
    work() {
      throw new TerminalError("no such pager");
    },
  });
  const most = DEAD_LETTERS_MAX + DEAD_LETTERS_SLACK;
  await fail(app, most);
  const { deadLetters } = app.application.queues;
  const source = { kind: "event", name: "events" };
  assert.equal(await deadLetters.count(source), most);
  const last = await app.processor.submit({
    eventType: "failed",
    correlationId: "s1",
    data: {},
  });
  await app.processor.idle();
  const letters = await Array.fromAsync(app.processor.deadLetters());
  assert.equal(letters.length, DEAD_LETTERS_MAX);
  assert.equal(letters.at(-1)?.match.id, last[0]?.id);
  const some = await Array.fromAsync(app.processor.deadLetters({ limit: 2 }));
  assert.deepEqual(some, letters.slice(0, 2));
});

Deno.test("event.processor takes no further event while too many matches wait", async () => {
  await using app = await start({
    patterns: [{ ...FAILURES, minOccurs: 1 }],
    work() {
      throw new RetryableError("busy", { retryAfterMs: 300_000 });
    },
  });
  for (let n = 0; n < DELIVERIES_WAITING_MAX; n++) {
    await app.processor.submit({
      eventType: "failed",
      correlationId: `k${n % 100}`,
      data: {},
    });
  }
  await assert.rejects(
    app.submit("failed"),
    (error) =>
      error instanceof RetryableError &&
      /10000 matches wait for their handlers, at most 10000 may/.test(
        error.message,
      ),
  );
});

Deno.test("event.processor keeps a match whose handler is gone until it is back", async () => {
  const store = memoryStore();
  let isBusy = true;
  const work = () => {
    if (isBusy) throw new RetryableError("busy", { retryAfterMs: 10 });
  };
  await using app = await start({ store, work });
  await fail(app, 3);
  const without = document({ handlers: [] });
  await app.reload(without);
  isBusy = false;
  await app.effects.advance(1_000);
  assert.equal(app.told.length, 1);
  assert.match(
    app.complaints().at(-1) ?? "",
    /A match of "failures" waits: the document has no handler "alarm" for it/,
  );
  await app.reload(document());
  await app.effects.advance(0);
  assert.equal(app.told.length, 2);
  assert.deepEqual(await rows(store, "delivery"), []);
});

Deno.test("event.processor stops although a handler hangs, and delivers again", async () => {
  const store = memoryStore();
  const effects = simulatedEffects();
  const hanging = await start({
    store,
    effects,
    work: () => new Promise(() => {}),
  });
  for (let n = 0; n < 3; n++) {
    await hanging.processor.submit({
      eventType: "failed",
      correlationId: "s1",
      data: {},
    });
  }
  const stopped = hanging.stop();
  await effects.advance(5_000);
  await stopped;
  await using app = await start({ store, effects });
  await app.processor.idle();
  assert.deepEqual(app.counts(), ["alarm failures 3 s1"]);
});

Deno.test("backoff() doubles from a second to five minutes", () => {
  const waits = [1, 2, 3, 9, 10, 100].map(backoff);
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
});

Deno.test("event.processor takes a match back from the dead letters of the application", async () => {
  let isOff = true;
  await using app = await start({
    work() {
      if (isOff) throw new TerminalError("the pager is off");
    },
  });
  await fail(app, 3);
  const { deadLetters } = app.application.queues;
  const { letters: [letter] } = await deadLetters.list();
  assert.deepEqual(letter?.source, { kind: "event", name: "events" });
  assert.equal(letter?.error, "the pager is off");
  isOff = false;
  await deadLetters.replay(letter?.id ?? "");
  await app.processor.idle();
  assert.equal(app.told.length, 2);
  assert.deepEqual(await Array.fromAsync(app.processor.deadLetters()), []);
  assert.deepEqual(await rows(app.store, "delivery"), []);
});
