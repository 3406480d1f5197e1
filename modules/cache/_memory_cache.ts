/**
 * A cache in the memory of the process: what was not used for longest goes first.
 *
 * @module
 */
import type { Host, JsonValue } from "@engine/define.ts";
import type { Cache, CacheOptions } from "@engine/services/cache.ts";
import { notANumber } from "./_refusals.ts";

/** The bounds of a cache. */
export interface MemoryCacheOptions {
  readonly itemsMax: number;
  readonly ttlMs: number;
  /** How often values are dropped that nobody asks for any more. */
  readonly cleanupMs: number;
}

/** A value as JSON, so that nobody changes it from outside. */
interface Item {
  readonly text: string;
  /** By `clock.elapsed`. */
  readonly untilMs: number;
}

/** See the module comment. */
export class MemoryCache implements Cache {
  /** In the order of their last use. */
  readonly #items = new Map<string, Item>();
  readonly #clock: Host["effects"]["clock"];
  readonly #options: MemoryCacheOptions;
  #cancel: () => void = () => {};

  constructor(clock: Host["effects"]["clock"], options: MemoryCacheOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** How many values there are, those included whose time is over. */
  get size(): number {
    return this.#items.size;
  }

  /** Begins to drop values whose time is over. */
  begin(): void {
    this.#cancel = this.#clock.after(this.#options.cleanupMs, () => {
      this.#sweep();
      this.begin();
    });
  }

  /** Forgets everything. */
  end(): void {
    this.#cancel();
    this.#items.clear();
  }

  get(key: string): Promise<JsonValue | undefined> {
    const item = this.#find(key);
    if (item === undefined) return Promise.resolve(undefined);
    this.#keep(key, item);
    return Promise.resolve(JSON.parse(item.text));
  }

  has(key: string): Promise<boolean> {
    return Promise.resolve(this.#find(key) !== undefined);
  }

  set(key: string, value: JsonValue, options?: CacheOptions): Promise<void> {
    const text = JSON.stringify(value);
    this.#keep(key, { text, untilMs: this.#until(options) });
    return Promise.resolve();
  }

  delete(key: string): Promise<boolean> {
    const hadOne = this.#find(key) !== undefined;
    this.#items.delete(key);
    return Promise.resolve(hadOne);
  }

  // Async for its errors; no other work comes in between all the same.
  // deno-lint-ignore require-await
  async increment(
    key: string,
    by: number,
    options?: CacheOptions,
  ): Promise<number> {
    const item = this.#find(key);
    const before: unknown = item === undefined ? 0 : JSON.parse(item.text);
    if (typeof before !== "number" || !Number.isSafeInteger(before + by)) {
      throw notANumber(key);
    }
    const untilMs = item?.untilMs ?? this.#until(options);
    this.#keep(key, { text: String(before + by), untilMs });
    return before + by;
  }

  clear(): Promise<void> {
    this.#items.clear();
    return Promise.resolve();
  }

  #until({ ttlMs = this.#options.ttlMs }: CacheOptions = {}): number {
    return ttlMs === 0 ? Infinity : this.#clock.elapsed() + ttlMs;
  }

  #find(key: string): Item | undefined {
    const item = this.#items.get(key);
    if (item === undefined || item.untilMs > this.#clock.elapsed()) return item;
    this.#items.delete(key);
    return undefined;
  }

  /** A map keeps the order of insertion: the first one is the one to go. */
  #keep(key: string, item: Item): void {
    this.#items.delete(key);
    if (this.#items.size >= this.#options.itemsMax) {
      const [oldest] = this.#items.keys();
      if (oldest !== undefined) this.#items.delete(oldest);
    }
    this.#items.set(key, item);
  }

  #sweep(): void {
    const nowMs = this.#clock.elapsed();
    for (const [key, { untilMs }] of this.#items) {
      if (untilMs <= nowMs) this.#items.delete(key);
    }
  }
}
