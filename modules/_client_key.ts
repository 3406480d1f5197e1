/**
 * What clients are counted by.
 *
 * @module
 */

/**
 * What stands for one client: an IPv4 address, or the first 64 bits of an IPv6
 * address, of which each client has all that follow.
 */
export function clientKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(":")) return address;
  const [head = ""] = address.split("::");
  const words = head === "" ? [] : head.split(":");
  if (!address.includes("::")) return words.slice(0, 4).join(":");
  const tail = address.slice(head.length + 2).split(":").filter((word) =>
    word !== ""
  );
  const zeros = Array.from(
    { length: Math.max(0, 8 - words.length - tail.length) },
    () => "0",
  );
  return [...words, ...zeros, ...tail].slice(0, 4).join(":");
}
