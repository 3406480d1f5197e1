import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { ObjectStorage } from "@engine/services/object_storage.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import { credentialsOf } from "./_credentials.ts";
import { FRESH_MS } from "./_watch.ts";
import s3 from "./s3.ts";

type Json = Parameters<Actions["act"]>[1];

const NEVER = new AbortController().signal;
const MIB = 1024 * 1024;
const PAGE = "<ListBucketResult><IsTruncated>false</IsTruncated>" +
  "</ListBucketResult>";

type Answer = (request: Request) => Response | Promise<Response>;

/** An application whose server is a function; looks at the bucket are answered. */
async function start(answer: Answer, config: Json = {}) {
  const asked: Request[] = [];
  const effects = simulatedEffects({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith("max-keys=1")) return new Response(PAGE);
      asked.push(request.clone());
      return await answer(request);
    },
  });
  const credentials = { accessKeyId: "the-key", secretAccessKey: "the-secret" };
  const app = await startApplication({
    document: {
      modules: [{
        name: "store",
        type: "storage.s3",
        config: { bucket: "shop", ...credentials, ...config },
      }],
    },
    definitions: [s3],
    effects,
  });
  return {
    app,
    asked,
    effects,
    act: (action: string, input: Json, signal = NEVER) =>
      app.service(Actions).act(action, input, { signal, idempotencyKey: "k" }),
    health: () => app.service(HealthReporter).health(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const written = () => new Response(null, { headers: { etag: '"1"' } });

function refusal(status: number, code: string, headers = {}) {
  const body = `<Error><Code>${code}</Code><Message>No &amp; no</Message>` +
    "</Error>";
  return new Response(body, { status, headers });
}

/** Lets simulated time pass until the work is over. */
async function over<T>(
  { effects }: Awaited<ReturnType<typeof start>>,
  work: Promise<T>,
): Promise<T> {
  let isOver = false;
  const done = () => isOver = true;
  work.then(done, done);
  while (!isOver) await effects.advance(100);
  return await work;
}

Deno.test("storage.s3 addresses Amazon by host, and other servers by path", async () => {
  const cases: readonly (readonly [Json, string])[] = [
    [{}, "https://shop.s3.us-east-1.amazonaws.com/a%20b/%C3%BC%2B%21"],
    [
      { region: "eu-west-1", forcePathStyle: true, prefix: "p/" },
      "https://s3.eu-west-1.amazonaws.com/shop/p/a%20b/%C3%BC%2B%21",
    ],
    [
      { bucket: "my.shop" },
      "https://s3.us-east-1.amazonaws.com/my.shop/a%20b/%C3%BC%2B%21",
    ],
    [
      { endpoint: "http://files.example.com:9000/s3/" },
      "http://files.example.com:9000/s3/shop/a%20b/%C3%BC%2B%21",
    ],
    [
      { endpoint: "http://files.example.com:9000", forcePathStyle: false },
      "http://shop.files.example.com:9000/a%20b/%C3%BC%2B%21",
    ],
  ];
  for (const [config, url] of cases) {
    await using world = await start(written, config);
    await world.act("put", { key: "a b/ü+!", text: "" });
    assert.equal(world.asked[0]?.url, url);
  }
});

Deno.test("storage.s3 signs what it sends, with the token of the credentials", async () => {
  await using world = await start(written, { sessionToken: "the-token" });
  await world.act("put", { key: "a", text: "tea", metadata: { by: "me" } });
  const headers = world.asked[0]?.headers;
  assert.equal(headers?.get("x-amz-security-token"), "the-token");
  assert.match(
    headers?.get("authorization") ?? "",
    /^AWS4-HMAC-SHA256 Credential=the-key\/20231114\/us-east-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-by;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
});

Deno.test("storage.s3 tries again what fails for now, after waits that grow", async () => {
  const answers = [
    () => refusal(503, "SlowDown"),
    () => refusal(400, "RequestTimeout"),
    () => new Response("busy", { status: 500 }),
    written,
  ];
  const atMs: number[] = [];
  await using world = await start(() => {
    atMs.push(world.effects.clock.elapsed());
    return answers.shift()?.() ?? written();
  });
  await over(world, world.act("put", { key: "a", text: "" }));
  const waits = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
  assert.equal(waits.length, 3);
  for (const [index, longest] of [200, 400, 800].entries()) {
    const wait = waits[index] ?? 0;
    assert.ok(wait >= longest / 2 && wait <= longest + 1, `${waits}`);
  }
});

Deno.test("storage.s3 gives up after its retries, and says why", async () => {
  await using world = await start(() => refusal(500, "InternalError"));
  await assert.rejects(
    over(world, world.act("put", { key: 'a"', text: "" })),
    (error) => {
      assert.ok(error instanceof RetryableError);
      assert.equal(
        error.message,
        'Cannot put "a\\"" into "shop": InternalError: No & no (HTTP 500)',
      );
      return true;
    },
  );
  assert.equal(world.asked.length, 4);
});

Deno.test("storage.s3 waits as long as it is asked to, or passes that on", async () => {
  let seconds = "5";
  const answer = () => refusal(503, "SlowDown", { "retry-after": seconds });
  await using world = await start(answer, { maxRetries: 1 });
  const before = world.effects.clock.elapsed();
  await assert.rejects(over(world, world.act("delete", { key: "a" })));
  assert.ok(world.effects.clock.elapsed() - before >= 5_000);
  seconds = "3600";
  await assert.rejects(
    over(world, world.act("delete", { key: "a" })),
    { retryAfterMs: 3_600_000 },
  );
  assert.equal(world.asked.length, 3);
});

Deno.test("storage.s3 says where a bucket is instead, and does not follow", async () => {
  const headers = { "x-amz-bucket-region": "eu-west-1", location: "http://x/" };
  await using world = await start(() =>
    refusal(301, "PermanentRedirect", headers)
  );
  await assert.rejects(world.act("get", { key: "a" }), (error) => {
    assert.ok(error instanceof TerminalError);
    assert.match(
      error.message,
      /PermanentRedirect.*the bucket is in "eu-west-1"/,
    );
    return true;
  });
  assert.equal(world.asked.length, 1);
});

Deno.test("storage.s3 gives a server that does not answer a time limit", async () => {
  await using world = await start(() => new Promise(() => {}), {
    timeout: "2s",
    maxRetries: 0,
  });
  await assert.rejects(over(world, world.act("get", { key: "a" })), {
    name: "RetryableError",
    message: 'Cannot get "a" from "shop": https://shop.s3.us-east-1.amazonaws' +
      ".com takes longer than the limit of 2000 ms",
  });
});

Deno.test("storage.s3 names what a malformed answer lacks", async () => {
  const page = "<html>it works</html>";
  const foreign = "<ListBucketResult><Contents><Key>b/x</Key></Contents>" +
    "</ListBucketResult>";
  const cases: readonly (readonly [string, Json, string, RegExp])[] = [
    ["list", {}, page, /no list \(HTTP 200, "<html>it works<\/html>"\)/],
    ["list", {}, foreign, /no key of its prefix/],
    ["list", {}, "<ListBucketResult>", /no list/],
    ["put", { key: "a", text: "" }, "", /no ETag/],
    ["get", { key: "a" }, page, /no ETag/],
  ];
  for (const [action, input, body, message] of cases) {
    await using world = await start(() => new Response(body), {
      maxRetries: 1,
      prefix: "a/",
    });
    await assert.rejects(over(world, world.act(action, input)), (error) => {
      assert.ok(error instanceof RetryableError, String(error));
      assert.match(error.message, message);
      return true;
    });
    assert.equal(world.asked.length, 2);
  }
});

/** Answers an upload in parts; `last` answers its completion. */
function uploads(last: Answer): Answer {
  return (request) => {
    const { searchParams } = new URL(request.url);
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    if (searchParams.has("uploads")) {
      return new Response("<R><UploadId>u&amp;1</UploadId></R>");
    }
    return searchParams.has("partNumber") ? written() : last(request);
  };
}

const LARGE = { partSize: 5 * MIB, multipartThreshold: 6 * MIB };

function putLarge(world: Awaited<ReturnType<typeof start>>, signal = NEVER) {
  const options = { contentType: "a/b", signal };
  const body = new Uint8Array(11 * MIB);
  return world.app.service(ObjectStorage).put("a", body, options);
}

Deno.test("storage.s3 puts an object together of its parts, in order", async () => {
  const completed = () => new Response('<R><ETag>"whole-3"</ETag></R>');
  await using world = await start(uploads(completed), LARGE);
  assert.equal(await putLarge(world), "whole-3");
  const seen = world.asked.map(({ method, url }) =>
    `${method} ${new URL(url).search}`
  );
  assert.deepEqual(seen, [
    "POST ?uploads=",
    ...[1, 2, 3].map((part) => `PUT ?partNumber=${part}&uploadId=u%261`),
    "POST ?uploadId=u%261",
  ]);
  assert.equal(world.asked[0]?.headers.get("content-type"), "a/b");
  const list = await world.asked.at(-1)?.text();
  assert.match(list ?? "", /<PartNumber>3<\/PartNumber><ETag>1<\/ETag>/);
});

Deno.test("storage.s3 does not take a 200 that holds an error for a success", async () => {
  let isLate = true;
  const answer = () => {
    if (!isLate) return new Response("<R><ETag>x</ETag></R>");
    isLate = false;
    return refusal(200, "InternalError");
  };
  await using world = await start(uploads(answer), LARGE);
  assert.equal(await over(world, putLarge(world)), "x");
});

Deno.test("storage.s3 removes the parts of an upload that fails or is given up", async () => {
  const refused = await start(
    uploads(() => refusal(403, "AccessDenied")),
    LARGE,
  );
  await assert.rejects(putLarge(refused), /AccessDenied/);
  assert.equal(refused.asked.at(-1)?.method, "DELETE");
  await refused.app.stop();

  const gone = await start(uploads(() => refusal(404, "NoSuchUpload")), LARGE);
  await assert.rejects(putLarge(gone), RetryableError);
  await gone.app.stop();

  const { signal, abort } = abortable();
  const hanging = await start(
    uploads(() => {
      abort();
      return new Promise(() => {});
    }),
    LARGE,
  );
  await assert.rejects(over(hanging, putLarge(hanging, signal)), /enough/);
  assert.equal(hanging.asked.at(-1)?.method, "DELETE");
  await hanging.app.stop();
});

function abortable() {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error("enough"));
  return { signal: controller.signal, abort };
}

Deno.test("storage.s3 lets what is under way finish when it stops", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const world = await start(() => promise);
  const put = world.act("put", { key: "a", text: "" });
  await world.effects.advance(0);
  const stopped = world.app.stop();
  await world.effects.advance(1_000);
  resolve(written());
  assert.deepEqual(await put, { key: "a", etag: "1" });
  await stopped;
});

Deno.test("storage.s3 breaks off what does not finish when it stops", async () => {
  const world = await start(() => new Promise(() => {}));
  const put = assert.rejects(world.act("put", { key: "a", text: "" }), {
    message: "The application stops",
  });
  await world.effects.advance(0);
  const stopped = world.app.stop();
  await world.effects.advance(5_000);
  await put;
  await stopped;
});

Deno.test("storage.s3 archives under a key that a template makes", async () => {
  await using world = await start(written, {
    key: "${{ date }}/${{ payload.customer }}/${{ id }}",
  });
  const handler = world.app.service(MessageHandler);
  const message = {
    id: "m1",
    topic: "ü.paid",
    publishedAt: 1_700_000_000_000,
    attempt: 1,
  };
  await handler.receive({ ...message, payload: { customer: "c 1" } });
  const [request] = world.asked;
  assert.match(request?.url ?? "", /\/2023-11-14\/c%201\/m1$/);
  assert.equal(request?.headers.get("x-amz-meta-topic"), "%C3%BC.paid");
  assert.equal(await request?.text(), '{"customer":"c 1"}');
  await assert.rejects(
    async () => await handler.receive({ ...message, payload: {} }),
    TerminalError,
  );
  await assert.rejects(
    async () =>
      await handler.receive({ ...message, payload: { customer: ".." } }),
    TerminalError,
  );
});

Deno.test("storage.s3 without credentials starts, and says that there are none", async () => {
  await using world = await start(written, {
    accessKeyId: undefined,
    secretAccessKey: undefined,
  });
  await assert.rejects(world.act("get", { key: "a" }), {
    name: "TerminalError",
    message: /there are no credentials/,
  });
  assert.equal((await world.health()).status, "degraded");
});

Deno.test("credentialsOf() takes those of the environment where the config has none", () => {
  const variables: Readonly<Record<string, string>> = {
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_SESSION_TOKEN: "",
  };
  const env = (name: string) => variables[name];
  const found = { accessKeyId: "a", secretAccessKey: "b" };
  assert.deepEqual(credentialsOf({}, env), found);
  const own = { accessKeyId: "c", secretAccessKey: "d", sessionToken: "e" };
  assert.deepEqual(credentialsOf(own, env), own);
  assert.equal(credentialsOf({}, () => undefined), undefined);
});

Deno.test("storage.s3 refuses half of the credentials, and a template that cannot be", async () => {
  const cases: readonly (readonly [Json, RegExp])[] = [
    [
      { secretAccessKey: undefined },
      /accessKeyId and secretAccessKey together/,
    ],
    [{ accessKeyId: undefined }, /accessKeyId and secretAccessKey together/],
    [{ key: "${{ topik }}" }, /topik/],
    [{ timeout: "0" }, /longer than 0/],
    [{ bucket: "a/b" }, /expected the name of a bucket/],
  ];
  for (const [config, message] of cases) {
    await assert.rejects(start(written, config), message);
  }
});

Deno.test("storage.s3 is healthy again with the first look that succeeds", async () => {
  let page: Answer = () => refusal(403, "AccessDenied");
  const effects = simulatedEffects({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return request.method === "GET" ? await page(request) : written();
    },
  });
  await using app = await startApplication({
    document: {
      modules: [{
        name: "store",
        type: "storage.s3",
        config: { bucket: "shop", accessKeyId: "a", secretAccessKey: "b" },
      }],
    },
    definitions: [s3],
    effects,
  });
  const health = async () => {
    await effects.advance(FRESH_MS);
    return (await app.service(HealthReporter).health()).status;
  };
  assert.equal(await health(), "degraded");
  // Who may write and not list does what it is for.
  const put = { key: "a", text: "" };
  const context = { signal: NEVER, idempotencyKey: "k" };
  await app.service(Actions).act("put", put, context);
  assert.equal(await health(), "healthy");
  page = () => new Response("", { status: 502 });
  assert.equal(await health(), "degraded");
  page = () => new Response(PAGE);
  assert.equal(await health(), "healthy");
});
