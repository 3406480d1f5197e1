/**
 * The list of documents, as the API has it.
 *
 * @module
 */
import { type Resource, useResource } from "../parts/resource.ts";

/** A document of the list. */
export interface DocumentRow {
  readonly id: string;
  readonly running: boolean;
}

/** Every document that there is, open or not. */
export function useDocumentRows(): Resource<readonly DocumentRow[]> {
  return useResource<readonly DocumentRow[]>("/api/documents");
}
