import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "../errors.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { guardedFetch, GuardError } from "./guarded_fetch.ts";

const signal = new AbortController().signal;
const LIMITS = { timeoutMs: 1_000, signal };

/** A world outside, and what was asked of it. */
function world(
  answer: (request: Request) => Response | Promise<Response>,
  hosts: Readonly<Record<string, readonly string[]>> = {},
) {
  const asked: Request[] = [];
  const effects = simulatedEffects({
    hosts,
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push(request);
      return Promise.resolve(answer(request));
    },
  });
  return { effects, asked };
}

const redirect = (status: number, location: string) =>
  new Response(null, { status, headers: { location } });

Deno.test("guardedFetch() brings the answer of a public address, whatever its status", async () => {
  const { effects, asked } = world(() =>
    new Response("no", { status: 404, headers: { "x-a": "1" } })
  );
  const answer = await guardedFetch(effects, {
    url: "https://api.example.com/a?b=1",
    method: "POST",
    headers: { "x-b": "2" },
    body: "{}",
  }, LIMITS);
  assert.equal(answer.status, 404);
  assert.equal(answer.headers.get("x-a"), "1");
  assert.equal(new TextDecoder().decode(answer.body), "no");
  assert.equal(asked[0]?.url, "https://api.example.com/a?b=1");
  assert.equal(await asked[0]?.text(), "{}");
  assert.equal(asked[0]?.headers.get("x-b"), "2");
  assert.equal(effects.timers, 0);
});

for (
  const url of [
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://localhost:8080/",
    "http://inside.example/",
    "http://half.example/",
    "https://inside.example/",
  ]
) {
  Deno.test(`guardedFetch() does not reach ${url} by itself`, async () => {
    const { effects, asked } = world(() => new Response("secret"), {
      "inside.example": ["10.0.0.8"],
      "half.example": ["1.1.1.1", "fd00::1"],
    });
    const call = guardedFetch(effects, { url, method: "GET" }, LIMITS);
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof GuardError);
      assert.match(error.message, /^Cannot call https?:.* is not public \(/);
      return true;
    });
    assert.equal(asked.length, 0);
  });
}

for (const url of ["file:///etc/passwd", "ftp://a/", "data:,x", "nonsense"]) {
  Deno.test(`guardedFetch() refuses ${url}, whatever is allowed`, async () => {
    const { effects } = world(() => new Response());
    await assert.rejects(
      guardedFetch(effects, { url, method: "GET" }, {
        ...LIMITS,
        allowPrivateIPs: true,
      }),
      GuardError,
    );
  });
}

Deno.test("allowPrivateIPs lets a call reach what listens here", async () => {
  const { effects } = world(() => new Response());
  effects.network.listen(
    { hostname: "127.0.0.1", port: 8_090 },
    () => new Response("here"),
  );
  const answer = await guardedFetch(effects, {
    url: "http://localhost:8090/",
    method: "GET",
  }, { ...LIMITS, allowPrivateIPs: true });
  assert.equal(new TextDecoder().decode(answer.body), "here");
});

Deno.test("a redirect to a private address is refused", async () => {
  const { effects, asked } = world(() =>
    redirect(302, "http://169.254.169.254/latest/meta-data")
  );
  await assert.rejects(
    guardedFetch(effects, { url: "http://a.example/", method: "GET" }, LIMITS),
    /Cannot call http:\/\/169\.254\.169\.254\/latest\/meta-data: .*link-local/,
  );
  assert.equal(asked.length, 1);
});

Deno.test("a name that turns private after the check is not reached", async () => {
  const addresses: (readonly string[])[] = [];
  const { effects } = world(() => new Response("checked"));
  const { network } = effects;
  const answers = [["1.1.1.1"], ["127.0.0.1"]];
  const rebinding = {
    ...network,
    resolve: () => Promise.resolve(answers.shift() ?? []),
    fetchAt: (to: readonly string[], request: Request) => {
      addresses.push(to);
      return network.fetchAt(to, request);
    },
  };
  await guardedFetch({ clock: effects.clock, network: rebinding }, {
    url: "http://rebind.example/",
    method: "GET",
  }, LIMITS);
  assert.deepEqual(addresses, [["1.1.1.1"]]);
  assert.equal(answers.length, 1, "it is resolved once only");
});

Deno.test("a redirect to another origin loses the credentials, one to the same keeps them", async () => {
  const { effects, asked } = world((request) => {
    if (request.url === "https://a.example/1") return redirect(307, "/2");
    if (request.url === "https://a.example/2") {
      return redirect(307, "https://b.example/3");
    }
    return new Response("end");
  });
  await guardedFetch(effects, {
    url: "https://a.example/1",
    method: "PUT",
    headers: {
      authorization: "Bearer x",
      Cookie: "a=b",
      "x-api-key": "k",
      "x-trace": "t",
    },
    body: "kept",
  }, LIMITS);
  const seen = asked.map(({ headers }) => [
    headers.get("authorization"),
    headers.get("cookie"),
    headers.get("x-api-key"),
    headers.get("x-trace"),
  ]);
  assert.deepEqual(seen, [
    ["Bearer x", "a=b", "k", "t"],
    ["Bearer x", "a=b", "k", "t"],
    [null, null, null, "t"],
  ]);
  assert.equal(asked[2]?.method, "PUT");
  assert.equal(await asked[2]?.text(), "kept");
});

Deno.test("a 303 after a POST is followed by a GET without its body", async () => {
  const { effects, asked } = world((request) =>
    request.method === "POST" ? redirect(303, "/done") : new Response("ok")
  );
  await guardedFetch(effects, {
    url: "https://a.example/",
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": "k" },
    body: "{}",
  }, LIMITS);
  assert.equal(asked[1]?.method, "GET");
  assert.equal(asked[1]?.headers.get("content-type"), null);
  assert.equal(asked[1]?.headers.get("idempotency-key"), null);
  assert.equal(await asked[1]?.text(), "");
});

Deno.test("redirects without end are given up after redirectsMax", async () => {
  const { effects, asked } = world(() => redirect(302, "/again"));
  await assert.rejects(
    guardedFetch(effects, { url: "http://a.example/", method: "GET" }, {
      ...LIMITS,
      redirectsMax: 2,
    }),
    /redirects more than 2 times/,
  );
  assert.equal(asked.length, 3);
});

Deno.test("an answer over the limit is cut off, with and without a length", async () => {
  for (const headers of [{ "content-length": "11" }, {}] as HeadersInit[]) {
    let isCancelled = false;
    const { effects } = world(() => {
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(6)),
        cancel: () => void (isCancelled = true),
      });
      return new Response(body, { headers });
    });
    await assert.rejects(
      guardedFetch(effects, { url: "http://a.example/", method: "GET" }, {
        ...LIMITS,
        answerBytesMax: 10,
      }),
      /larger than the limit of 10 bytes/,
    );
    assert.equal(isCancelled, true);
  }
});

Deno.test("a long answer is cut off where that is asked for", async () => {
  const { effects } = world(() => new Response("0123456789ABC"));
  const { body } = await guardedFetch(
    effects,
    { url: "http://a.example/", method: "GET" },
    { ...LIMITS, answerBytesMax: 10, longAnswer: "cut" },
  );
  assert.equal(new TextDecoder().decode(body), "0123456789");
});

Deno.test("a request that cannot be made is final", async () => {
  const { effects, asked } = world(() => new Response());
  const url = "http://a.example/";
  for (
    const request of [
      { url, method: "GET", body: "x" },
      { url, method: "GET", headers: { "x-a": "b\r\nc: d" } },
      { url, method: "GET", headers: { "x a": "b" } },
    ]
  ) {
    await assert.rejects(
      guardedFetch(effects, request, LIMITS),
      (error) => error instanceof TerminalError,
    );
  }
  assert.equal(asked.length, 0);
});

Deno.test("a call that takes too long is given up, and may be tried again", async () => {
  const { effects } = world(() => new Promise<Response>(() => {}));
  const call = guardedFetch(effects, {
    url: "https://user:pass@a.example/b?key=secret",
    method: "GET",
  }, LIMITS);
  const rejected = assert.rejects(call, (error) => {
    assert.ok(error instanceof RetryableError);
    assert.equal(
      error.message,
      "Cannot wait for GET https://a.example/b any longer: the limit is 1000 ms",
    );
    return true;
  });
  await effects.advance(1_000);
  await rejected;
});

Deno.test("a call ends with the reason of its signal", async () => {
  const { effects } = world(() => new Promise<Response>(() => {}));
  const controller = new AbortController();
  const call = guardedFetch(effects, {
    url: "https://a.example/",
    method: "GET",
  }, { timeoutMs: 1_000, signal: controller.signal });
  const rejected = assert.rejects(call, /the run is cancelled/);
  await effects.advance(0);
  controller.abort(new Error("the run is cancelled"));
  await rejected;
  assert.equal(effects.timers, 0);
});

Deno.test("a name that cannot be resolved may be tried again", async () => {
  const effects = simulatedEffects();
  await assert.rejects(
    guardedFetch(effects, { url: "https://a.example/", method: "GET" }, LIMITS),
    (error) => {
      assert.ok(error instanceof RetryableError);
      assert.match(error.message, /^Cannot reach https:\/\/a\.example\/: /);
      return true;
    },
  );
});
