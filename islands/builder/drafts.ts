/**
 * Texts that are not saved: each outlives a reload of the page, as long as the tab
 * of the browser is open.
 *
 * @module
 */

/** A text that is not saved. */
export interface Draft {
  readonly text: string;
  /** The ETag of the text that it changes; empty if nobody knows. */
  readonly etag: string;
}

/** What is kept of a document; absent if nothing is. */
export function draftOf(id: string): Draft | undefined {
  const text = sessionStorage.getItem(textKey(id));
  if (text === null) return undefined;
  return { text, etag: sessionStorage.getItem(etagKey(id)) ?? "" };
}

/** Keeps a text. Where there is no room for it, it lives as long as the page. */
export function keepDraft(id: string, { text, etag }: Draft): void {
  try {
    sessionStorage.setItem(textKey(id), text);
    sessionStorage.setItem(etagKey(id), etag);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    // An older text in its place would be worse than none.
    dropDraft(id);
  }
}

/** Forgets the text of a document. */
export function dropDraft(id: string): void {
  sessionStorage.removeItem(textKey(id));
  sessionStorage.removeItem(etagKey(id));
}

function textKey(id: string): string {
  return `draft ${id}`;
}

function etagKey(id: string): string {
  return `draft of ${id}`;
}
