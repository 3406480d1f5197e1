/**
 * What every part of the builder stands on: the open documents, and the store of
 * the one that is shown.
 *
 * @module
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { OpenDocuments } from "./open_documents.ts";
import type { BuilderStore } from "./store.ts";

const Context = createContext<BuilderStore | undefined>(undefined);

const Documents = createContext<OpenDocuments | undefined>(undefined);

/** Gives the store to what is inside. */
export const StoreProvider = Context.Provider;

/** Gives the open documents to what is inside. */
export const DocumentsProvider = Documents.Provider;

/** The store of the builder around. */
export function useStore(): BuilderStore {
  const store = useContext(Context);
  if (store) return store;
  throw new TypeError("Cannot find the store: there is no builder around");
}

/** The documents that are open around. */
export function useDocuments(): OpenDocuments {
  const documents = useContext(Documents);
  if (documents) return documents;
  throw new TypeError("Cannot find the documents: there is no builder around");
}
