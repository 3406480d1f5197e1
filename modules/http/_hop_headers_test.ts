import assert from "node:assert/strict";
import { endToEnd, isSession, withoutSession } from "./_hop_headers.ts";

Deno.test("endToEnd() leaves out what is for the next machine only", () => {
  const headers = new Headers({
    accept: "text/html",
    connection: "close, X-Trace",
    "keep-alive": "timeout=5",
    "proxy-authorization": "Basic eDp5",
    te: "trailers",
    "transfer-encoding": "chunked",
    upgrade: "websocket",
    "x-trace": "1",
    "x-other": "2",
  });
  assert.deepEqual([...endToEnd(headers)], [
    ["accept", "text/html"],
    ["x-other", "2"],
  ]);
});

Deno.test("endToEnd() keeps several Set-Cookie headers apart", () => {
  const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
  assert.deepEqual([...endToEnd(headers)], [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
});

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
