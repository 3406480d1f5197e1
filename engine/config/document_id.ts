/**
 * What a document may be called. Its id becomes a file name, so it may hold nothing
 * that leads elsewhere.
 *
 * @module
 */

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What is said of a name that is none. */
export const DOCUMENT_ID_RULE =
  "A document's name begins with a letter or a digit, and is made of letters, " +
  "digits, dots, dashes and underscores: 128 at most";

/** Whether a document may have this id. */
export function isDocumentId(id: string): boolean {
  return ID.test(id);
}
