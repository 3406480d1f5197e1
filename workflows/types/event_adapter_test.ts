import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { FAILURES, start } from "./_event_fixture_test.ts";

Deno.test("event takes the topic as type, else what the message says, else the category", async () => {
  const one = (patternId: string, type: string) => ({
    patternId,
    eventTypes: [type],
    windowTime: "1m",
  });
  await using app = await start({
    patterns: [
      one("by topic", "user.login.failed"),
      one("by type", "said.type"),
      one("by eventType", "said.eventType"),
      one("by category", "security.event"),
    ],
    adapters: [{
      broker: "events",
      topics: ["user.*.failed", "audit"],
      eventType: "security.event",
      sourceIdKey: "userId",
      correlIdKey: "sessionId",
    }],
  });
  const seen = async (topic: string, data: JsonObject) => {
    app.matched.length = 0;
    await app.publish(topic, { ...data, sessionId: "s1" });
    return app.matched.map((text) => text.split(" 1 ")[0]);
  };
  assert.deepEqual(await seen("user.login.failed", { type: "said.type" }), [
    "by topic",
    "by category",
  ]);
  assert.deepEqual(await seen("audit", { type: "said.type" }), [
    "by type",
    "by category",
  ]);
  assert.deepEqual(
    await seen("audit", { type: "x", eventType: "said.eventType" }),
    ["by eventType", "by category"],
  );
  assert.deepEqual(await seen("audit", {}), ["by category"]);
  assert.deepEqual(await seen("elsewhere", { type: "said.type" }), []);
});

Deno.test("event reads the ids of a message from the fields that the adapter names", async () => {
  await using app = await start({
    patterns: [{ ...FAILURES, minOccurs: 1 }],
    adapters: [{
      broker: "events",
      topics: ["user.login.failed"],
      eventType: "security.event",
      sourceIdKey: "userId",
      correlIdKey: "sessionId",
    }],
  });
  for (
    const data of [
      { userId: "u1", sessionId: "s1" },
      { userId: "u1", sessionId: 7 },
      { userId: "u1", sessionId: "" },
      { userId: "u1", sessionId: null },
      { userId: "u1", sessionId: { a: 1 } },
      { other: 1 },
      '{"userId":"as text"}',
    ]
  ) await app.publish("user.login.failed", data);
  assert.deepEqual(
    app.matched.map((text) => text.replace("failures 1 ", "")),
    ["s1", "7", "u1", "u1", "u1", "", "as text"],
  );
});

Deno.test("event leaves a message that is no JSON object to its broker, and goes on", async () => {
  await using app = await start({
    patterns: [{ ...FAILURES, minOccurs: 1 }],
    adapters: [{
      broker: "events",
      topics: ["user.login.failed"],
      eventType: "security.event",
    }],
  });
  for (const wrong of ["no JSON", 7, null, [1], "[]"]) {
    await app.publish("user.login.failed", wrong);
  }
  const errors = app.logs.filter(({ level }) => level === "error");
  assert.equal(errors.length, 5);
  assert.match(
    errors[0]?.message ?? "",
    /Cannot take a message on "user.login.failed" as an event: it is not a JSON/,
  );
  await app.publish("user.login.failed", {});
  assert.deepEqual(app.matched, ["failures 1 "]);
});

Deno.test("event counts a message once that several topics of an adapter select", async () => {
  await using app = await start({
    adapters: [{
      broker: "events",
      topics: ["user.**", "user.login.failed", "user.login.failed"],
      eventType: "security.event",
    }],
  });
  await app.publish("user.login.failed", {});
  assert.deepEqual(app.matched, []);
  await app.publish("user.login.failed", {});
  assert.deepEqual(app.matched, ["failures 2 "]);
});
