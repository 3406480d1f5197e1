/**
 * Draws from a seed: every choice of a simulated world.
 *
 * @module
 */
import { seededRandom } from "./effects.ts";

/** Chance that repeats. Each user has one of its own, so that they do not shift each other. */
export class Chance {
  readonly #float: () => number;

  constructor(seed: number) {
    this.#float = seededRandom(seed).float;
  }

  /** True in so many of a hundred cases. */
  percent(percent: number): boolean {
    return this.#float() * 100 < percent;
  }

  /** A whole number between two, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#float() * (high - low + 1));
  }

  /** One of a list. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.between(0, items.length - 1)] ?? items[0];
  }

  /** One of several, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries<number>(weights) as [K, number][];
    let left = this.#float() *
      entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new RangeError("Cannot choose: every weight is 0");
  }

  /** Mostly short, sometimes long: milliseconds up to `most`. */
  delay(most: number): number {
    return Math.floor(this.#float() ** 3 * most);
  }

  /** Chance of its own for somebody else. */
  fork(): Chance {
    return new Chance(this.between(0, 2 ** 32 - 1));
  }
}
