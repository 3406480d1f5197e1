/**
 * Signs and verifies JSON Web Tokens with one shared secret. The algorithm is
 * fixed: what a token says about its own algorithm is never believed.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** A longer token is refused unread. */
export const TOKEN_CHARACTERS_MAX = 8_192;

/** What a token says. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** Tokens of one secret. */
export interface Hs256 {
  sign(claims: TokenClaims): Promise<string>;
  /**
   * The claims of a token that was signed with the secret, is not expired, is
   * valid already, and comes from the issuer, if one was given. `undefined` for
   * anything else; never throws.
   */
  verify(token: string): Promise<TokenClaims | undefined>;
}

/** What is asked of a token beside its signature. */
export interface Hs256Options {
  readonly secret: string;
  readonly clock: Host["effects"]["clock"];
  /** The only accepted `iss`. @default any, or none */
  readonly issuer?: string;
  /** Claims without which a token is refused. @default none */
  readonly requiredClaims?: readonly string[];
}

/** Loads what signs and verifies. */
export async function loadHs256(
  { secret, clock, issuer, requiredClaims = [] }: Hs256Options,
): Promise<Hs256> {
  const { SignJWT, jwtVerify } = await import("jose");
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  const header = { alg: "HS256", typ: "JWT" };
  const checks = {
    algorithms: ["HS256"],
    requiredClaims: [...requiredClaims],
    ...(issuer === undefined ? {} : { issuer }),
  };
  return {
    sign: (claims) =>
      new SignJWT({ ...claims }).setProtectedHeader(header).sign(key),
    async verify(token) {
      if (token.length > TOKEN_CHARACTERS_MAX) return undefined;
      try {
        const currentDate = new Date(clock.now());
        const { payload } = await jwtVerify(token, key, {
          ...checks,
          currentDate,
        });
        return payload;
      } catch {
        // Whatever is wrong with a token, its bearer is a stranger.
        return undefined;
      }
    },
  };
}
