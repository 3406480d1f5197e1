import assert from "node:assert/strict";
import { JSON_DEPTH_MAX, jsonFault } from "./_json_fault.ts";

function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

Deno.test("jsonFault() finds nothing in what can be kept", () => {
  const good = [null, 1, "x", [], {}, nested(JSON_DEPTH_MAX)];
  for (const value of good) assert.equal(jsonFault(value), undefined);
  assert.equal(jsonFault(JSON.parse('{"__proto__":{"a":[1]}}')), undefined);
});

Deno.test("jsonFault() finds depth and numbers without end, however deep", () => {
  for (const levels of [JSON_DEPTH_MAX + 1, 500_000]) {
    assert.match(jsonFault(nested(levels)) ?? "", /limit of 100 levels/);
  }
  for (const text of ["1e999", '{"a":[-1e999]}', '{"__proto__":1e999}']) {
    assert.match(jsonFault(JSON.parse(text)) ?? "", /too large for JSON/);
  }
});
