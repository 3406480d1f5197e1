/**
 * Sorts modules so that each stands behind those that it needs.
 *
 * @module
 */

/** An order, and the ways around that keep it from being one. */
export interface StartOrder {
  readonly names: readonly string[];
  /** Each begins and ends with the same name: a, b, a. */
  readonly cycles: readonly (readonly string[])[];
}

/** A name on the way to the present one, with what is left to visit behind it. */
interface Visit {
  readonly name: string;
  readonly left: string[];
}

/**
 * Goes depth first through `names`, so that what nothing orders keeps its place.
 * No recursion: a chain may be as long as a document is large.
 */
export function startOrder(
  names: readonly string[],
  needs: ReadonlyMap<string, readonly string[]>,
): StartOrder {
  const ordered: string[] = [];
  const cycles: string[][] = [];
  const state = new Map<string, "new" | "open" | "done">(
    names.map((name) => [name, "new"]),
  );
  const way: Visit[] = [];
  function enter(name: string): void {
    state.set(name, "open");
    way.push({ name, left: [...needs.get(name) ?? []].reverse() });
  }
  for (const first of names) {
    if (state.get(first) === "new") enter(first);
    for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
      const next = here.left.pop();
      if (next === undefined) {
        way.pop();
        state.set(here.name, "done");
        ordered.push(here.name);
      } else if (state.get(next) === "new") {
        enter(next);
      } else if (state.get(next) === "open") {
        const trail = way.map(({ name }) => name);
        cycles.push([...trail.slice(trail.indexOf(next)), next]);
      }
    }
  }
  return { names: ordered, cycles };
}
