/**
 * What is kept of a component in the store: the versions that have run, so that
 * a file that was overwritten can be had back, and which of them is to run.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Host } from "@engine/define.ts";
import type { ComponentVersion } from "@engine/services/user_code.ts";

/** Versions that are kept of one component; the oldest goes first. */
export const VERSIONS_MAX = 50;

/** Attempts to write the next number, where several processes write. */
const ATTEMPTS_MAX = 10;

type Kept = ComponentVersion & { readonly text: string };

/** What is to run, beside what the document says. */
export type Wish = {
  /** It is turned off. */
  readonly isOff: boolean;
  /** A version in place of what the document gives; null for none. */
  readonly version: number | null;
  /** It holds as long as the document gives a text with this hash; null: none. */
  readonly given: string | null;
};

const NO_WISH: Wish = { isOff: false, version: null, given: null };

/** See the module comment. */
export class KeptCode {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What is to run. @param given The text that the document gives. */
  async wanted(given: string | undefined): Promise<
    {
      readonly text: string | undefined;
      readonly isOff: boolean;
      readonly isOverridden: boolean;
    }
  > {
    const { isOff, version, given: holdsFor } = await this.wish();
    const text = version !== null && holdsFor === hashOf(given)
      ? await this.read(version)
      : undefined;
    return {
      isOff,
      text: text ?? given,
      isOverridden: text !== undefined && given !== undefined,
    };
  }

  /** What was wished last. */
  async wish(): Promise<Wish> {
    const entry = await this.#host.store.get(this.#wishKey);
    return entry === undefined ? NO_WISH : entry.value as Wish;
  }

  /** Turns it on or off. */
  async turn(isOff: boolean): Promise<void> {
    const { store } = this.#host;
    const key = this.#wishKey;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const entry = await store.get(key);
      const wish = entry === undefined ? NO_WISH : entry.value as Wish;
      const { ok } = await store.commit({
        checks: [{ key, version: entry?.version }],
        sets: [{ key, value: { ...wish, isOff } }],
      });
      if (ok) return;
    }
    throw new Error("Cannot keep whether it is off: other processes write it");
  }

  /**
   * Keeps a source that runs now. Gives its number: the one that it had, if it is
   * what ran last.
   *
   * @param wish To run it in place of what the document gives, which is in `given`.
   */
  async keep(
    text: string,
    hash: string,
    wish?: { readonly given: string | undefined },
  ): Promise<number> {
    const { store, effects: { clock } } = this.#host;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const all = await this.#all();
      const last = all.at(-1);
      const isKnown = last?.hash === hash && last.text === text;
      const version = (last?.version ?? 0) + (isKnown ? 0 : 1);
      if (isKnown && wish === undefined) return version;
      const key = this.#versionKey(version);
      const value = {
        ...{ version, hash, at: clock.now(), characters: text.length, text },
      };
      const { isOff } = await this.wish();
      const { ok } = await store.commit({
        checks: isKnown ? [] : [{ key, version: undefined }],
        sets: [
          ...isKnown ? [] : [{ key, value }],
          ...wish === undefined ? [] : [{
            key: this.#wishKey,
            value: { isOff, version, given: hashOf(wish.given) },
          }],
        ],
        deletes: isKnown ? [] : all.slice(0, -(VERSIONS_MAX - 1))
          .map(({ version }) => this.#versionKey(version)),
      });
      if (ok) return version;
    }
    throw new Error("Cannot keep the source: other processes keep theirs");
  }

  /** The newest first, without their texts. */
  async list(): Promise<readonly ComponentVersion[]> {
    return (await this.#all()).toReversed()
      .map(({ text: _, ...version }) => version);
  }

  /** The text of a version. */
  async read(version: number): Promise<string | undefined> {
    const entry = await this.#host.store.get(this.#versionKey(version));
    return (entry?.value as unknown as Kept | undefined)?.text;
  }

  /** Yields at once, and whenever something else is to run. */
  async *changes(signal: AbortSignal): AsyncGenerator<void, void, void> {
    for await (const _ of this.#host.store.watch([this.#wishKey], signal)) {
      yield;
    }
  }

  /** Removes everything. */
  async forget(): Promise<void> {
    const versions = await this.#all();
    await this.#host.store.commit({
      deletes: [
        this.#wishKey,
        ...versions.map(({ version }) => this.#versionKey(version)),
      ],
    });
  }

  async #all(): Promise<readonly Kept[]> {
    const prefix = this.#key("version");
    const entries = await Array.fromAsync(this.#host.store.list({ prefix }));
    return entries.map(({ value }) => value as unknown as Kept);
  }

  get #wishKey() {
    return this.#key("wish");
  }

  #versionKey(version: number) {
    return [...this.#key("version"), version];
  }

  #key(what: string): (string | number)[] {
    return ["component", this.#host.name, what];
  }
}

function hashOf(text: string | undefined): string | null {
  return text === undefined
    ? null
    : createHash("sha256").update(text, "utf8").digest("hex");
}
