import assert from "node:assert/strict";
import { keyedRandom } from "./keyed_random.ts";

function numbers(key: string, count: number): number[] {
  return Array.from({ length: count }, keyedRandom(key));
}

Deno.test("a key gives the same numbers each time, and another key others", () => {
  assert.deepEqual(numbers("order-1", 5), numbers("order-1", 5));
  assert.notDeepEqual(numbers("order-1", 5), numbers("order-2", 5));
});

Deno.test("numbers of a key are spread evenly from 0 to 1", () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const number of numbers("", 100_000)) {
    assert.ok(number >= 0 && number < 1);
    tenths[Math.floor(number * 10)]! += 1;
  }
  for (const count of tenths) assert.ok(Math.abs(count - 10_000) < 500);
});
