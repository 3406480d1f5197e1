import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanPath, isClean, locationOf } from "./_clean_path.ts";

Deno.test("cleanPath() removes empty and dot segments", () => {
  const cases = [
    ["/", "/"],
    ["//", "/"],
    ["/a//b", "/a/b"],
    ["//evil.example/x", "/evil.example/x"],
    ["/a/./b/../c", "/a/c"],
    ["/../../a", "/a"],
    ["/a/", "/a/"],
    ["/a//", "/a/"],
    ["/a/..", "/"],
    ["/a/%2e%2E/b", "/b"],
    ["/a/.%2e/b", "/b"],
    ["/.a/..b/...", "/.a/..b/..."],
  ] as const;
  for (const [path, clean] of cases) assert.equal(cleanPath(path), clean, path);
});

Deno.test("isClean() holds for what cleanPath() leaves alone, and only that", () => {
  const segment = fc.constantFrom(
    "",
    "a",
    ".",
    "..",
    "%2e",
    ".%2E",
    "%2f",
    "…",
  );
  fc.assert(fc.property(fc.array(segment), (segments) => {
    const path = `/${segments.join("/")}`;
    const clean = cleanPath(path);
    assert.equal(isClean(path), clean === path, path);
    assert.ok(isClean(clean));
  }));
});

/** Any UTF-16 code units, also halves of pairs. */
const anyText = fc.array(fc.nat(0xffff))
  .map((codes) => String.fromCharCode(...codes));

Deno.test("locationOf() keeps the query and never leads to another site", () => {
  assert.equal(locationOf("/a", "http://x//a?b=c&d#e"), "/a?b=c&d");
  assert.equal(
    locationOf("/\\evil.example", "http://x/./\\evil.example"),
    "/%5Cevil.example",
  );
  assert.equal(locationOf("/é\t", "http://x/"), "/%C3%A9%09");
  fc.assert(fc.property(anyText, (text) => {
    const location = locationOf(cleanPath(`/${text}`), `http://x/?${text}`);
    assert.match(location, /^\/(?![/\\])[\x21-\x7e]*$/);
    const url = new URL(location, "http://here.example/");
    assert.equal(url.origin, "http://here.example");
  }));
});
