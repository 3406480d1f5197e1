/**
 * Tells the addresses of the public internet from those that lead into a
 * machine or a private network. Fails closed: what cannot be read is not public.
 *
 * @module
 */

/** A range of IPv4 that is not public: its first address, and its bits. */
type Range = readonly [name: string, start: string, bits: number];

/** https://www.iana.org/assignments/iana-ipv4-special-registry */
const IPV4_RANGES: readonly Range[] = [
  ["this network", "0.0.0.0", 8],
  ["private", "10.0.0.0", 8],
  ["shared (carrier-grade NAT)", "100.64.0.0", 10],
  ["loopback", "127.0.0.0", 8],
  ["link-local", "169.254.0.0", 16],
  ["private", "172.16.0.0", 12],
  ["protocol assignments", "192.0.0.0", 24],
  ["documentation", "192.0.2.0", 24],
  ["6to4 relay", "192.88.99.0", 24],
  ["private", "192.168.0.0", 16],
  ["benchmarking", "198.18.0.0", 15],
  ["documentation", "198.51.100.0", 24],
  ["documentation", "203.0.113.0", 24],
  ["multicast", "224.0.0.0", 4],
  ["reserved", "240.0.0.0", 4],
];

/** Exceptions within 2000::/3, the only part of IPv6 that is public at all. */
const IPV6_RANGES: readonly Range[] = [
  ["protocol assignments", "2001::", 23],
  ["documentation", "2001:db8::", 32],
  ["documentation", "3fff::", 20],
];

/** Names for the rest of IPv6, for messages. */
const IPV6_NAMES: readonly Range[] = [
  ["unspecified", "::", 128],
  ["loopback", "::1", 128],
  ["private", "fc00::", 7],
  ["link-local", "fe80::", 10],
  ["multicast", "ff00::", 8],
];

/** Prefixes of IPv6 that hold an address of IPv4, and the byte where it stands. */
const EMBEDDING:
  readonly (readonly [prefix: string, bits: number, at: number])[] = [
    ["::ffff:0:0", 96, 12],
    ["64:ff9b::", 96, 12],
    ["2002::", 16, 2],
  ];

/**
 * Why an address is not public, such as `loopback`; `undefined` if it is.
 * Text that is no address is `unreadable`.
 *
 * @example
 * ```ts
 * import { nonPublicReason } from "@engine/outgoing/public_address.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nonPublicReason("::ffff:10.0.0.1"), "private");
 * assert.equal(nonPublicReason("1.1.1.1"), undefined);
 * ```
 */
export function nonPublicReason(address: string): string | undefined {
  const bytes = addressBytes(address);
  if (bytes === undefined) return "unreadable";
  return bytes.length === 4 ? ofIpv4(bytes) : ofIpv6(bytes);
}

/** The 4 or 16 bytes of an address, or nothing if it is none. */
export function addressBytes(address: string): Uint8Array | undefined {
  return address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address);
}

function ofIpv4(bytes: Uint8Array): string | undefined {
  return rangeOf(bytes, IPV4_RANGES);
}

function ofIpv6(bytes: Uint8Array): string | undefined {
  for (const [prefix, bits, at] of EMBEDDING) {
    if (isIn(bytes, prefix, bits)) return ofIpv4(bytes.subarray(at, at + 4));
  }
  if (isIn(bytes, "2000::", 3)) return rangeOf(bytes, IPV6_RANGES);
  return rangeOf(bytes, IPV6_NAMES) ?? "reserved";
}

function rangeOf(
  bytes: Uint8Array,
  ranges: readonly Range[],
): string | undefined {
  return ranges.find(([, start, bits]) => isIn(bytes, start, bits))?.[0];
}

function isIn(bytes: Uint8Array, start: string, bits: number): boolean {
  const first = addressBytes(start);
  if (first === undefined) return false;
  for (let index = 0; index * 8 < bits; index++) {
    const kept = Math.min(8, bits - index * 8);
    const mask = (0xff << (8 - kept)) & 0xff;
    const differs = (bytes[index] ?? 0) ^ (first[index] ?? 0);
    if ((differs & mask) !== 0) return false;
  }
  return true;
}

function ipv4Bytes(address: string): Uint8Array | undefined {
  const parts = address.split(".");
  if (parts.length !== 4) return undefined;
  // A leading zero is octal to some readers and decimal to others.
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255)
    ? Uint8Array.from(numbers)
    : undefined;
}

function ipv6Bytes(address: string): Uint8Array | undefined {
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "");
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  // "::" stands for at least one group.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return Uint8Array.from([...head, ...new Array(missing).fill(0), ...tail]);
}

/** The bytes of groups split by colons; the last may be an IPv4 address. */
function groupsOf(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".")) {
      const ipv4 = ipv4Bytes(group);
      if (ipv4 === undefined || index !== groups.length - 1) return undefined;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}
