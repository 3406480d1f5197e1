/**
 * Copies modules as YAML, and pastes what was copied, here or elsewhere.
 *
 * @module
 */
import { parse as parseYaml, stringify } from "yaml";
import type { Change } from "../../engine/config/change.ts";
import { freshName, modulesOf } from "./graph.ts";
import type { BuilderStore } from "./store.ts";

/** The chosen modules as a document of their own; absent if none is chosen. */
export function copied(store: BuilderStore): string | undefined {
  const { modules = [] } = (store.good.value?.value ?? {}) as {
    readonly modules?: readonly { readonly name?: unknown }[];
  };
  const chosen = modules.filter(({ name }) =>
    store.selection.value.has(String(name))
  );
  return chosen.length === 0 ? undefined : stringify({ modules: chosen });
}

/** Adds the modules of a text, each under a name that is free. */
export function paste(store: BuilderStore, text: string): void {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch {
    return;
  }
  const graph = store.graph.value;
  const pasted = modulesOf(value);
  if (pasted.length === 0) return;
  const taken = new Set(graph.modules.map(({ name }) => name));
  const { modules } = value as {
    readonly modules: readonly Readonly<Record<string, unknown>>[];
  };
  const names: string[] = [];
  const changes = pasted.map(({ name, index = 0 }): Change => {
    const own = taken.has(name) ? freshName(`${name}-copy`, graph) : name;
    taken.add(own);
    names.push(own);
    return {
      do: "insert",
      path: ["modules"],
      value: { ...modules[index], name: own },
    };
  });
  store.change(changes, `Paste ${names.join(", ")}`);
  store.select(names);
}
