import assert from "node:assert/strict";
import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { addressBytes, nonPublicReason } from "./public_address.ts";

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((parts) =>
  parts.join(".")
);

/** The ranges as another implementation reads them. */
const blocked = new BlockList();
for (
  const [start, bits] of [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const
) blocked.addSubnet(start, bits, "ipv4");

/** Addresses near the edges of ranges come up as often as any. */
const tricky = fc.oneof(
  ipv4,
  fc.tuple(
    fc.constantFrom(9, 10, 11, 100, 126, 127, 128, 169, 172, 192, 198, 203),
    octet,
    octet,
    octet,
  ).map((parts) => parts.join(".")),
  fc.tuple(
    fc.constantFrom(
      "100.63",
      "100.64",
      "100.127",
      "100.128",
      "172.15",
      "172.16",
      "172.31",
      "172.32",
      "192.168",
      "192.167",
      "169.254",
      "198.17",
      "198.18",
      "198.19",
      "198.20",
    ),
    octet,
    octet,
  ).map((parts) => parts.join(".")),
);

Deno.test("nonPublicReason() of IPv4 agrees with a block list of the ranges", () => {
  fc.assert(
    fc.property(tricky, (address) => {
      assert.equal(
        nonPublicReason(address) !== undefined,
        blocked.check(address, "ipv4"),
        address,
      );
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("nonPublicReason() judges an embedded IPv4 address by itself", () => {
  fc.assert(fc.property(tricky, (address) => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
    const high = ((a << 8) | b).toString(16);
    const low = ((c << 8) | d).toString(16);
    const forms = [
      `::ffff:${address}`,
      `::FFFF:${high}:${low}`,
      `0:0:0:0:0:ffff:${high}:${low}`,
      `64:ff9b::${address}`,
      `2002:${high}:${low}::1`,
    ];
    for (const form of forms) {
      assert.equal(nonPublicReason(form), nonPublicReason(address), form);
    }
  }));
});

Deno.test("no address of IPv6 outside of 2000::/3 is public, unless it embeds one", () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const eight = fc.array(group, { minLength: 8, maxLength: 8 })
    .filter(([first = 0]) => (first & 0xe000) !== 0x2000 && first !== 0x64)
    .filter((groups) => groups.slice(0, 5).some((value) => value !== 0));
  fc.assert(fc.property(eight, (groups) => {
    const text = groups.map((value) => value.toString(16)).join(":");
    assert.notEqual(nonPublicReason(text), undefined, text);
  }));
});

for (
  const [address, reason] of [
    ["::1", "loopback"],
    ["::", "unspecified"],
    ["fc00::1", "private"],
    ["fdff:1::", "private"],
    ["fe80::1", "link-local"],
    ["febf::1", "link-local"],
    ["ff02::1", "multicast"],
    ["::127.0.0.1", "reserved"],
    ["64:ff9b:1::1", "reserved"],
    ["2001:db8::1", "documentation"],
    ["2001::1", "protocol assignments"],
    ["127.0.0.1", "loopback"],
    ["169.254.169.254", "link-local"],
    ["255.255.255.255", "reserved"],
    ["fe80::1%eth0", "unreadable"],
    ["0127.0.0.1", "unreadable"],
    ["127.1", "unreadable"],
    ["", "unreadable"],
    ["1.1.1.1", undefined],
    ["2606:4700:4700::1111", undefined],
    ["::ffff:1.1.1.1", undefined],
  ] as const
) {
  Deno.test(`"${address}" is ${reason ?? "public"}`, () => {
    assert.equal(nonPublicReason(address), reason);
  });
}

Deno.test("addressBytes() reads what the platform reads, and nothing else", () => {
  const text = fc.oneof(
    ipv4,
    fc.ipV6(),
    fc.string({
      unit: fc.constantFrom("0", "1", "f", ":", ".", "2"),
      maxLength: 12,
    }),
  );
  fc.assert(
    fc.property(text, (address) => {
      assert.equal(addressBytes(address) !== undefined, isIP(address) !== 0);
    }),
    { numRuns: 2_000 },
  );
});
