import assert from "node:assert/strict";
import { niceMax, valueText } from "./metric.ts";

Deno.test("valueText() is short in every unit", () => {
  assert.equal(valueText(0, "per second"), "0/s");
  assert.equal(valueText(0.1, "per second"), "0.1/s");
  assert.equal(valueText(12.345, "per second"), "12.3/s");
  assert.equal(valueText(0.000321, "seconds"), "0.32 ms");
  assert.equal(valueText(0.0123, "seconds"), "12 ms");
  assert.equal(valueText(200, "seconds"), "3 min 20 s");
  assert.equal(valueText(118.4 * 1024 * 1024, "bytes"), "118 MiB");
  assert.equal(valueText(3, "things"), "3");
});

Deno.test("niceMax() is a round number above the largest value", () => {
  assert.equal(niceMax(0, "things"), 1);
  assert.equal(niceMax(3, "things"), 5);
  assert.equal(niceMax(0.03, "seconds"), 0.05);
  assert.equal(niceMax(100, "per second"), 100);
  assert.equal(niceMax(118 * 1024 * 1024, "bytes"), 200 * 1024 * 1024);
});
