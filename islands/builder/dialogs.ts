/**
 * What is open over the builder: one dialog at a time.
 *
 * @module
 */
import { signal } from "@preact/signals";

/** `tie` asks what the chosen card is to be tied to. */
export type DialogName = "commands" | "deploy" | "keys" | "tie";

/** Absent while none is open. */
export const dialog = signal<DialogName>();

/** Opens one, in the place of another. */
export function openDialog(name: DialogName): void {
  dialog.value = name;
}

/** Closes one, unless another has taken its place. */
export function closeDialog(name: DialogName): void {
  if (dialog.value === name) dialog.value = undefined;
}
