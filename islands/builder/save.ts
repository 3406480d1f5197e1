/**
 * Saves the document from wherever it is asked for.
 *
 * @module
 */
import { tell } from "./notice.tsx";
import type { BuilderStore } from "./store.ts";

/** Saves; that somebody else was faster is asked about. */
export async function save(store: BuilderStore): Promise<void> {
  try {
    await store.save();
    tell("Saved");
  } catch (error) {
    store.conflict.value = error;
  }
}
