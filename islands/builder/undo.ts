/**
 * What can be undone: one history for the text and the places of things.
 *
 * @module
 */
import { computed, type Signal, signal } from "@preact/signals";

/** Edits of one key within this time are one step, in milliseconds. */
export const GROUP_MS = 1_500;

/** Steps that are kept; the oldest goes first. */
export const STEPS_MAX = 1_000;

/** All that is kept may weigh so much, in characters; the oldest goes first. */
export const WEIGHT_MAX = 32_000_000;

/** One step, to be undone or done again. */
interface Step<M> {
  readonly label: string;
  readonly moment: M;
}

/** What a step is. */
export interface StepOptions {
  /** What it did, as the menu says it. */
  readonly label: string;
  /** Edits of one key that follow on each other are one step. */
  readonly key?: string | undefined;
  /** In milliseconds. */
  readonly at: number;
}

/** Moments that were left, and those that undo left. */
export class History<M> {
  readonly #past = signal<readonly Step<M>[]>([]);
  readonly #future = signal<readonly Step<M>[]>([]);
  #last: { readonly key: string; readonly at: number } | undefined;
  readonly #weigh: (moment: M) => number;

  /** @param weigh How much there is to keep of a moment, in characters. */
  constructor(weigh: (moment: M) => number = () => 0) {
    this.#weigh = weigh;
  }

  /** What `undo` would undo. */
  readonly undoLabel = computed(() => this.#past.value.at(-1)?.label);
  /** What `redo` would do. */
  readonly redoLabel = computed(() => this.#future.value.at(-1)?.label);

  /** Remembers the moment before something is done. */
  remember(moment: M, { label, key, at }: StepOptions): void {
    const last = this.#last;
    const isMore = key !== undefined && last?.key === key &&
      at - last.at < GROUP_MS && this.#past.value.length > 0;
    this.#last = key === undefined ? undefined : { key, at };
    this.#future.value = [];
    if (isMore) return;
    const past = [...this.#past.value, { label, moment }];
    this.#past.value = past.slice(-this.#fitting(past));
  }

  /** How many of the last steps may be kept: the very last always is. */
  #fitting(steps: readonly Step<M>[]): number {
    let count = 0;
    let weight = 0;
    for (const { moment } of steps.toReversed()) {
      weight += this.#weigh(moment);
      if (count > 0 && weight > WEIGHT_MAX) break;
      count++;
    }
    return Math.min(count, STEPS_MAX);
  }

  /** The moment before the last step. @param present What it goes back from. */
  undo(present: M): M | undefined {
    return this.#go(this.#past, this.#future, present);
  }

  /** The moment that `undo` left. */
  redo(present: M): M | undefined {
    return this.#go(this.#future, this.#past, present);
  }

  #go(
    from: Signal<readonly Step<M>[]>,
    to: Signal<readonly Step<M>[]>,
    present: M,
  ): M | undefined {
    const step = from.value.at(-1);
    if (step === undefined) return undefined;
    this.#last = undefined;
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, { label: step.label, moment: present }];
    return step.moment;
  }
}
