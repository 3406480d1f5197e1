import assert from "node:assert/strict";
import { ADDRESS_OR_NETWORK, loadClientAddress } from "./_client_address.ts";

Deno.test("loadClientAddress() believes no header where nobody is trusted", async () => {
  const clientAddress = await loadClientAddress([]);
  assert.equal(clientAddress("203.0.113.9", "192.0.2.1"), "203.0.113.9");
});

Deno.test("loadClientAddress() takes the last address that is no trusted proxy", async () => {
  const clientAddress = await loadClientAddress(["10.0.0.0/8", "::1"]);
  const cases = [
    // What the client has sent itself stands left of what the proxy adds.
    ["10.1.1.1", "1.1.1.1, 192.0.2.1", "192.0.2.1"],
    ["10.1.1.1", "192.0.2.1, 10.2.2.2", "192.0.2.1"],
    ["::1", "192.0.2.1", "192.0.2.1"],
    ["::ffff:10.1.1.1", "192.0.2.1", "192.0.2.1"],
    // Not a proxy: its header is its own invention.
    ["203.0.113.9", "192.0.2.1", "203.0.113.9"],
    ["10.1.1.1", null, "10.1.1.1"],
    ["10.1.1.1", "not an address", "10.1.1.1"],
    ["10.1.1.1", "10.2.2.2", "10.2.2.2"],
  ] as const;
  for (const [peer, header, expected] of cases) {
    assert.equal(clientAddress(peer, header), expected, `${peer} ${header}`);
  }
});

Deno.test("loadClientAddress() refuses what only looks like an address", async () => {
  await assert.rejects(
    loadClientAddress(["999.1.1.1"]),
    /Cannot trust "999.1.1.1": it is neither an address nor a network/,
  );
});

Deno.test("ADDRESS_OR_NETWORK accepts addresses and networks only", () => {
  const good = ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "::ffff:10.0.0.1"];
  const bad = [
    "",
    "10.0.0",
    "10.0.0.0/33",
    "localhost",
    "fd00::/129",
    "10.0.0.1:80",
  ];
  for (const text of good) assert.match(text, ADDRESS_OR_NETWORK);
  for (const text of bad) assert.doesNotMatch(text, ADDRESS_OR_NETWORK);
});

Deno.test("ADDRESS_OR_NETWORK takes no longer for a hostile text", () => {
  for (const text of [":".repeat(200_000), "0:".repeat(100_000)]) {
    assert.doesNotMatch(`${text}x`, ADDRESS_OR_NETWORK);
  }
});
