/**
 * Brings cards into line.
 *
 * @module
 */
import { CARD, type Place } from "./arrange.ts";

/** What can be done with several cards, by what the button says. */
export const ALIGNMENTS = {
  "Align left": (places) => onLine(places, "x"),
  "Align tops": (places) => onLine(places, "y"),
  "Space across": (places) => spaced(places, "x"),
  "Space down": (places) => spaced(places, "y"),
} as const satisfies Readonly<Record<string, (places: Places) => Places>>;

/** Where some cards are, by their names. */
export type Places = Readonly<Record<string, Place>>;

/** What is left between cards that would lie on each other otherwise. */
const GAP = 32;

/** All where the first of them is. */
function onLine(places: Places, axis: "x" | "y"): Places {
  const first = Math.min(...Object.values(places).map((place) => place[axis]));
  return mapped(places, (place) => ({ ...place, [axis]: first }));
}

/** From the first to the last in even steps, none on another. */
function spaced(places: Places, axis: "x" | "y"): Places {
  const order = Object.entries(places).toSorted(([, a], [, b]) =>
    a[axis] - b[axis]
  );
  const from = order[0]?.[1][axis] ?? 0;
  const to = order.at(-1)?.[1][axis] ?? 0;
  const least = (axis === "x" ? CARD.width : CARD.height) + GAP;
  const step = Math.max(least, (to - from) / Math.max(1, order.length - 1));
  return Object.fromEntries(
    order.map(([name, place], index) => [
      name,
      { ...place, [axis]: from + index * step },
    ]),
  );
}

function mapped(places: Places, change: (place: Place) => Place): Places {
  return Object.fromEntries(
    Object.entries(places).map(([name, place]) => [name, change(place)]),
  );
}
