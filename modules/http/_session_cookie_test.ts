import assert from "node:assert/strict";
import { isSession, withoutSession } from "./_session_cookie.ts";

Deno.test("withoutSession() takes the engine's cookie out and keeps the others", () => {
  const cases = [
    ["a=1; wf_session=secret; b=2", "a=1; b=2"],
    ["wf_session=secret; a=1", "a=1"],
    ["a=1;wf_session=secret", "a=1"],
    ["wf_session=secret", undefined],
    [" wf_session =secret", undefined],
    ["my_wf_session=x; wf_session2=y", "my_wf_session=x; wf_session2=y"],
    ["a=wf_session", "a=wf_session"],
  ] as const;
  for (const [given, expected] of cases) {
    assert.equal(withoutSession(given), expected, given);
  }
});

Deno.test("isSession() knows a Set-Cookie header by its name", () => {
  assert.equal(isSession("wf_session=x; Path=/; HttpOnly"), true);
  assert.equal(isSession("theme=wf_session; Path=/"), false);
});
