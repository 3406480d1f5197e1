/**
 * Adds what has a view of its own: a state machine, a pipeline.
 *
 * @module
 */
import type { Change } from "../../engine/config/change.ts";
import { freshName } from "./graph.ts";
import type { BuilderStore } from "./store.ts";
import { valueAt, viewText } from "./views.ts";

const ENGINE = "statemachine.engine";

const DEFINITIONS = ["workflows", "statemachine", "definitions"] as const;

/** Adds a state machine with one state, with an engine if none is there, and shows it. */
export function addMachine(store: BuilderStore): void {
  const value = store.good.value?.value;
  const graph = store.graph.value;
  const name = freeName(store, "machine");
  const definition = { name, initialState: "new", states: { new: {} } };
  const present = valueAt(value, DEFINITIONS);
  const changes: Change[] = [];
  if (Array.isArray(present) && present.length > 0) {
    changes.push({ do: "insert", path: DEFINITIONS, value: definition });
  } else {
    const engine = graph.modules.find(({ type }) => type === ENGINE)?.name;
    const own = engine ?? freshName(ENGINE, graph);
    const [workflows, section] = DEFINITIONS;
    changes.push({
      do: "set",
      path: [workflows, section],
      value: { engine: own, definitions: [definition] },
    });
    if (engine === undefined) {
      const module = { name: own, type: ENGINE };
      const isFirst = graph.modules.every(({ index }) => index === undefined);
      changes.push(
        isFirst
          ? { do: "set", path: ["modules"], value: [module] }
          : { do: "insert", path: ["modules"], value: module },
      );
    }
  }
  store.change(changes, `Add ${name}`);
  store.showNamed(viewText({ kind: "machine", name, path: [] }));
}

/** Adds a pipeline without steps, and shows it. */
export function addPipeline(store: BuilderStore): void {
  const name = freeName(store, "pipeline");
  store.change(
    [{ do: "set", path: ["pipelines", name], value: { steps: [] } }],
    `Add ${name}`,
  );
  store.showNamed(viewText({ kind: "pipeline", name, path: [] }));
}

/** A name that no machine and no pipeline has. */
function freeName(store: BuilderStore, base: string): string {
  const taken = new Set(
    store.views.value.map((view) => "name" in view ? view.name : ""),
  );
  for (let number = 1;; number++) {
    const name = number === 1 ? base : `${base}_${number}`;
    if (!taken.has(name)) return name;
  }
}
