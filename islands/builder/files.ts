/**
 * The document as a file: one that is taken in, one that is given out.
 *
 * @module
 */
import { parse as parseYaml, stringify } from "yaml";
import type { BuilderStore } from "./store.ts";

/** Puts a file in the place of the text; undo takes it back. */
export async function take(store: BuilderStore, file: File): Promise<void> {
  const text = await file.text();
  const isJson = file.name.endsWith(".json");
  try {
    // JSON is YAML, but nobody wants to read it as such.
    const written = isJson ? stringify(JSON.parse(text)) : text;
    store.setText(written, `Import ${file.name}`);
  } catch (error) {
    store.conflict.value = new Error(
      `${file.name} is not JSON: ${(error as Error).message}`,
    );
  }
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
