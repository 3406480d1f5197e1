import assert from "node:assert/strict";
import { isRangeCurrent, isUnchanged } from "./_conditions.ts";

const MODIFIED = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const STATE = { etag: '"a-1"', modifiedMs: MODIFIED };
const THEN = "Fri, 02 Jan 2026 03:04:05 GMT";
const BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT";

function unchanged(headers: Record<string, string>): boolean {
  return isUnchanged(new Headers(headers), STATE);
}

Deno.test("isUnchanged() compares tags weakly, and any of several", () => {
  assert.equal(unchanged({ "if-none-match": '"a-1"' }), true);
  assert.equal(unchanged({ "if-none-match": 'W/"a-1"' }), true);
  assert.equal(unchanged({ "if-none-match": '"b", "a-1"' }), true);
  assert.equal(unchanged({ "if-none-match": "*" }), true);
  assert.equal(unchanged({ "if-none-match": '"b"' }), false);
  assert.equal(unchanged({}), false);
});

Deno.test("isUnchanged() compares dates to the second, if there is no tag", () => {
  assert.equal(unchanged({ "if-modified-since": THEN }), true);
  assert.equal(unchanged({ "if-modified-since": BEFORE }), false);
  assert.equal(unchanged({ "if-modified-since": "yesterday" }), false);
  const both = { "if-none-match": '"b"', "if-modified-since": THEN };
  assert.equal(unchanged(both), false);
  const noDate = { etag: '"a-1"', modifiedMs: undefined };
  const headers = new Headers({ "if-modified-since": THEN });
  assert.equal(isUnchanged(headers, noDate), false);
});

Deno.test("isRangeCurrent() asks for the same tag or the same date", () => {
  const current = (value: string) =>
    isRangeCurrent(new Headers({ "if-range": value }), STATE);
  assert.equal(isRangeCurrent(new Headers(), STATE), true);
  assert.equal(current('"a-1"'), true);
  assert.equal(current('W/"a-1"'), false);
  assert.equal(current('"b"'), false);
  assert.equal(current(THEN), true);
  assert.equal(current(BEFORE), false);
  assert.equal(current("yesterday"), false);
});
