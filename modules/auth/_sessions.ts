/**
 * Sign-ins. Each has access tokens, which are short-lived and carry what they
 * say, and one refresh token at a time, which says nothing and works once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type { Claims } from "@engine/services/http_handler.ts";
import type { Hs256 } from "../_hs256.ts";
import type { User } from "./_users.ts";

/** How long tokens live, and whose they are. */
export interface SessionOptions {
  readonly issuer: string;
  readonly tokenMs: number;
  readonly refreshMs: number;
  /** The first parts of every key. */
  readonly root: readonly string[];
}

/** What a client gets when it signs in or renews. */
export interface Issued {
  readonly token: string;
  readonly refreshToken: string;
  /** The seconds until the access token expires. */
  readonly expiresIn: number;
}

/** A refresh token in the store; the key is its hash. */
type RefreshRecord = {
  readonly session: string;
  readonly userId: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
  readonly isUsed: boolean;
};

/**
 * How long it is remembered at least that a session has ended, in milliseconds
 * (30 days): its tokens may be older than a config that makes them live shorter.
 */
const ENDED_MS_MIN = 30 * 24 * 60 * 60 * 1_000;

const REFRESH_BYTES = 32;
const REFRESH_TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** See the module comment. */
export class Sessions {
  readonly #host: Host;
  readonly #hs256: Hs256;
  readonly #options: SessionOptions;

  constructor(host: Host, hs256: Hs256, options: SessionOptions) {
    this.#host = host;
    this.#hs256 = hs256;
    this.#options = options;
  }

  /** Signs a user in; `session` names the sign-in, if it has begun elsewhere. */
  async begin(
    user: User,
    session: string = this.#host.effects.ids.next(),
  ): Promise<Issued> {
    const refresh = this.#newRefreshToken(session, user.id);
    const { ok } = await this.#host.store.commit({ sets: [refresh.write] });
    if (!ok) throw new Error("Cannot begin a session: the store refused it");
    return await this.#issue(user, session, refresh.token);
  }

  /**
   * Exchanges a refresh token. One that was exchanged before has been copied by
   * somebody: then the whole session ends.
   *
   * @param find The user of an id, as the user is now.
   * @returns `undefined` for a token that is unknown, expired, used or revoked.
   */
  async renew(
    token: string,
    find: (id: string) => Promise<User | undefined>,
  ): Promise<{ readonly issued: Issued; readonly user: User } | undefined> {
    const entry = await this.#refreshEntry(token);
    if (!entry) return undefined;
    const { key, version, record } = entry;
    const { session, userId, untilMs } = record;
    if (record.isUsed) return await this.#endCopied(session);
    if (await this.#isRevoked([session])) return undefined;
    const user = await find(userId);
    if (!user) return undefined;
    const next = this.#newRefreshToken(session, userId);
    const used: RefreshRecord = { ...record, isUsed: true };
    const expireInMs = untilMs - this.#host.effects.clock.now();
    const { ok } = await this.#host.store.commit({
      checks: [{ key, version }],
      sets: [{ key, value: used, expireInMs }, next.write],
    });
    // Another request exchanged the same token in the meantime.
    if (!ok) return await this.#endCopied(session);
    const issued = await this.#issue(user, session, next.token);
    return { issued, user };
  }

  /** The claims of an access token that is valid and not revoked. Never throws. */
  async authenticate(token: string): Promise<Claims | undefined> {
    const claims = await this.#hs256.verify(token);
    // Whom a token does not name owns nothing and is confined by nothing.
    if (typeof claims?.sub !== "string" || claims.sub === "") return undefined;
    const ids = [claims.jti, claims.sid].filter((id) => typeof id === "string");
    try {
      return await this.#isRevoked(ids) ? undefined : claims;
    } catch (error) {
      // Who cannot be checked does not get in.
      this.#host.log.error(`Cannot check a token: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Whether a sign-in has been ended, be it because a token of it was copied. */
  async hasEnded(session: string): Promise<boolean> {
    return await this.#isRevoked([session]);
  }

  /** Ends the session of an access token's claims, and the token itself. */
  async end({ jti, sid }: Claims): Promise<void> {
    const ids = [jti, sid].filter((id) => typeof id === "string");
    await this.#revoke(ids);
  }

  /** Ends the session of a refresh token. Returns whether there was one. */
  async endByRefreshToken(token: string): Promise<boolean> {
    const entry = await this.#refreshEntry(token);
    if (entry) await this.#revoke([entry.record.session]);
    return entry !== undefined;
  }

  async #issue(
    user: User,
    session: string,
    refreshToken: string,
  ): Promise<Issued> {
    const { effects } = this.#host;
    const { issuer, tokenMs } = this.#options;
    const issuedAt = Math.floor(effects.clock.now() / 1_000);
    const expiresIn = Math.max(1, Math.floor(tokenMs / 1_000));
    const token = await this.#hs256.sign({
      ...claimsOf(user),
      iss: issuer,
      iat: issuedAt,
      exp: issuedAt + expiresIn,
      jti: effects.ids.next(),
      sid: session,
    });
    return { token, refreshToken, expiresIn };
  }

  #newRefreshToken(session: string, userId: string) {
    const { random, clock } = this.#host.effects;
    const { refreshMs } = this.#options;
    const token = random.bytes(REFRESH_BYTES)
      .toBase64({ alphabet: "base64url", omitPadding: true });
    const value: RefreshRecord = {
      session,
      userId,
      untilMs: clock.now() + refreshMs,
      isUsed: false,
    };
    const write = {
      key: this.#refreshKey(token),
      value,
      expireInMs: refreshMs,
    };
    return { token, write };
  }

  async #refreshEntry(token: string) {
    if (!REFRESH_TOKEN.test(token)) return undefined;
    const entry = await this.#host.store.get(this.#refreshKey(token));
    if (!entry) return undefined;
    const record = entry.value as RefreshRecord;
    // The store may keep an entry a while longer than it was asked to.
    if (record.untilMs <= this.#host.effects.clock.now()) return undefined;
    return { key: entry.key, version: entry.version, record };
  }

  async #endCopied(session: string): Promise<undefined> {
    await this.#revoke([session]);
    this.#host.log.warn(
      "A refresh token was used twice: its session is ended",
      { session },
    );
  }

  /** Long enough for every token of the session to expire meanwhile. */
  async #revoke(ids: readonly string[]): Promise<void> {
    const { tokenMs, refreshMs } = this.#options;
    const expireInMs = Math.max(tokenMs, refreshMs, ENDED_MS_MIN);
    const value = this.#host.effects.clock.now();
    await this.#host.store.commit({
      sets: ids.map((id) => ({ key: this.#revokedKey(id), value, expireInMs })),
    });
  }

  async #isRevoked(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    const entries = await this.#host.store.getMany(
      ids.map((id) => this.#revokedKey(id)),
    );
    return entries.some((entry) => entry !== undefined);
  }

  #refreshKey(token: string): readonly string[] {
    const hash = createHash("sha256").update(token).digest("base64url");
    return [...this.#options.root, "refresh", hash];
  }

  #revokedKey(id: string): readonly string[] {
    return [...this.#options.root, "revoked", id];
  }
}

/** What a token says of its user; of the metadata only what rights hang on. */
export function claimsOf({ id, email, name, metadata }: User): Claims {
  const { role, groups, affiliateId, programIds } = metadata;
  return {
    sub: id,
    email,
    name,
    ...(isNonEmptyText(role) ? { role } : {}),
    ...(Array.isArray(groups) && groups.length > 0 ? { groups } : {}),
    ...(isNonEmptyText(affiliateId) ? { affiliateId } : {}),
    ...(Array.isArray(programIds) && programIds.length > 0
      ? { programIds }
      : {}),
  };
}

function isNonEmptyText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
