/**
 * The view that is shown, in the address: a link leads to it.
 *
 * @module
 */
import type { BuilderStore } from "./store.ts";

/** Shows the view of a name, and says so in the address. */
export function goToView(store: BuilderStore, name: string): void {
  const url = new URL(location.href);
  url.searchParams.set("view", name);
  history.replaceState(null, "", url);
  store.showNamed(name);
}
