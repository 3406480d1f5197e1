/**
 * Opens the management surface's own port.
 *
 * @module
 */
import type { Effects } from "../engine/mod.ts";
import { reasonOf } from "./reason.ts";
import type { Fetch } from "./shared_port.ts";

/** An open port. */
export interface Opened {
  readonly address: string;
  /** Accepts nothing new and resolves when the last answer is sent. */
  shutdown(): Promise<void>;
}

/**
 * Listens on `host:port`.
 *
 * @throws {TypeError} if the address is malformed, taken, or not of this machine.
 */
export function listen(
  effects: Effects,
  address: string,
  fetch: Fetch,
): Opened {
  const { hostname, port } = parseAddress(address);
  try {
    const listener = effects.network.listen({ hostname, port }, fetch);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return {
      address: `http://${host}:${listener.port}/`,
      shutdown: () => listener.shutdown(),
    };
  } catch (error) {
    const state = error instanceof Deno.errors.AddrInUse
      ? "is in use"
      : `cannot be opened, ${reasonOf(error)}`;
    throw new TypeError(
      `Cannot open the management surface: ${address} ${state} ` +
        "(choose another with --management-address)",
      { cause: error },
    );
  }
}

/**
 * Reads `host:port`, `:port` (this machine only) or `[::1]:port`.
 *
 * @throws {TypeError} for anything else.
 */
export function parseAddress(
  address: string,
): { hostname: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new TypeError(
      `Cannot use the address "${address}": expected host:port, such as 127.0.0.1:8800`,
    );
  }
  return { hostname: match[1] ?? (match[2] || "127.0.0.1"), port };
}
