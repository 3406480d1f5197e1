/**
 * Adds a module to the document.
 *
 * @module
 */
import { useStore } from "./context.ts";
import { CARD, type Place, placed, shapeOf } from "./arrange.ts";
import { freshName } from "./graph.ts";
import { MODULES } from "./views.ts";

/** Space beside what is there already, in units of the canvas. */
const GAP = 32;

/** Adds one of a type, at a place or beside the others, and chooses it. */
export function useAdd(): (type: string, place?: Place) => void {
  const store = useStore();
  return (type, place) => {
    const graph = store.graph.peek();
    const name = freshName(type, graph);
    if ("name" in store.view.peek()) store.show(MODULES);
    const count = graph.modules.filter(({ index }) => index !== undefined);
    store.change([
      count.length === 0
        ? { do: "set", path: ["modules"], value: [{ name, type }] }
        : { do: "insert", path: ["modules"], value: { name, type } },
    ], `Add ${name}`);
    // The others stay where they are seen, also those that nobody has put there.
    const places = placed(
      shapeOf(graph),
      store.layout.peek().views.modules ?? {},
    );
    const all = Object.values(places);
    const beside = {
      x: Math.min(...all.map(({ x }) => x), Infinity),
      y: Math.max(...all.map(({ y }) => y + CARD.height + GAP), -Infinity),
    };
    const own = place ?? (all.length === 0 ? { x: 0, y: 0 } : beside);
    store.place("modules", { ...places, [name]: own });
    store.select([name]);
  };
}
