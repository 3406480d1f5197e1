import assert from "node:assert/strict";
import type { Host, StepContext } from "@engine/define.ts";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { simulatedEffects } from "../../../engine/simulation/effects.ts";
import definition from "./request.ts";

/** Runs the step as the engine would: with a parsed config. */
async function run(
  config: Readonly<Record<string, unknown>>,
  answer: (request: Request) => Response,
) {
  const asked: Request[] = [];
  const effects = simulatedEffects({
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push(request);
      return Promise.resolve(answer(request));
    },
  });
  effects.network.listen(
    { hostname: "127.0.0.1", port: 80 },
    () => Response.json("local"),
  );
  const context: StepContext = {
    signal: new AbortController().signal,
    idempotencyKey: "run-1/ask",
    attempt: 1,
    runId: "run-1",
    pipeline: "p",
    step: "ask",
  };
  const output = await definition.run(
    definition.config.parse(config),
    context,
    // The step takes nothing else from its host.
    { effects } as unknown as Host,
  );
  return { asked, output: definition.output.parse(output) };
}

const url = "https://api.example.com/orders";

Deno.test("http.request sends what its config says and yields status, headers and body", async () => {
  const { asked: [request], output } = await run({
    method: "POST",
    url,
    query: { page: 2 },
    headers: { authorization: "Bearer t" },
    body: { total: 5 },
  }, () => Response.json({ id: 1 }, { status: 201, headers: { "X-A": "b" } }));
  assert.ok(request);
  assert.equal(request.url, `${url}?page=2`);
  assert.equal(request.headers.get("authorization"), "Bearer t");
  assert.equal(request.headers.get("idempotency-key"), "run-1/ask");
  assert.deepEqual(await request.json(), { total: 5 });
  assert.deepEqual(output, {
    status: 201,
    headers: { "content-type": "application/json", "x-a": "b" },
    body: { id: 1 },
  });
});

Deno.test("http.request fails for good on a 4xx, unless it is expected", async () => {
  const answer = () => Response.json({ error: "none" }, { status: 404 });
  await assert.rejects(run({ url }, answer), (error) => {
    assert.ok(error instanceof TerminalError);
    assert.match(error.message, /^GET https.*\/orders answered 404: .*none/);
    return true;
  });
  const { output } = await run({ url, expect: [404] }, answer);
  assert.equal((output as { status: number }).status, 404);
  await assert.rejects(run({ url, expect: [404] }, () => new Response("ok")));
});

Deno.test("http.request asks for another try on a 5xx, and after what a 429 says", async () => {
  const refuse = (status: number, headers: HeadersInit = {}) =>
    assert.rejects(
      run({ url }, () => new Response("busy", { status, headers })),
      (error) => {
        assert.ok(error instanceof RetryableError);
        const seconds = new Headers(headers).get("retry-after");
        assert.equal(
          error.retryAfterMs,
          seconds === null ? undefined : Number(seconds) * 1_000,
        );
        return true;
      },
    );
  await refuse(500);
  await refuse(429, { "retry-after": "7" });
  await refuse(503, { "retry-after": "30" });
});

Deno.test("http.request does not reach this machine unless it is allowed to", async () => {
  const answer = () => new Response();
  await assert.rejects(
    run({ url: "http://localhost/" }, answer),
    /not public \(loopback\)/,
  );
  const { output } = await run({
    url: "http://localhost/",
    allowPrivateIPs: true,
  }, answer);
  assert.equal((output as { body: unknown }).body, "local");
});

Deno.test("http.request refuses an answer over answerBytesMax", async () => {
  await assert.rejects(
    run({ url, answerBytesMax: 3 }, () => new Response("four")),
    /larger than the limit of 3 bytes/,
  );
});
