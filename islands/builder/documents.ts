/**
 * Reads a document from the engine, and writes it back.
 *
 * @module
 */
import { ApiError, send } from "../api.ts";
import { within } from "../parts/patience.ts";

/** A document as it was last read or written. */
export interface Stored {
  readonly text: string;
  readonly etag: string;
}

/** How long the engine may take to write, in milliseconds. */
const WRITE_MS = 30_000;

/** Where the API has a document. */
export function pathOf(id: string): string {
  return `/api/documents/${encodeURIComponent(id)}`;
}

/** @throws {ApiError} */
export async function read(id: string, signal?: AbortSignal): Promise<Stored> {
  const answer = await send(pathOf(id), signal ? { signal } : {});
  return { text: await answer.text(), etag: etagOf(answer) };
}

/**
 * Puts a text in the place of what was read.
 *
 * @throws {ApiError} 412 if somebody else has changed it, 422 if it has errors.
 */
export function write(
  id: string,
  { text, etag }: Stored,
): Promise<Stored> {
  return within(WRITE_MS, async (signal) => {
    try {
      const answer = await send(pathOf(id), {
        method: "PUT",
        body: text,
        headers: { "if-match": etag, "content-type": "application/yaml" },
        signal,
      });
      return { text, etag: etagOf(answer) };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412) throw error;
      // It may have been written by an attempt whose answer was lost.
      const present = await read(id, signal);
      if (present.text !== text) throw error;
      return present;
    }
  });
}

function etagOf(answer: Response): string {
  return answer.headers.get("etag") ?? "";
}
