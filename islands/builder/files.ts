/**
 * Takes documents in as files, and gives them out.
 *
 * @module
 */
import { parse as parseYaml } from "yaml";
import { parse } from "../../engine/config/parse.ts";
import { modulesOf } from "./graph.ts";
import { tell, tellFault } from "./notice.tsx";
import type { BuilderStore } from "./store.ts";
import { yamlOf } from "./yaml_of_file.ts";

/** Puts a file in the place of the text, if it is a document; undo takes it back. */
export async function take(store: BuilderStore, file: File): Promise<void> {
  try {
    const text = await yamlOf(file);
    const count = modulesOf(valueOf(file.name, text)).length;
    store.setText(text, `Import ${file.name}`);
    store.select([]);
    tell(
      `${file.name} is imported: ${count} ${
        count === 1 ? "module" : "modules"
      }`,
    );
  } catch (error) {
    const { message } = error as Error;
    tellFault(`${file.name} is not imported. ${message}`);
  }
}

/** @throws {Error} with the first thing that is wrong. */
function valueOf(name: string, text: string): unknown {
  const { document, problems: [first] } = parse(text, name);
  if (document === undefined) {
    throw new Error(`Line ${first?.line ?? 1}: ${first?.message}`);
  }
  const { value } = document;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error("A document is a map, with modules in it");
  }
  return value;
}

/** Whether the document holds nothing: no module, no section of another kind. */
export function isBlank({ good, isStale }: BuilderStore): boolean {
  const parts = Object.values(good.value?.value ?? {});
  return !isStale.value && parts.every((part) =>
    part === null ||
    typeof part === "object" && Object.keys(part).length === 0
  );
}

/** Begins anew; undo brings everything back. */
export function clear(store: BuilderStore): void {
  store.setText("modules: []\n", "Clear");
  store.select([]);
  tell("The document is empty. Undo brings it back.");
}

/** Gives the text out, as a file of its kind. */
export function exportText(store: BuilderStore, kind: "yaml" | "json"): void {
  const text = store.text.value;
  const content = kind === "yaml"
    ? text
    : JSON.stringify(parseYaml(text, { merge: true }), null, 2);
  const url = URL.createObjectURL(new Blob([content]));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${store.id}.${kind}`;
  link.click();
  URL.revokeObjectURL(url);
}
