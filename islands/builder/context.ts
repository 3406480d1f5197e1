/**
 * The store, for every part of the builder.
 *
 * @module
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { BuilderStore } from "./store.ts";

const Context = createContext<BuilderStore | undefined>(undefined);

/** Gives the store to what is inside. */
export const StoreProvider = Context.Provider;

/** The store of the builder around. */
export function useStore(): BuilderStore {
  const store = useContext(Context);
  if (store) return store;
  throw new TypeError("Cannot find the store: there is no builder around");
}
