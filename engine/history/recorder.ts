/**
 * Adds up what one meter measures. While little happens it takes everything; of
 * more it takes a part by chance, and counts that part for the whole, so that
 * what it costs has a bound.
 *
 * @module
 */
import type { Meter, Sampler } from "../observe.ts";
import { cellOf, CELLS, type Distribution } from "./distribution.ts";

/** How many measurements it is content with between two calls of `adapt`. */
export const TAKEN_MAX = 500;

/** The smallest part that is taken: one of so many. */
export const ONE_OF_MAX = 4_096;

/** How often something happened. */
export interface Count {
  readonly all: number;
  /** How many of these failed; absent if the metric does not tell. */
  readonly failed?: number;
}

/** What was measured in some time, by the name of the metric. */
export interface Measured {
  readonly counts: ReadonlyMap<string, Count>;
  readonly times: ReadonlyMap<string, Distribution>;
  /** Whether a part stands for the whole. */
  readonly isEstimate: boolean;
}

/** What is being added up of one metric. */
interface Sum {
  /** Of a label, how its value begins where something failed. */
  readonly failure: readonly [label: string, begin: string] | undefined;
  readonly cells: Float64Array | undefined;
  all: number;
  failed: number;
}

/** See the module comment. */
export class Recorder implements Sampler {
  readonly #meter: Pick<Meter, "definitions">;
  readonly #sums = new Map<string, Sum>();
  #oneOf = 1;
  #taken = 0;
  #isEstimate = false;
  #chance = 1;

  constructor(meter: Pick<Meter, "definitions">) {
    this.#meter = meter;
  }

  wants(): boolean {
    if (this.#oneOf === 1) return true;
    // Cheap and even; what happens in turns must not be taken in turns.
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) | 0;
    return (this.#chance >>> 0) * this.#oneOf < 2 ** 32;
  }

  take(
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    isWhole = false,
  ): void {
    const sum = this.#sums.get(name) ?? this.#begin(name);
    if (sum === undefined) return;
    this.#taken++;
    const weight = isWhole ? 1 : this.#oneOf;
    if (sum.cells !== undefined) {
      const place = cellOf(value);
      sum.cells[place] = (sum.cells[place] ?? 0) + weight;
      sum.all += weight;
      return;
    }
    sum.all += value * weight;
    if (sum.failure === undefined) return;
    const [label, begin] = sum.failure;
    if (labels[label]?.startsWith(begin)) sum.failed += value * weight;
  }

  /**
   * Takes a smaller part if that was much, and a larger one if it was little. By
   * steps: what began before is still to come, and counts as the part is then.
   */
  adapt(isWhole: boolean): void {
    const taken = this.#taken;
    this.#taken = 0;
    if (isWhole) this.#oneOf = 1;
    else if (taken > TAKEN_MAX) {
      this.#oneOf = Math.min(this.#oneOf * 2, ONE_OF_MAX);
    } else if (taken < TAKEN_MAX / 4) {
      this.#oneOf = Math.max(this.#oneOf / 2, 1);
    }
    this.#isEstimate ||= this.#oneOf > 1;
  }

  /** What was measured since the last call of `reset`. */
  measured(): Measured {
    const counts = new Map<string, Count>();
    const times = new Map<string, Distribution>();
    for (const [name, { all, failed, failure, cells }] of this.#sums) {
      if (all === 0) continue;
      if (cells !== undefined) times.set(name, filled(cells));
      else counts.set(name, failure === undefined ? { all } : { all, failed });
    }
    return { counts, times, isEstimate: this.#isEstimate };
  }

  /** Begins anew. */
  reset(): void {
    for (const sum of this.#sums.values()) {
      sum.all = sum.failed = 0;
      sum.cells?.fill(0);
    }
    this.#isEstimate = this.#oneOf > 1;
  }

  /** A gauge is not recorded: a part of its changes says nothing. */
  #begin(name: string): Sum | undefined {
    const definition = this.#meter.definitions().get(name);
    if (definition === undefined || definition.kind === "gauge") return;
    const [failure] = Object.entries(definition.failed ?? {});
    const cells = definition.kind === "histogram"
      ? new Float64Array(CELLS)
      : undefined;
    const sum = { failure, cells, all: 0, failed: 0 };
    this.#sums.set(name, sum);
    return sum;
  }
}

function filled(cells: Float64Array): Distribution {
  const found = new Map<number, number>();
  cells.forEach((count, place) => count > 0 && found.set(place, count));
  return found;
}
