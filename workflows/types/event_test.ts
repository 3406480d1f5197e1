import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import { EventProcessor } from "@engine/services/event_processor.ts";
import { Executor } from "@engine/services/executor.ts";
import { startApplication } from "@engine/testing.ts";
import { ENTRIES_MAX } from "./event.ts";
import {
  definitionsWith,
  documentOf,
  FAILURES,
  start,
} from "./_event_fixture_test.ts";

Deno.test("event hands a match to what takes messages, and extraParams with it", async () => {
  await using app = await start({
    patterns: [{
      ...FAILURES,
      extraParams: { level: "high", patternId: "not this", key: "nor this" },
    }],
    handlers: [{ patternId: "failures", handler: "alarm" }],
  });
  for (const _ of [1, 2]) await app.submit("user.login.failed");
  const [line] = app.logs.filter(({ message }) =>
    message.startsWith("Message")
  );
  assert.equal(line?.fields.topic, "failures");
  assert.match(
    String(line?.fields.payload),
    /^\{"level":"high","patternId":"failures","key":"s1","eventsCount":2,/,
  );
});

Deno.test("event runs code with a match, under its idempotency key", async () => {
  await using app = await start({
    patterns: [{ ...FAILURES, extraParams: { level: "high" } }],
    handlers: [{ patternId: "failures", handler: "code" }],
  });
  for (const _ of [1, 2]) await app.submit("user.login.failed");
  const [{ params, key } = assert.fail("nothing ran")] = app.ran;
  assert.equal(app.ran.length, 1);
  assert.equal(params.patternId, "failures");
  assert.equal(params.eventsCount, 2);
  assert.equal(params.level, "high");
  assert.equal((params.events as unknown[]).length, 2);
  assert.match(key, /^test\/patterns\/[0-9A-Z]{26}\/0$/);
});

Deno.test("event begins an instance of a workflow for each match, once", async () => {
  await using app = await start({
    handlers: [{
      patternId: "failures",
      workflow: "incident",
      action: "raise",
    }],
  });
  for (const key of ["s1", "s1", "s2", "s2"]) {
    await app.submit("user.login.failed", key);
  }
  const found = await Array.fromAsync(app.machines.list());
  assert.deepEqual(
    found.map(({ state, data }) => [state, data.key, data.eventsCount]),
    [["open", "s1", 2], ["open", "s2", 2]],
  );
});

Deno.test("event takes it as done if a match that is delivered again has begun its instance", async () => {
  await using app = await start({
    handlers: [{
      patternId: "failures",
      workflow: "incident",
      action: "raise",
    }],
  });
  // As after a kill between the dispatch and the commit that settles it.
  const events = app.service(EventProcessor, "patterns");
  const end = events.onMatch(({ id }) => {
    void app.machines.fire(id, "raise", {
      create: { definition: "incident", data: {} },
    });
  });
  for (const _ of [1, 2]) await app.submit("user.login.failed");
  end();
  await app.effects.advance(3_600_000);
  assert.equal((await Array.fromAsync(app.machines.list())).length, 1);
  assert.deepEqual(await Array.fromAsync(events.deadLetters()), []);
});

Deno.test("event moves the instance that the key of its events names", async () => {
  await using app = await start({
    handlers: [{
      patternId: "failures",
      workflow: "incident",
      action: "close",
      instance: "key",
    }],
  });
  await app.machines.create("incident", "i7", {});
  await app.machines.fire("i7", "raise");
  for (const _ of [1, 2]) await app.submit("user.login.failed", "i7");
  assert.equal((await app.machines.get("i7"))?.state, "closed");
  // A key that names no instance, and none at all, are refused for good.
  for (const key of ["i8", "i8", "", ""]) {
    await app.submit("user.login.failed", key);
  }
  const letters = await Array.fromAsync(
    app.service(EventProcessor, "patterns").deadLetters(),
  );
  assert.deepEqual(letters.map(({ attempts }) => attempts), [1, 1]);
  assert.match(letters[1]?.error ?? "", /its events have no key/);
});

Deno.test("event submits the data of a dispatched action", async () => {
  await using app = await start();
  const named = { eventType: "user.login.failed" };
  assert.deepEqual(
    await app.dispatch("event", "patterns", {
      ...named,
      userId: 5,
      correlationId: "s1",
    }),
    {
      success: true,
      eventType: "user.login.failed",
      sourceId: "5",
      correlId: "s1",
      processed: true,
    },
  );
  const second = await app.dispatch("event", "user.login.failed", {
    type: "not this",
    correlationId: "s1",
    sourceId: "a",
    id: "b",
  });
  assert.equal(second.eventType, "user.login.failed");
  assert.equal(second.sourceId, "a");
  assert.deepEqual(app.matched, ["failures 2 s1"]);
  for (const action of ["patterns", ""]) {
    const plain = await app.dispatch("event", action, {});
    assert.equal(plain.eventType, "custom.event");
    assert.equal(plain.sourceId, "");
  }
});

Deno.test("event submits to the pattern that an action names only", async () => {
  await using app = await start({
    patterns: [
      { ...FAILURES, minOccurs: 1 },
      { ...FAILURES, patternId: "other", minOccurs: 1 },
    ],
  });
  const data = { type: "user.login.failed" };
  await app.dispatch("event", "patterns:other", data);
  assert.deepEqual(app.matched, ["other 1 "]);
  await assert.rejects(app.dispatch("event", "patterns:othr", data), {
    name: "RefusedError",
    code: "not-found",
    message: 'Cannot submit an event to "patterns:othr": "patterns" has no ' +
      'pattern "othr", it has "failures", "other"',
  });
});

Deno.test("event refuses an action that is no processor and no type of a pattern", async () => {
  await using app = await start();
  for (const action of ["user.login.faild", "nobody:failures", "alarm"]) {
    await assert.rejects(
      app.dispatch("event", action, {}),
      { name: "RefusedError", code: "unknown-action" },
      action,
    );
  }
});

Deno.test("event counts once what is dispatched twice with one idempotency key", async () => {
  await using app = await start();
  for (const idempotencyKey of ["k1", "k1", "k2"]) {
    await app.application.dispatch("event", "user.login.failed", {}, {
      idempotencyKey,
    });
  }
  assert.deepEqual(app.matched, ["failures 2 "]);
});

Deno.test("event takes back what it wired when a reload changes it", async () => {
  const adapters = [{
    broker: "events",
    topics: ["user.login.failed"],
    eventType: "security.event",
  }];
  await using app = await start({ adapters });
  await app.publish("user.login.failed", {});
  await app.reload(documentOf({}));
  await app.publish("user.login.failed", {});
  assert.deepEqual(app.matched, []);
  await app.reload(documentOf({
    adapters,
    patterns: [{ ...FAILURES, minOccurs: 3 }],
  }));
  for (const _ of [1, 2]) await app.publish("user.login.failed", {});
  assert.deepEqual(app.matched, ["failures 3 "]);
});

Deno.test("event starts without what a document with gaps names in vain, and says so", async () => {
  await using app = await start({
    handlers: [{ patternId: "failures", handler: "nobody" }],
    adapters: [{ broker: "nowhere", topics: ["a", "b"], eventType: "x" }],
  });
  const notices = app.events.filter(({ kind }) => kind === "notice")
    .map(({ message }) => message);
  assert.deepEqual(notices, [
    'Matches of "failures" are not handled by "nobody": no module of this ' +
    "name takes messages or runs code",
    'No events come from "a", "b": no broker is called "nowhere"',
  ]);
  for (const _ of [1, 2]) await app.submit("user.login.failed");
  assert.deepEqual(app.matched, ["failures 2 s1"]);
});

Deno.test("event keeps its bounds where every pattern matches with long names and a large event", async () => {
  const patterns = Array.from({ length: ENTRIES_MAX }, (_, n) => ({
    ...FAILURES,
    patternId: `${n}${"界".repeat(97)}`,
    minOccurs: 1,
  }));
  await using app = await start({
    patterns,
    handlers: patterns.map(({ patternId }) => ({ patternId, handler: "code" })),
  });
  const events = app.service(EventProcessor, "patterns");
  await events.submit({
    eventType: "user.login.failed",
    correlationId: "界".repeat(256),
    data: { text: "x".repeat(30_000) },
  });
  await events.idle();
  assert.equal(app.matched.length, ENTRIES_MAX);
  assert.equal(app.ran.length, ENTRIES_MAX);
  assert.equal(app.ran[0]?.params.eventsCount, 1);
});

Deno.test("event gives up on code that says that another try cannot help", async () => {
  // The error of an executor decides, as that of any other handler.
  const failing = defineModule({
    type: "test.executor",
    summary: "Fail for good",
    stability: "stable",
    config: z.strictObject({}),
    provides: [Executor],
    examples: [],
    create: () => ({
      isolation: "none" as const,
      execute: () => Promise.reject(new TerminalError("out of order")),
    }),
  });
  await using app = await startApplication({
    document: documentOf({
      handlers: [{ patternId: "failures", handler: "code" }],
    }),
    definitions: [...definitionsWith([]).slice(0, -1), failing],
  });
  const events = app.service(EventProcessor, "patterns");
  for (const id of ["1", "2"]) {
    await events.submit({ eventType: "user.login.failed", data: {}, id });
  }
  await events.idle();
  const letters = await Array.fromAsync(events.deadLetters());
  assert.deepEqual(letters.map(({ error }) => error), ["out of order"]);
});
