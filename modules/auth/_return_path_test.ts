import assert from "node:assert/strict";
import fc from "fast-check";
import { returnPath } from "./_return_path.ts";

Deno.test("returnPath() keeps a path of this host", () => {
  for (const path of ["/", "/a/b?c=d&e=//x#f", "/ü", "/a:b", "/@evil"]) {
    assert.equal(returnPath(path), new URL(path, "http://h").href.slice(8));
  }
  assert.equal(returnPath("/a/../b"), "/b");
});

Deno.test("returnPath() refuses what leads elsewhere", () => {
  const refused = [
    "",
    "a",
    "https://evil.example.com",
    "//evil.example.com",
    "/\\evil.example.com",
    "\\\\evil.example.com",
    "/\t/evil.example.com",
    "/\n/evil.example.com",
    "/.//evil.example.com",
    "/a/..//evil.example.com",
    "javascript:alert(1)",
    " /a",
    `/${"a".repeat(1_000)}`,
  ];
  for (const text of refused) {
    assert.equal(returnPath(text), undefined, JSON.stringify(text));
  }
});

Deno.test("returnPath() never leaves the host, whatever the text", () => {
  const part = fc.constantFrom(
    "/",
    "\\",
    "..",
    ".",
    ":",
    "@",
    "?",
    "#",
    "\t",
    "evil.com",
    "%2f",
    "a",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = returnPath(parts.join(""));
      if (path === undefined) return;
      assert.equal(
        new URL(path, "https://shop.example.com").host,
        "shop.example.com",
      );
    }),
    { numRuns: 2_000 },
  );
});
