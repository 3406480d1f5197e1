/**
 * Makes a document of pipelines from chance: every kind of step, nested, with
 * what happens when they fail.
 *
 * @module
 */
import type { Chance } from "./chance.ts";

type Step = Record<string, unknown> & { readonly id: string };

/** The ids of steps that can be undone begin with this. */
export const UNDOABLE = "u";

/** The ids of steps that only compute begin with this. */
export const COMPUTED = "s";

/** Blocks within blocks, at most. */
const DEPTH_MAX = 3;

/** Makes the pipelines `p0` and up; each may do those behind it as a step. */
export function generateDocument(chance: Chance): Record<string, unknown> {
  const count = chance.between(2, 4);
  const pipelines: Record<string, unknown> = {};
  for (let index = 0; index < count; index++) {
    pipelines[`p${index}`] = new Generator(chance, index, count).pipeline();
  }
  return { pipelines };
}

class Generator {
  readonly #chance: Chance;
  readonly #index: number;
  readonly #count: number;
  #ids = 0;
  /** Steps that are still to be made; keeps pipelines small. */
  #left: number;

  constructor(chance: Chance, index: number, count: number) {
    this.#chance = chance;
    this.#index = index;
    this.#count = count;
    this.#left = chance.between(2, 9);
  }

  pipeline(): Record<string, unknown> {
    const chance = this.#chance;
    return {
      input: { n: "integer" },
      steps: this.#block(0),
      ...chance.percent(25) ? { durability: "result" } : {},
      ...chance.percent(20)
        ? { concurrency: this.#bound(chance.between(1, 2)) }
        : {},
      ...chance.percent(10)
        ? { rateLimit: { ...this.#bound(chance.between(1, 3)), per: "5s" } }
        : {},
      ...chance.percent(30) ? { priority: "input.n % 10" } : {},
      ...chance.percent(20) ? { timeout: `${chance.between(2, 40)}s` } : {},
      ...chance.percent(20)
        ? { onSuccess: [this.#work(DEPTH_MAX, false)] }
        : {},
      ...chance.percent(25) ? { onError: [this.#work(DEPTH_MAX, false)] } : {},
      ...chance.percent(20) ? { output: { n: "${{ input.n }}" } } : {},
    };
  }

  #bound(limit: number): Record<string, unknown> {
    return this.#chance.percent(40) ? { limit, key: "input.n % 2" } : { limit };
  }

  #block(depth: number): Step[] {
    const steps: Step[] = [];
    const count = this.#chance.between(1, depth === 0 ? 5 : 2);
    for (let i = 0; i < count && (i === 0 || this.#left > 0); i++) {
      steps.push(this.#step(depth));
    }
    return steps;
  }

  #step(depth: number): Step {
    this.#left--;
    const isDeep = depth >= DEPTH_MAX || this.#left <= 0;
    const kind = this.#chance.weighted({
      work: 42,
      set: 10,
      timed: 8,
      signal: 7,
      approval: 3,
      child: this.#index < this.#count - 1 ? 8 : 0,
      each: isDeep ? 0 : 9,
      parallel: isDeep ? 0 : 9,
      choice: isDeep ? 0 : 5,
    });
    switch (kind) {
      case "work":
        return this.#work(depth, true);
      case "set":
        return {
          ...{ id: this.#id(COMPUTED), use: "sim.set" },
          with: { value: "${{ input.n }}" },
          ...this.#around(depth),
        };
      case "timed":
        return this.#wait({ for: `${this.#chance.between(100, 9_000)}ms` });
      case "signal":
        return this.#wait({ signal: "go", ...this.#limit() });
      case "approval":
        return this.#wait({ approval: {}, ...this.#limit() });
      case "child":
        return {
          id: this.#id("c"),
          use: `pipeline:p${
            this.#chance.between(this.#index + 1, this.#count - 1)
          }`,
          with: { n: "${{ input.n }}" },
          ...this.#around(depth),
        };
      default:
        return this.#blocks(kind, depth);
    }
  }

  /** A step that is made of steps. */
  #blocks(kind: "each" | "parallel" | "choice", depth: number): Step {
    switch (kind) {
      case "each":
        return {
          id: this.#id("e"),
          forEach: Array.from(
            { length: this.#chance.between(0, 4) },
            (_, i) => i,
          ),
          concurrency: this.#chance.between(1, 3),
          steps: this.#block(depth + 1),
          ...this.#around(depth),
        };
      case "parallel":
        return {
          id: this.#id("b"),
          parallel: Object.fromEntries(
            Array.from({ length: this.#chance.between(2, 3) }, (_, i) => [
              `b${i}`,
              this.#block(depth + 1),
            ]),
          ),
          ...this.#around(depth),
        };
      case "choice":
        return {
          id: this.#id("x"),
          switch: [
            { when: "input.n % 2 == 0", steps: this.#block(depth + 1) },
            ...this.#chance.percent(50)
              ? [{ steps: this.#block(depth + 1) }]
              : [],
          ],
        };
    }
  }

  #wait(wait: Record<string, unknown>): Step {
    return { id: this.#id("w"), wait, ...this.#around(DEPTH_MAX) };
  }

  #limit(): Record<string, unknown> {
    return this.#chance.percent(50)
      ? { timeout: `${this.#chance.between(1, 20)}s` }
      : {};
  }

  #work(depth: number, mayUndo: boolean): Step {
    const chance = this.#chance;
    const isUndoable = mayUndo && chance.percent(35);
    return {
      id: this.#id(isUndoable ? UNDOABLE : "w"),
      use: "sim.work",
      ...this.#retry(),
      timeout: `${chance.between(1, 8)}s`,
      ...isUndoable
        ? {
          compensate: { use: "sim.work", timeout: "5s", ...this.#retry() },
        }
        : {},
      ...this.#around(depth),
    };
  }

  #retry(): Record<string, unknown> {
    const chance = this.#chance;
    if (chance.percent(30)) return {};
    const backoff = `${chance.between(50, 1_500)}ms`;
    return { retry: { attempts: chance.between(1, 4), backoff } };
  }

  #around(depth: number): Record<string, unknown> {
    const chance = this.#chance;
    return {
      ...chance.percent(8) ? { when: "input.n % 3 != 0" } : {},
      ...chance.percent(12)
        ? { onError: "continue" }
        : depth < DEPTH_MAX && chance.percent(10)
        ? { onError: this.#block(DEPTH_MAX) }
        : {},
    };
  }

  #id(kind: string): string {
    return `${kind}${this.#ids++}`;
  }
}
