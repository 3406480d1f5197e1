/**
 * What the browser keeps while its user is away at a provider: sealed, so that
 * nobody reads or makes one, and so that nothing has to be stored for strangers.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Host } from "@engine/define.ts";

/** How long a sign-in may take, in milliseconds. */
export const SIGN_IN_MS_MAX = 10 * 60_000;

/** What is remembered of a sign-in that has begun. */
export interface Ticket {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

/** Seals tickets, and opens its own. */
export class TicketSeal {
  readonly #key: Uint8Array;
  readonly #clock: Host["effects"]["clock"];

  constructor(secret: string, clock: Host["effects"]["clock"]) {
    this.#clock = clock;
    // A key of its own, so that no token can be taken for a ticket.
    this.#key = createHash("sha256").update(`sign-in ticket\n${secret}`)
      .digest();
  }

  async seal(ticket: Ticket): Promise<string> {
    const { EncryptJWT } = await import("jose");
    const until = new Date(this.#clock.now() + SIGN_IN_MS_MAX);
    return await new EncryptJWT({ ...ticket })
      .setProtectedHeader(HEADER)
      .setExpirationTime(until)
      .encrypt(this.#key);
  }

  /** `undefined` for what is no ticket, or too old. */
  async open(text: string | undefined): Promise<Ticket | undefined> {
    if (text === undefined) return undefined;
    const { jwtDecrypt } = await import("jose");
    try {
      const { payload } = await jwtDecrypt<Ticket>(text, this.#key, {
        contentEncryptionAlgorithms: [HEADER.enc],
        keyManagementAlgorithms: [HEADER.alg],
        currentDate: new Date(this.#clock.now()),
        requiredClaims: ["exp"],
      });
      return payload;
    } catch {
      return undefined;
    }
  }
}

const HEADER = { alg: "dir", enc: "A256GCM" } as const;
