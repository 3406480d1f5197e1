import assert from "node:assert/strict";
import { type EngineEvent, EventHub, EVENTS_REMEMBERED } from "./events.ts";

function hub(): EventHub {
  let now = 1_000;
  return new EventHub({ now: () => now++ });
}

function emit(events: EventHub, message = "hello"): void {
  events.emit("notice", { application: "app", message });
}

Deno.test("EventHub gives each event a cursor, a time and its kind", () => {
  const events = hub();
  assert.equal(events.cursor, 0);
  events.emit("transition", {
    application: "app",
    message: "moved",
    to: "paid",
  });
  emit(events);
  assert.equal(events.cursor, 2);
  assert.deepEqual(events.since(0), [
    {
      v: 1,
      cursor: 1,
      kind: "transition",
      at: 1_000,
      application: "app",
      message: "moved",
      to: "paid",
    },
    {
      v: 1,
      cursor: 2,
      kind: "notice",
      at: 1_001,
      application: "app",
      message: "hello",
    },
  ]);
});

Deno.test("EventHub does not let fields replace what it says itself", () => {
  const events = hub();
  events.emit("notice", {
    application: "a",
    message: "m",
    cursor: 99,
    v: 2,
    at: 0,
  });
  const [event] = events.since(0) ?? [];
  assert.deepEqual([event?.cursor, event?.v, event?.at], [1, 1, 1_000]);
});

Deno.test("EventHub tells those who watch, until they end it", () => {
  const events = hub();
  const seen: EngineEvent[] = [];
  const end = events.watch((event) => seen.push(event));
  emit(events, "one");
  end();
  end();
  emit(events, "two");
  assert.deepEqual(seen.map(({ message }) => message), ["one"]);
});

Deno.test("EventHub drops a watcher that throws and goes on", () => {
  const events = hub();
  const seen: string[] = [];
  let calls = 0;
  events.watch(() => {
    calls++;
    throw new Error("broken");
  });
  events.watch(({ message }) => void seen.push(message));
  emit(events, "one");
  emit(events, "two");
  assert.equal(calls, 1);
  assert.deepEqual(seen, ["one", "two"]);
});

Deno.test("EventHub.since() replays what came after a cursor", () => {
  const events = hub();
  for (const message of ["a", "b", "c"]) emit(events, message);
  const after = (cursor: number) =>
    events.since(cursor)?.map(({ message }) => message).join("");
  assert.equal(after(0), "abc");
  assert.equal(after(2), "c");
  assert.equal(after(3), "");
});

Deno.test("EventHub.since() says when a gap cannot be filled", () => {
  const events = hub();
  for (let count = 0; count < EVENTS_REMEMBERED + 5; count++) emit(events);
  assert.equal(events.since(4), undefined);
  assert.equal(events.since(5)?.length, EVENTS_REMEMBERED);
  assert.equal(events.since(5)?.[0]?.cursor, 6);
  assert.equal(events.since(EVENTS_REMEMBERED + 6), undefined);
});
