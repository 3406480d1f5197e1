/**
 * Finds the address of the client behind proxies that are trusted to tell it.
 *
 * @module
 */
import type { BlockList } from "node:net";

/** An IP address, or a network such as `10.0.0.0/8` or `fd00::/8`. */
export const ADDRESS_OR_NETWORK =
  /^(?:\d{1,3}(?:\.\d{1,3}){3}(?:\/(?:3[0-2]|[12]?\d))?|(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:.]{2,45}(?:\/(?:12[0-8]|1[01]\d|[1-9]?\d))?)$/;

/** Tells the client of a request. */
export type ClientAddress = (
  remoteAddress: string,
  forwardedFor: string | null,
) => string;

/** Without trusted proxies the peer is the client, whatever a header says. */
export function peerAddress(remoteAddress: string): string {
  return remoteAddress;
}

/**
 * Believes `X-Forwarded-For` as far as trusted proxies have written it: from
 * its end, the first address that is not one of theirs is the client. What
 * stands further left could have been sent by the client itself.
 *
 * @throws {RangeError} if one of `trusted` is no address or network.
 */
export async function loadClientAddress(
  trusted: readonly string[],
): Promise<ClientAddress> {
  if (trusted.length === 0) return peerAddress;
  const { BlockList, isIP } = await import("node:net");
  const proxies = new BlockList();
  for (const text of trusted) add(proxies, text, isIP);
  function isTrusted(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    return proxies.check(address, family === 4 ? "ipv4" : "ipv6");
  }
  return (remoteAddress, forwardedFor) => {
    let client = remoteAddress;
    const hops = forwardedFor?.split(",") ?? [];
    while (isTrusted(client)) {
      const hop = hops.pop()?.trim();
      if (hop === undefined || isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  };
}

function add(
  proxies: BlockList,
  text: string,
  isIP: (address: string) => number,
): void {
  const [address = "", bits] = text.split("/");
  const family = isIP(address);
  if (family === 0) {
    throw new RangeError(
      `Cannot trust "${text}": it is neither an address nor a network`,
    );
  }
  const kind = family === 4 ? "ipv4" : "ipv6";
  if (bits === undefined) proxies.addAddress(address, kind);
  else proxies.addSubnet(address, Number(bits), kind);
}
