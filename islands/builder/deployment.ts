/**
 * Runs what is written, and puts back what ran before.
 *
 * @module
 */
import { ask } from "../api.ts";
import { lookAgain } from "./health.ts";
import type { BuilderStore } from "./store.ts";

/** Runs the text, saved. @throws {ApiError} and the old one runs on. */
export async function deploy(store: BuilderStore): Promise<void> {
  if (store.isDirty.value) await store.save();
  const { text } = store.saved.value ?? {};
  const before = store.running.value;
  // Also if it cannot start: what is saved then is not what runs.
  if (before !== text) keepFormer(store, before);
  await reload(store, text);
}

/**
 * Saves and runs the text that ran before the last deployment, whether that one
 * came to run or not. The text that it takes the place of can be had with undo.
 *
 * @throws {ApiError} and what runs runs on.
 */
export async function rollBack(store: BuilderStore): Promise<void> {
  const former = store.former.value;
  if (former === undefined) return;
  store.setText(former, "Roll back");
  if (store.isDirty.value) await store.save();
  await reload(store, former);
  keepFormer(store, undefined);
}

/** Whether there is something to put back. */
export function canRollBack(
  { former, running, saved }: BuilderStore,
): boolean {
  return former.value !== undefined &&
    (former.value !== running.value ||
      former.value !== saved.value?.text);
}

/** What ran before the last deployment in this window, if there was one. */
export function keptFormer(id: string): string | undefined {
  return sessionStorage.getItem(formerKey(id)) ?? undefined;
}

function keepFormer(store: BuilderStore, text: string | undefined): void {
  store.former.value = text;
  if (text === undefined) sessionStorage.removeItem(formerKey(store.id));
  else sessionStorage.setItem(formerKey(store.id), text);
}

function formerKey(id: string): string {
  return `former ${id}`;
}

async function reload(
  store: BuilderStore,
  text: string | undefined,
): Promise<void> {
  const path = `/api/workflow/reload?document=${encodeURIComponent(store.id)}`;
  await ask(path, { method: "POST" });
  store.running.value = text;
  await lookAgain();
}
