import assert from "node:assert/strict";
import { cellOf, CELLS, quantileOf, sumOf } from "./distribution.ts";

function distributionOf(...seconds: readonly number[]) {
  return sumOf(seconds.map((value) => new Map([[cellOf(value), 1]])));
}

Deno.test("quantileOf() is within 5 % of the time, from microseconds to minutes", () => {
  for (const seconds of [20e-6, 0.001, 0.25, 1, 600]) {
    const found = quantileOf(distributionOf(seconds), 0.5) ?? NaN;
    assert.ok(Math.abs(found / seconds - 1) < 0.05, `${seconds}: ${found}`);
  }
});

Deno.test("quantileOf() leaves the slowest twentieth above p95", () => {
  const times = Array.from({ length: 100 }, (_, n) => n < 95 ? 0.01 : 9);
  const found = distributionOf(...times);
  const at = (share: number) =>
    Math.round((quantileOf(found, share) ?? 0) * 100);
  assert.equal(at(0.5), 1);
  assert.equal(at(0.95), 1);
  assert.ok(at(0.96) > 800);
});

Deno.test("quantileOf() has no value where there was nothing", () => {
  assert.equal(quantileOf(new Map(), 0.5), undefined);
});

Deno.test("cellOf() has a place for every number", () => {
  assert.equal(cellOf(0), 0);
  assert.equal(cellOf(-1), 0);
  assert.equal(cellOf(NaN), 0);
  assert.equal(cellOf(Infinity), CELLS - 1);
});
