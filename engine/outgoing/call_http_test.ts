import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "../errors.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { callHttp, failureOf, type HttpCall } from "./call_http.ts";

const NOW = 1_700_000_000_000;

async function call(
  request: HttpCall,
  answer: () => Response = () => new Response(null, { status: 204 }),
) {
  const asked: Request[] = [];
  const effects = simulatedEffects({
    fetch: (input, init) => {
      asked.push(new Request(input, init));
      return Promise.resolve(answer());
    },
  });
  const result = await callHttp(effects, request, {
    timeoutMs: 1_000,
    signal: new AbortController().signal,
  });
  const [request0] = asked;
  assert.ok(request0);
  return { result, asked: request0 };
}

Deno.test("callHttp() adds the query to that of the URL", async () => {
  const { asked } = await call({
    method: "GET",
    url: "https://a.example/x?a=1",
    query: { b: "ü &", c: [1, true], d: null, e: { f: 1 } },
  });
  assert.equal(
    asked.url,
    "https://a.example/x?a=1&b=%C3%BC+%26&c=1&c=true&e=%7B%22f%22%3A1%7D",
  );
});

Deno.test("callHttp() sends JSON or text, unless a header says otherwise", async () => {
  const url = "https://a.example/";
  const json = (await call({ method: "POST", url, body: [1] })).asked;
  assert.equal(json.headers.get("content-type"), "application/json");
  assert.equal(await json.text(), "[1]");
  const text = (await call({ method: "POST", url, body: "x" })).asked;
  assert.match(text.headers.get("content-type") ?? "", /^text\/plain/);
  assert.equal(await text.text(), "x");
  const own = (await call({
    method: "POST",
    url,
    body: "<a/>",
    headers: { "Content-Type": "application/xml" },
  })).asked;
  assert.equal(own.headers.get("content-type"), "application/xml");
});

Deno.test("callHttp() sends the idempotency key with methods that change something", async () => {
  const url = "https://a.example/";
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
    const { asked } = await call({ method, url, idempotencyKey: "k1" });
    assert.equal(
      asked.headers.get("idempotency-key"),
      method === "GET" || method === "HEAD" ? null : "k1",
      method,
    );
  }
});

Deno.test("callHttp() reads JSON where it is JSON, else text, else null", async () => {
  const read = async (body: string | null) =>
    (await call(
      { method: "GET", url: "https://a.example/" },
      () => new Response(body),
    )).result.body;
  assert.deepEqual(await read('{"a":1}'), { a: 1 });
  assert.equal(await read("<p>"), "<p>");
  assert.equal(await read(null), null);
});

for (
  const [status, header, retryAfterMs] of [
    [429, "2", 2_000],
    [503, new Date(NOW + 90_000).toUTCString(), 90_000],
    [503, "nonsense", undefined],
    [429, "999999999", 3_600_000],
    [429, "-5", 0],
    [500, "2", undefined],
    [502, undefined, undefined],
    [408, undefined, undefined],
  ] as const
) {
  Deno.test(`status ${status} with Retry-After ${header} is worth another try`, () => {
    const error = failureOf(
      { method: "GET", url: "https://u:p@a.example/x?key=1" },
      {
        status,
        headers: header === undefined ? {} : { "retry-after": header },
        body: { reason: "busy" },
      },
      NOW,
    );
    assert.ok(error instanceof RetryableError);
    assert.equal(error.retryAfterMs, retryAfterMs);
    assert.equal(
      error.message,
      `GET https://a.example/x answered ${status}: {"reason":"busy"}`,
    );
  });
}

for (const status of [304, 400, 401, 404, 422]) {
  Deno.test(`status ${status} is final`, () => {
    const error = failureOf(
      { method: "GET", url: "https://a.example/x" },
      { status, headers: {}, body: "x".repeat(500) },
      NOW,
    );
    assert.ok(error instanceof TerminalError);
    assert.ok(error.message.length < 300);
  });
}
