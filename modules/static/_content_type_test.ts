import assert from "node:assert/strict";
import { contentType } from "./_content_type.ts";

Deno.test("contentType() goes by the end of the name", () => {
  assert.equal(contentType("/srv/index.HTML"), "text/html; charset=utf-8");
  assert.equal(contentType("app.min.js"), "text/javascript; charset=utf-8");
  assert.equal(contentType("logo.svg"), "image/svg+xml");
});

Deno.test("contentType() does not guess", () => {
  for (const name of ["a", "a.", "a.unknown", "a.constructor", "a.__proto__"]) {
    assert.equal(contentType(name), "application/octet-stream", name);
  }
});
