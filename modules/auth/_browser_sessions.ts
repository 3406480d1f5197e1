/**
 * The sessions of browsers in the engine's store: a row under the hash of what the
 * cookie holds. A session ends when it is not used for a while, and after a time at
 * the latest.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Host } from "@engine/define.ts";
import type { Claims } from "@engine/services/http_handler.ts";

/** A session as it is kept. */
export type BrowserSession = {
  /** The same in the tokens that come of it. */
  readonly id: string;
  readonly userId: string;
  readonly claims: Claims;
  /** What a page sends along with a change. */
  readonly csrfToken: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
  readonly seenMs: number;
};

/** How long sessions last, in milliseconds, and where they are kept. */
export interface BrowserSessionOptions {
  readonly maxAgeMs: number;
  readonly idleMs: number;
  /** The first parts of every key. */
  readonly root: readonly string[];
}

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** How exactly it is remembered when a session was used: a tenth, or a minute. */
const TOUCH_MS_MAX = 60_000;

/** See the module comment. */
export class BrowserSessions {
  readonly #host: Host;
  readonly #options: BrowserSessionOptions;

  constructor(host: Host, options: BrowserSessionOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Begins a session. The token is for the cookie alone. */
  async begin(
    userId: string,
    claims: Claims,
  ): Promise<{ readonly token: string; readonly session: BrowserSession }> {
    const { effects, store } = this.#host;
    const nowMs = effects.clock.now();
    const token = this.#chance();
    const session: BrowserSession = {
      id: effects.ids.next(),
      userId,
      claims,
      csrfToken: this.#chance(),
      untilMs: nowMs + this.#options.maxAgeMs,
      seenMs: nowMs,
    };
    const { ok } = await store.commit({ sets: [this.#write(token, session)] });
    if (!ok) throw new Error("Cannot begin a session: the store refused it");
    return { token, session };
  }

  /** The session of a cookie, which counts as used; `undefined` if it is over. */
  async find(token: string | undefined): Promise<BrowserSession | undefined> {
    if (token === undefined || !TOKEN.test(token)) return undefined;
    const entry = await this.#host.store.get(this.#key(token));
    if (entry === undefined) return undefined;
    const session = entry.value as BrowserSession;
    const nowMs = this.#host.effects.clock.now();
    const { idleMs } = this.#options;
    // The store may keep an entry a while longer than it was asked to.
    if (session.untilMs <= nowMs || session.seenMs + idleMs <= nowMs) {
      return undefined;
    }
    if (nowMs - session.seenMs >= Math.min(TOUCH_MS_MAX, idleMs / 10)) {
      // If another request has done it or ended the session, there is nothing to do.
      await this.#host.store.commit({
        checks: [{ key: entry.key, version: entry.version }],
        sets: [this.#write(token, { ...session, seenMs: nowMs })],
      });
    }
    return session;
  }

  /** Ends the session of a cookie, if there is one. */
  async end(token: string | undefined): Promise<void> {
    if (token === undefined || !TOKEN.test(token)) return;
    await this.#host.store.commit({ deletes: [this.#key(token)] });
  }

  #write(token: string, session: BrowserSession) {
    const { idleMs } = this.#options;
    const leftMs = session.untilMs - session.seenMs;
    return {
      key: this.#key(token),
      value: session as never,
      expireInMs: Math.max(1, Math.min(leftMs, idleMs)),
    };
  }

  #chance(): string {
    return this.#host.effects.random.bytes(TOKEN_BYTES)
      .toBase64({ alphabet: "base64url", omitPadding: true });
  }

  #key(token: string): readonly string[] {
    const hash = createHash("sha256").update(token).digest("base64url");
    return [...this.#options.root, "browser", hash];
  }
}
