import assert from "node:assert/strict";
import { parseAddress, urlOf } from "./_address.ts";

Deno.test("parseAddress() reads hosts, ports and both", () => {
  const cases = [
    [":8080", "0.0.0.0", 8080],
    ["localhost:0", "localhost", 0],
    ["127.0.0.1:65535", "127.0.0.1", 65535],
    ["[::1]:80", "::1", 80],
    ["[::]", "::", undefined],
    ["my-host.example", "my-host.example", undefined],
  ] as const;
  for (const [text, hostname, port] of cases) {
    assert.deepEqual(parseAddress(text), { hostname, port }, text);
  }
});

Deno.test("parseAddress() refuses what is no address", () => {
  for (
    const text of [
      "",
      " ",
      "::1:80",
      "a:b",
      ":65536",
      "a:",
      "http://a:80",
      "[x]:1",
    ]
  ) assert.equal(parseAddress(text), undefined, text);
});

Deno.test("urlOf() leads to this machine where the address means all of them", () => {
  assert.equal(urlOf({ hostname: "0.0.0.0", port: 80 }), "http://127.0.0.1:80");
  assert.equal(urlOf({ hostname: "::", port: 80 }), "http://[::1]:80");
  assert.equal(urlOf({ hostname: "a", port: 80 }), "http://a:80");
});
