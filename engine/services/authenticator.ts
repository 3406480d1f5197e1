/**
 * The contract of what turns a token into claims.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { Claims } from "./http_handler.ts";

/** Verifies tokens. */
export interface Authenticator {
  /** The claims of a valid token; `undefined` for any other. Never throws. */
  authenticate(token: string): Promise<Claims | undefined>;
}

/** Modules that can verify a token. */
export const Authenticator = defineService<Authenticator>(
  "authenticator",
  "verifies access tokens",
);
