import assert from "node:assert/strict";
import { Redaction } from "./redaction.ts";

Deno.test("Redaction hides secrets in texts, at any depth, the longest first", () => {
  const secrets = new Set(["sesame", "sesame-street"]);
  const redaction = new Redaction(secrets);
  assert.equal(redaction.text("sesame-street/sesame"), "***/***");
  assert.deepEqual(
    redaction.value({ a: ["<sesame>", 1, null], sesame: { b: true } }),
    { a: ["<***>", 1, null], sesame: { b: true } },
  );
  secrets.add("later");
  assert.equal(redaction.text("sooner or later"), "sooner or ***");
});

Deno.test("Redaction leaves everything where there is nothing to hide", () => {
  const value = { a: "sesame" };
  assert.equal(new Redaction(new Set()).value(value), value);
  assert.equal(new Redaction(new Set(["abc"])).text("abc"), "abc");
});
