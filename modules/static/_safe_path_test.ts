import assert from "node:assert/strict";
import { posix } from "node:path";
import fc from "fast-check";
import { isHidden, safePath } from "./_safe_path.ts";

Deno.test("safePath() reads ordinary paths, decoded once", () => {
  const cases = [
    ["", ""],
    ["a/b.txt", "a/b.txt"],
    ["a//b/./c/", "a/b/c"],
    ["caf%C3%A9/100%25.txt", "café/100%.txt"],
    ["a..b/...", "a..b/..."],
    ["a%20b", "a b"],
  ] as const;
  for (const [encoded, name] of cases) {
    assert.deepEqual(safePath(encoded), { kind: "path", name }, encoded);
  }
});

Deno.test("safePath() refuses every way out of the folder", () => {
  const ways = [
    "..",
    "../etc/passwd",
    "a/../../etc",
    "%2e%2e/etc",
    "%2E%2e%2fetc",
    "..%2f..%2fetc",
    "%252e%252e/etc",
    "%252e%252e%252fetc",
    "%25252e",
    "..\\etc",
    "..%5cetc",
    "..%255cetc",
    "a\\b",
    "C:/windows",
    "c:windows",
    "a/C:/windows",
  ];
  for (const way of ways) {
    assert.notEqual(safePath(way).kind, "path", way);
  }
});

Deno.test("safePath() cannot read what is no text, or has control characters", () => {
  for (const way of ["%", "%zz", "%ff%fe", "a%00.txt", "a\u0000", "a%0d%0a"]) {
    assert.deepEqual(safePath(way), { kind: "malformed" }, way);
  }
});

Deno.test("safePath() never gives a name outside, whatever is sent", () => {
  const piece = fc.constantFrom(
    "..",
    ".",
    "/",
    "\\",
    "%2e",
    "%2f",
    "%5c",
    "%252e",
    "%252f",
    "%00",
    "a",
    "é",
    ":",
    "C:",
    "%",
  );
  fc.assert(
    fc.property(fc.array(piece).map((pieces) => pieces.join("")), (encoded) => {
      const safe = safePath(encoded);
      if (safe.kind !== "path") return;
      const resolved = posix.resolve("/root", safe.name);
      assert.ok(resolved === "/root" || resolved.startsWith("/root/"));
      assert.ok(!safe.name.includes("\\") && !safe.name.includes("\0"));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("isHidden() knows hidden names in any place, but not .well-known", () => {
  for (const name of [".env", "a/.git/config", ".well-known/.x"]) {
    assert.equal(isHidden(name), true, name);
  }
  for (const name of ["", "a/b.txt", ".well-known/security.txt", "a."]) {
    assert.equal(isHidden(name), false, name);
  }
});
