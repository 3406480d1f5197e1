/**
 * Token buckets that several processes share. A bucket is a row that holds the
 * moment at which it is full again, and expires then: a full bucket and none are
 * the same. Whoever asks while a commit is under way goes along in the next one.
 *
 * The moment is one of the wall clock. A machine whose clock is ahead makes
 * others wait for as long as its clock is ahead, but never for longer than an
 * empty bucket takes to fill.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Host } from "@engine/define.ts";
import type { BucketOptions } from "./_token_buckets.ts";

/** Keys of which it is remembered that they must wait; the oldest goes first. */
const REFUSED_MAX = 10_000;

/**
 * How long that is remembered, in milliseconds: a token that is given back in
 * another process is seen then.
 */
export const REFUSED_MS = 1_000;

interface Asking {
  /** 1 to take a token, -1 to give one back. */
  readonly tokens: 1 | -1;
  readonly resolve: (waitMs: number) => void;
  readonly reject: (error: unknown) => void;
}

/** See the module comment. */
export class SharedTokenBuckets {
  readonly #host: Host;
  readonly #intervalMs: number;
  readonly #capacityMs: number;
  readonly #asking = new Map<string, Asking[]>();
  /** When there will be a token, and when that was found, as `elapsed` says. */
  readonly #refused = new Map<
    string,
    { readonly until: number; readonly since: number }
  >();

  constructor(host: Host, { perMinute, capacity }: BucketOptions) {
    this.#host = host;
    this.#intervalMs = 60_000 / perMinute;
    this.#capacityMs = capacity * this.#intervalMs;
  }

  /** See `Limiter.take`. @throws what the store throws. */
  take(key: string): number | Promise<number> {
    const refused = this.#refused.get(key);
    if (refused !== undefined) {
      const now = this.#host.effects.clock.elapsed();
      const waitMs = refused.until - now;
      if (waitMs > 0 && now - refused.since < REFUSED_MS) return waitMs;
      this.#refused.delete(key);
    }
    return this.#ask(key, 1);
  }

  /** See `Limiter.refund`. @throws what the store throws. */
  async refund(key: string): Promise<void> {
    this.#refused.delete(key);
    await this.#ask(key, -1);
  }

  #ask(key: string, tokens: Asking["tokens"]): Promise<number> {
    return new Promise((resolve, reject) => {
      const asking = { tokens, resolve, reject };
      const others = this.#asking.get(key);
      if (others !== undefined) others.push(asking);
      else {
        this.#asking.set(key, [asking]);
        void this.#answerAll(key);
      }
    });
  }

  async #answerAll(key: string): Promise<void> {
    for (;;) {
      const asking = this.#asking.get(key) ?? [];
      if (asking.length === 0) break;
      this.#asking.set(key, []);
      try {
        const waits = await this.#settle(key, asking);
        asking.forEach(({ resolve }, index) => resolve(waits[index] ?? 0));
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    }
    this.#asking.delete(key);
  }

  /** Takes for all who ask, in their order. */
  async #settle(key: string, asking: readonly Asking[]): Promise<number[]> {
    const { store, name, effects: { clock } } = this.#host;
    // Keys may be long, or nobody's business: addresses of mail, for instance.
    const hash = createHash("sha256").update(key, "utf8").digest("hex");
    const place = ["bucket", name, hash];
    for (;;) {
      const row = await store.get(place);
      const now = clock.now();
      const before = row === undefined ? now : Number(row.value);
      const { waits, fullAt } = this.#decide(before, now, asking);
      const last = waits.at(-1) ?? 0;
      if (last > 0) this.#refuse(key, last);
      if (fullAt === before) return waits;
      if (await this.#write(place, row?.version, fullAt - now, fullAt)) {
        return waits;
      }
    }
  }

  async #write(
    key: readonly string[],
    version: string | undefined,
    expireInMs: number,
    fullAt: number,
  ): Promise<boolean> {
    const isFull = expireInMs <= 0;
    const { ok } = await this.#host.store.commit({
      checks: [{ key, version }],
      ...isFull ? { deletes: [key] } : {
        sets: [{ key, value: fullAt, expireInMs: Math.ceil(expireInMs) }],
      },
    });
    return ok;
  }

  #decide(
    before: number,
    now: number,
    asking: readonly Asking[],
  ): { readonly waits: number[]; readonly fullAt: number } {
    // One that is full by now has no more than it holds, and one of a clock that
    // is ahead is empty at most.
    let fullAt = Math.min(Math.max(before, now), now + this.#capacityMs);
    let hasChanged = false;
    const waits = asking.map(({ tokens }) => {
      const next = fullAt + tokens * this.#intervalMs;
      const waitMs = next - now - this.#capacityMs;
      if (tokens === 1 && waitMs > ROUNDING_MS) return waitMs;
      fullAt = Math.max(next, now);
      hasChanged = true;
      return 0;
    });
    return { waits, fullAt: hasChanged ? fullAt : before };
  }

  #refuse(key: string, waitMs: number): void {
    this.#refused.delete(key);
    if (this.#refused.size >= REFUSED_MAX) {
      const [oldest] = this.#refused.keys();
      if (oldest !== undefined) this.#refused.delete(oldest);
    }
    const now = this.#host.effects.clock.elapsed();
    this.#refused.set(key, { until: now + waitMs, since: now });
  }
}

/** Sums of fractions of a millisecond must not cost the last token. */
const ROUNDING_MS = 1e-6;
