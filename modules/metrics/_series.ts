/**
 * The series of one metric, by the values of its labels. Bounds how many there
 * can be, since each costs memory here and in whatever scrapes it.
 *
 * @module
 */

/** How many combinations of label values one metric keeps apart. */
export const SERIES_MAX = 1_000;

/** The value of every label of the series that takes what is too many. */
export const OTHER_SERIES = "(other)";

/** The values of the labels of one measurement. */
export type LabelValues = Readonly<Record<string, string>>;

/** Adds one measurement to one series. */
export type Add = (value: number) => void;

/** What the values of the first labels lead to. */
interface Node {
  readonly next: Map<string, Node>;
  add?: Add;
}

/** What makes the series of a metric. */
export interface SeriesOptions {
  /** The names of the labels. */
  readonly labels: readonly string[];
  readonly make: (labels: LabelValues) => Add;
  /** Called once, for the first series that is too many. */
  readonly onFull: () => void;
}

/** Finds the series of a measurement without making a key for it. */
export class Series {
  readonly #options: SeriesOptions;
  readonly #root: Node = { next: new Map() };
  #size = 0;
  #other: Add | undefined;

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  /** What adds a measurement with these labels. An absent one is empty. */
  of(labels: LabelValues): Add {
    let node: Node | undefined = this.#root;
    for (const label of this.#options.labels) {
      node = node.next.get(labels[label] ?? "");
      if (node === undefined) return this.#grow(labels);
    }
    return node.add ?? this.#grow(labels);
  }

  #grow(labels: LabelValues): Add {
    if (this.#size >= SERIES_MAX) return this.#other ??= this.#overflow();
    this.#size++;
    const values = this.#options.labels.map((label) => labels[label] ?? "");
    let node = this.#root;
    for (const value of values) {
      let next = node.next.get(value);
      if (next === undefined) node.next.set(value, next = { next: new Map() });
      node = next;
    }
    return node.add = this.#make(values);
  }

  #overflow(): Add {
    this.#options.onFull();
    return this.#make(this.#options.labels.map(() => OTHER_SERIES));
  }

  #make(values: readonly string[]): Add {
    const pairs = this.#options.labels.map((
      label,
      i,
    ) => [label, values[i] ?? ""]);
    return this.#options.make(Object.fromEntries(pairs));
  }
}
