import assert from "node:assert/strict";
import { durationParts, unitFor, unitsOf } from "./units.ts";

for (
  const [value, unit, name] of [
    [90_000, "ms", "s"],
    [3_600_000, "ms", "h"],
    [1_500, "ms", "ms"],
    [0, "ms", "ms"],
    [7 * 86_400, "s", "d"],
    [10 * 1024 ** 2, "bytes", "MiB"],
    [1_000, "bytes", "bytes"],
    ["${SIZE}", "bytes", "bytes"],
    [undefined, "bytes", "bytes"],
  ] as const
) {
  Deno.test(`${value} in ${unit} is read in ${name}`, () => {
    assert.equal(unitFor(value, unitsOf(unit)).name, name);
  });
}

Deno.test("a count has no other unit", () => {
  assert.deepEqual(unitsOf("count"), []);
});

Deno.test("a duration of one unit has two parts, any other is a text", () => {
  assert.deepEqual(durationParts("1.5h"), { number: "1.5", unit: "h" });
  assert.deepEqual(durationParts(undefined), { number: "", unit: "s" });
  assert.equal(durationParts("1h30m"), undefined);
  assert.equal(durationParts("${TIMEOUT}"), undefined);
  assert.equal(durationParts("soon"), undefined);
});
