import assert from "node:assert/strict";
import { BufferCache } from "./_buffer_cache.ts";

function row(events: number) {
  const seen = Array.from({ length: events }, (_, index) => ({
    sequence: index + 1,
    at: 0,
    eventType: "a",
  }));
  return {
    buffer: { events: seen, last: events, used: {} },
    version: "1",
  };
}

Deno.test("BufferCache forgets the keys used longest ago once it holds too many events", () => {
  const cache = new BufferCache(10);
  cache.set("a", row(4));
  cache.set("b", row(4));
  cache.set("a", row(5));
  cache.set("c", row(5));
  assert.equal(cache.get("b"), undefined);
  assert.equal(cache.get("a")?.buffer.events.length, 5);
  assert.equal(cache.size, 2);
});

Deno.test("BufferCache keeps nothing that is too large by itself", () => {
  const cache = new BufferCache(10);
  cache.set("a", row(11));
  assert.equal(cache.size, 0);
  cache.set("b", row(10));
  assert.equal(cache.size, 1);
});

Deno.test("BufferCache counts what it has forgotten no longer", () => {
  const cache = new BufferCache(10);
  cache.set("a", row(10));
  cache.forget("a");
  cache.forget("a");
  cache.set("b", row(10));
  assert.ok(cache.get("b"));
});
