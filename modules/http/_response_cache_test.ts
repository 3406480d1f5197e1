import assert from "node:assert/strict";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import {
  CACHE_BODY_BYTES_MAX,
  CACHE_BYTES_MAX,
  CACHE_ENTRIES_MAX,
  ResponseCache,
} from "./_response_cache.ts";

function create(ttlMs = 60_000) {
  const effects = simulatedEffects();
  return { effects, cache: new ResponseCache(effects.clock, ttlMs) };
}

Deno.test("ResponseCache keeps an answer as it streams by, and tells its age", async () => {
  const { effects, cache } = create();
  const answer = new Response("hello", { headers: { "x-kind": "greeting" } });
  const passed = cache.keep("k", answer);
  assert.equal(cache.get("k"), undefined);
  assert.equal(await passed.text(), "hello");
  assert.equal(passed.headers.get("x-kind"), "greeting");
  await effects.advance(2_500);
  const kept = cache.get("k");
  assert.equal(await kept?.text(), "hello");
  assert.equal(kept?.headers.get("x-kind"), "greeting");
  assert.equal(kept?.headers.get("age"), "2");
  // A second reader gets all of it again.
  assert.equal(await cache.get("k")?.text(), "hello");
});

Deno.test("ResponseCache forgets an answer when its time is over", async () => {
  const { effects, cache } = create(10_000);
  await cache.keep("k", new Response("hello")).text();
  await effects.advance(9_999);
  assert.ok(cache.get("k"));
  await effects.advance(1);
  assert.equal(cache.get("k"), undefined);
});

Deno.test("ResponseCache keeps an answer no longer than the backend allows", async () => {
  const { effects, cache } = create();
  const headers = { "cache-control": "public, max-age=5" };
  await cache.keep("k", new Response("hello", { headers })).text();
  await effects.advance(5_000);
  assert.equal(cache.get("k"), undefined);
});

Deno.test("ResponseCache does not keep what is not for everybody", async () => {
  const { cache } = create();
  const answers = [
    new Response("a", { status: 404 }),
    new Response("a", { status: 206 }),
    new Response("a", { headers: { "set-cookie": "a=1" } }),
    new Response("a", { headers: { vary: "Accept-Encoding, Cookie" } }),
    new Response("a", { headers: { vary: "*" } }),
    new Response("a", { headers: { "cache-control": "private" } }),
    new Response("a", { headers: { "cache-control": "no-store" } }),
    new Response("a", { headers: { "cache-control": "No-Cache" } }),
    new Response("a", { headers: { "cache-control": "max-age=0" } }),
  ];
  for (const answer of answers) {
    await cache.keep("k", answer).text();
    assert.equal(cache.get("k"), undefined);
  }
  const varies = new Response("a", { headers: { vary: "Accept-Encoding" } });
  await cache.keep("k", varies).text();
  assert.ok(cache.get("k"));
});

Deno.test("ResponseCache concerns plain GETs without credentials only", () => {
  const { cache } = create();
  const concerns = (headers: Record<string, string>, method = "GET") =>
    cache.concerns(new Request("http://localhost/", { method, headers }));
  assert.equal(concerns({}), true);
  assert.equal(concerns({}, "HEAD"), false);
  assert.equal(concerns({}, "POST"), false);
  for (
    const name of [
      "authorization",
      "cookie",
      "range",
      "if-none-match",
      "origin",
      "x-original-url",
      "x-rewrite-url",
      "x-http-method-override",
    ]
  ) assert.equal(concerns({ [name]: "x" }), false, name);
  assert.equal(concerns({ "cache-control": "no-cache" }), false);
});

Deno.test("ResponseCache does not keep a body that breaks off or is left", async () => {
  const { cache } = create();
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(3));
      controller.error(new Error("Cannot go on"));
    },
  });
  await assert.rejects(cache.keep("k", new Response(broken)).text());
  assert.equal(cache.get("k"), undefined);
  await cache.keep("k", new Response("hello")).body?.cancel();
  assert.equal(cache.get("k"), undefined);
});

Deno.test("ResponseCache passes on what is too long to keep", async () => {
  const { cache } = create();
  const long = "x".repeat(CACHE_BODY_BYTES_MAX + 1);
  assert.equal(await cache.keep("k", new Response(long)).text(), long);
  assert.equal(cache.get("k"), undefined);
  const fits = "x".repeat(CACHE_BODY_BYTES_MAX);
  await cache.keep("k", new Response(fits)).text();
  assert.ok(cache.get("k"));
});

Deno.test("ResponseCache keeps no more answers than it may", async () => {
  const { cache } = create();
  for (let i = 0; i <= CACHE_ENTRIES_MAX; i++) {
    await cache.keep(`k${i}`, new Response("x")).text();
  }
  assert.equal(cache.get("k0"), undefined);
  assert.ok(cache.get("k1"));
  assert.ok(cache.get(`k${CACHE_ENTRIES_MAX}`));
});

Deno.test("ResponseCache keeps no more bytes than it may, however often a key comes", async () => {
  const { cache } = create();
  const body = new Uint8Array(CACHE_BODY_BYTES_MAX);
  const fit = CACHE_BYTES_MAX / CACHE_BODY_BYTES_MAX;
  for (let i = 0; i < 3 * fit; i++) {
    await cache.keep("same", new Response(body)).bytes();
  }
  for (let i = 1; i < fit; i++) {
    await cache.keep(`k${i}`, new Response(body)).bytes();
  }
  assert.ok(cache.get("same"));
  await cache.keep("last", new Response(body)).bytes();
  assert.equal(cache.get("same"), undefined);
  assert.ok(cache.get("last"));
});
