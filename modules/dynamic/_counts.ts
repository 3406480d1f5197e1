/**
 * Counts what a component does.
 *
 * @module
 */
import type { ComponentCounts } from "@engine/services/user_code.ts";

/** Different things of one capability that are counted; the rest is "…". */
const NAMES_MAX = 100;

/** See the module comment. */
export class Counts {
  calls = 0;
  failures = 0;
  kills = 0;
  swaps = 0;
  readonly #used = new Map<string, Map<string, number>>();
  readonly #refused = new Map<string, Map<string, number>>();

  used(capability: string, what: string): void {
    count(this.#used, capability, what);
  }

  refused(capability: string, what: string): void {
    count(this.#refused, capability, what);
  }

  /** As they are now. */
  get all(): ComponentCounts {
    const { calls, failures, kills, swaps } = this;
    return {
      ...{ calls, failures, kills, swaps },
      used: plain(this.#used),
      refused: plain(this.#refused),
    };
  }
}

type Counted = Map<string, Map<string, number>>;

function count(counted: Counted, capability: string, what: string): void {
  const names = counted.get(capability) ?? new Map<string, number>();
  counted.set(capability, names);
  const isKnown = names.has(what) || names.size < NAMES_MAX;
  const name = isKnown ? what.slice(0, 200) : "…";
  names.set(name, (names.get(name) ?? 0) + 1);
}

function plain(counted: Counted): ComponentCounts["used"] {
  return Object.fromEntries(
    [...counted].map(([capability, names]) => [
      capability,
      Object.fromEntries(names),
    ]),
  );
}
