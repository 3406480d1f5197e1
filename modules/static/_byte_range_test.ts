import assert from "node:assert/strict";
import fc from "fast-check";
import { byteRange } from "./_byte_range.ts";

Deno.test("byteRange() reads the three forms of a range", () => {
  const part = (start: number, end: number) => ({ kind: "part", start, end });
  assert.deepEqual(byteRange("bytes=0-0", 10), part(0, 1));
  assert.deepEqual(byteRange("bytes=2-5", 10), part(2, 6));
  assert.deepEqual(byteRange("bytes=2-", 10), part(2, 10));
  assert.deepEqual(byteRange("bytes=-3", 10), part(7, 10));
  assert.deepEqual(byteRange("bytes=-30", 10), part(0, 10));
  assert.deepEqual(byteRange("bytes=2-99", 10), part(2, 10));
  assert.deepEqual(byteRange(" Bytes=2-5 ", 10), part(2, 6));
});

Deno.test("byteRange() gives everything for what it does not understand", () => {
  const others = [
    null,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-2",
    "bytes=0-1,3-4",
    "items=0-1",
    "bytes=1.5-2",
  ];
  for (const header of others) {
    assert.deepEqual(byteRange(header, 10), { kind: "whole" }, `${header}`);
  }
});

Deno.test("byteRange() finds that nothing of a range is there", () => {
  for (const header of ["bytes=10-", "bytes=10-12", "bytes=-0"]) {
    assert.deepEqual(byteRange(header, 10), { kind: "unsatisfiable" }, header);
  }
  assert.deepEqual(byteRange("bytes=0-", 0), { kind: "unsatisfiable" });
  assert.deepEqual(byteRange("bytes=-5", 0), { kind: "unsatisfiable" });
});

Deno.test("byteRange() never gives a part outside of the file", () => {
  const number = fc.oneof(
    fc.constant(""),
    fc.nat().map(String),
    fc.bigInt({ min: 0n }).map(String),
  );
  fc.assert(fc.property(number, number, fc.nat(), (first, last, bytes) => {
    const range = byteRange(`bytes=${first}-${last}`, bytes);
    if (range.kind !== "part") return;
    assert.ok(
      range.start >= 0 && range.start < range.end && range.end <= bytes,
    );
  }));
});
