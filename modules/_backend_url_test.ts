import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { backendUrl, below, targetOf } from "./_backend_url.ts";

/** A request whose URL is as it came over the wire, not as a browser tidies it. */
function contextOf(rawPath: string): HttpContext {
  const request = new Request("http://localhost/");
  Object.defineProperty(request, "url", {
    value: `http://localhost${rawPath}`,
  });
  return new HttpContext(request);
}

Deno.test("backendUrl() accepts addresses of servers only", () => {
  const good = [
    "http://users:8080",
    "https://a.example/base/",
    "http://[::1]:80",
  ];
  const bad = [
    "",
    "users:8080",
    "ftp://users",
    "file:///etc/passwd",
    "http://",
    "http://user:pass@users",
    "http://users/?a=1",
    "http://users/#a",
    "http://a b/",
    "http://[::zz]/",
    "http://users:99999",
  ];
  for (const url of good) assert.ok(backendUrl().safeParse(url).success, url);
  for (const url of bad) assert.ok(!backendUrl().safeParse(url).success, url);
});

Deno.test("targetOf() resolves what leads out of a folder, however it is written", () => {
  const ways = [
    "/public/../private",
    "/public/%2e%2e/private",
    "/public/%2E./private",
    "/public\\..\\private",
  ];
  for (const path of ways) {
    assert.equal(targetOf(contextOf(path)).path, "/private", path);
  }
});

Deno.test("targetOf() keeps the query and what is encoded", () => {
  assert.deepEqual(targetOf(contextOf("/a%2Fb/%C3%A4?x=1&y=%20?")), {
    path: "/a%2Fb/%C3%A4",
    query: "?x=1&y=%20?",
  });
});

Deno.test("targetOf() never takes a part of the path for a host", () => {
  const target = targetOf(contextOf("//evil.example/x"));
  const url = below(new URL("http://users:8080"), target);
  assert.equal(url.href, "http://users:8080//evil.example/x");
});

Deno.test("below() puts the path behind that of the backend", () => {
  const cases = [
    ["http://users:8080", "http://users:8080/a/b?c=d"],
    ["http://users:8080/", "http://users:8080/a/b?c=d"],
    ["http://users:8080/v1", "http://users:8080/v1/a/b?c=d"],
    ["http://users:8080/v1/", "http://users:8080/v1/a/b?c=d"],
  ] as const;
  for (const [backend, expected] of cases) {
    const url = below(new URL(backend), { path: "/a/b", query: "?c=d" });
    assert.equal(url.href, expected);
  }
});
