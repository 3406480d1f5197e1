/**
 * Reads the address of a server, in the notation of the original's `address`.
 *
 * @module
 */

/** Where a server listens. */
export interface Address {
  readonly hostname: string;
  /** 0 stands for any port that is free. */
  readonly port: number;
}

/** What stands for all addresses of the machine. */
export const EVERY_HOST = "0.0.0.0";

/**
 * Reads `:8080`, `localhost:8080`, `127.0.0.1` or `[::1]:80`. The port may be
 * absent; the result says so. `undefined` if the text is no address.
 */
export function parseAddress(
  text: string,
): { hostname: string; port: number | undefined } | undefined {
  const match =
    /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<name>[\w.-]*))(?::(?<port>\d{1,5}))?$/i
      .exec(text.trim());
  if (!match?.groups || text.trim() === "") return undefined;
  const { six, name, port } = match.groups;
  if (port !== undefined && Number(port) > PORT_MAX) return undefined;
  return {
    hostname: six ?? (name || EVERY_HOST),
    port: port === undefined ? undefined : Number(port),
  };
}

/** The highest port there is. */
export const PORT_MAX = 65_535;

/** A URL that leads to the address. */
export function urlOf({ hostname, port }: Address): string {
  // What means all addresses is no address that one could call.
  const host = hostname === EVERY_HOST
    ? "127.0.0.1"
    : hostname === "::"
    ? "::1"
    : hostname;
  return host.includes(":")
    ? `http://[${host}]:${port}`
    : `http://${host}:${port}`;
}
