import assert from "node:assert/strict";
import { endToEnd } from "./_hop_headers.ts";

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
