import assert from "node:assert/strict";
import { equalTo } from "./_constant_time.ts";

Deno.test("equalTo() accepts the secret and nothing else", () => {
  const isSecret = equalTo("pässword");
  assert.equal(isSecret("pässword"), true);
  for (const guess of ["", "p", "passwor", "pässword ", "PÄSSWORD"]) {
    assert.equal(isSecret(guess), false, guess);
  }
});
