import assert from "node:assert/strict";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { Logger } from "@engine/log.ts";
import type { Host } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { CallTimeoutError } from "../../components/sandbox.ts";
import { answer } from "./_roles.ts";

Deno.test("a component that takes too long as the handler of a route is a 504, whose reason is in the log", async () => {
  const lines: string[] = [];
  const host = {
    effects: simulatedEffects(),
    log: new Logger((_level, message) => lines.push(message)),
  };
  const context = {
    request: new Request("http://a/pay", { method: "POST" }),
    ...{ method: "POST", path: "/pay", params: {}, requestId: "r1" },
    query: new URLSearchParams(),
  };
  const late = () => Promise.reject(new CallTimeoutError("the limit is 5 ms"));
  const response = await answer(
    late,
    context as unknown as HttpContext,
    host as unknown as Host,
  );
  assert.equal(response.status, 504);
  assert.doesNotMatch(await response.text(), /5 ms/);
  assert.deepEqual(lines, ["A request failed: the limit is 5 ms"]);
});
