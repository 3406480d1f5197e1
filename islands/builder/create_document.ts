/**
 * Makes a document that the engine keeps. It does not run before it is deployed.
 *
 * @module
 */
import { ApiError, send } from "../api.ts";
import { dropDraft, keepDraft } from "./drafts.ts";
import { yamlOf } from "./yaml_of_file.ts";

/** A document in which nothing is. */
const EMPTY = "modules: []\n";

/** What a document may begin with. */
export type Start = "empty" | "example" | "file";

/** What a document begins with. */
export async function textOf(
  start: Start,
  file: File | undefined,
): Promise<string> {
  if (start === "example") {
    return await (await send("/api/workflow/example")).text();
  }
  return start === "file" && file ? await yamlOf(file) : EMPTY;
}

/**
 * Makes a document under a name that is free. A text with errors cannot be kept: it
 * is there as a change that is not saved.
 *
 * @throws {ApiError} 400, 409 or 412 where it cannot be called so.
 */
export async function createDocument(id: string, text: string): Promise<void> {
  // Of a document that was there before under this name.
  dropDraft(id);
  try {
    await put(id, text);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    keepDraft(id, { text, etag: await put(id, EMPTY) });
  }
}

/** Returns the ETag of what was made. */
async function put(id: string, text: string): Promise<string> {
  const answer = await send(`/api/documents/${encodeURIComponent(id)}`, {
    method: "PUT",
    body: text,
    headers: { "if-none-match": "*", "content-type": "application/yaml" },
  });
  return answer.headers.get("etag") ?? "";
}
