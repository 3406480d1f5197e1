/**
 * Browsers that are signed in. What is kept of a session is a hash: whoever reads
 * the store cannot take one over.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Effects, Store } from "../engine/mod.ts";

/** How long a session lasts after it was used last, in milliseconds: 12 hours. */
export const SESSION_MS = 12 * 60 * 60 * 1_000;

/** How long a link to sign in can be used, in milliseconds: one hour. */
export const LINK_MS = 60 * 60 * 1_000;

/** A session that is used is not written down more often than this. */
const RENEW_MS = 10 * 60 * 1_000;

const RANDOM_BYTES = 32;

/** What sessions need of the world. */
export interface SessionWorld {
  readonly store: Store;
  readonly effects: Pick<Effects, "clock" | "random">;
}

/** See the module comment. */
export class Sessions {
  readonly #store: Store;
  readonly #effects: SessionWorld["effects"];

  constructor({ store, effects }: SessionWorld) {
    this.#store = store;
    this.#effects = effects;
  }

  /** Begins one. Gives the value of its cookie. */
  async begin(): Promise<string> {
    const cookie = this.#secret();
    await this.#renew(cookie);
    return cookie;
  }

  /** Whether a cookie is that of a session; one that is used goes on. */
  async holds(cookie: string): Promise<boolean> {
    const entry = await this.#store.get(keyOf("sessions", cookie));
    if (entry === undefined) return false;
    const ageMs = this.#effects.clock.now() - Number(entry.value);
    if (ageMs > RENEW_MS) await this.#renew(cookie);
    return true;
  }

  /** Ends one, if there is such a one. */
  async end(cookie: string): Promise<void> {
    await this.#store.commit({ deletes: [keyOf("sessions", cookie)] });
  }

  /** A code that lets in once, within `LINK_MS`. */
  async makeCode(): Promise<string> {
    const code = this.#secret();
    const key = keyOf("sign-in-codes", code);
    await this.#store.commit({
      sets: [{ key, value: true, expireInMs: LINK_MS }],
    });
    return code;
  }

  /** Whether a code lets in: the first time only. */
  async redeem(code: string): Promise<boolean> {
    const key = keyOf("sign-in-codes", code);
    const entry = await this.#store.get(key);
    if (entry === undefined) return false;
    const { ok } = await this.#store.commit({
      checks: [{ key, version: entry.version }],
      deletes: [key],
    });
    return ok;
  }

  async #renew(cookie: string): Promise<void> {
    const value = this.#effects.clock.now();
    const key = keyOf("sessions", cookie);
    await this.#store.commit({
      sets: [{ key, value, expireInMs: SESSION_MS }],
    });
  }

  #secret(): string {
    const bytes = this.#effects.random.bytes(RANDOM_BYTES);
    return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  }
}

/**
 * What a page of a session sends with whatever changes something: other sites
 * cannot know it, though the browser sends the cookie along.
 */
export function csrfOf(cookie: string): string {
  return hash(`csrf ${cookie}`);
}

function keyOf(what: string, secret: string) {
  return ["management", what, hash(secret)];
}

function hash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("base64url");
}
