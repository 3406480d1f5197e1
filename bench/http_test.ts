import assert from "node:assert/strict";
import { measureHttp } from "./http.ts";

Deno.test("measureHttp() compares two servers that answer alike", async () => {
  const measured = await measureHttp({ rounds: 1, requests: 80 });
  for (const { ratio, engineMicroseconds } of Object.values(measured)) {
    assert.ok(ratio > 0 && Number.isFinite(ratio));
    assert.ok(engineMicroseconds > 0);
  }
});
