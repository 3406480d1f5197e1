/**
 * What a new document may be called.
 *
 * @module
 */
import {
  DOCUMENT_ID_RULE,
  isDocumentId,
} from "../../engine/config/document_id.ts";

/** What is wrong with a name; absent if a document may have it. */
export function nameFault(
  name: string,
  taken: readonly string[],
): string | undefined {
  if (name === "") return "A document needs a name";
  if (!isDocumentId(name)) return DOCUMENT_ID_RULE;
  const wanted = name.toLowerCase();
  const twin = taken.find((each) => each.toLowerCase() === wanted);
  return twin === undefined ? undefined : `There is a “${twin}” already`;
}

/** A name after that of a file, with what a document may be called. */
export function nameOfFile(file: string): string {
  return file.replace(/\.(ya?ml|json)$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 128);
}
