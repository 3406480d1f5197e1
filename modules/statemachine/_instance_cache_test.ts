import assert from "node:assert/strict";
import { InstanceCache, INSTANCES_CACHED_MAX } from "./_instance_cache.ts";

function row(id: string, version: string, completed = false) {
  const at = { createdAt: 0, updatedAt: 0, sequence: 0 };
  const instance = { id, definition: "d", state: "s", data: {}, ...at };
  return { version, instance: { ...instance, completed } };
}

Deno.test("InstanceCache remembers the newest versions of so many instances", () => {
  const cache = new InstanceCache();
  for (let i = 0; i <= INSTANCES_CACHED_MAX; i++) {
    cache.set(`${i}`, row(`${i}`, "1"));
  }
  cache.set("1", row("1", "2"));
  assert.equal(cache.get("0"), undefined);
  assert.equal(cache.get("1")?.version, "2");
  assert.equal(cache.get("2")?.version, "1");
  cache.forget("2");
  assert.equal(cache.get("2"), undefined);
});

Deno.test("InstanceCache holds nothing that is complete", () => {
  const cache = new InstanceCache();
  cache.set("a", row("a", "1"));
  cache.set("a", row("a", "2", true));
  assert.equal(cache.get("a"), undefined);
});
