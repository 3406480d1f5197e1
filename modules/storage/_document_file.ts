/**
 * Opens files of a document's folder for reading, and no others: which file it
 * is may come from the input of a run.
 *
 * @module
 */
import { join, sep } from "node:path";
import { TerminalError } from "@engine/errors.ts";

/**
 * The content of a file; reading it closes it.
 *
 * @throws {TerminalError} if it is not in the folder, by its name or through a
 * link, or cannot be opened.
 */
export async function fileIn(
  folder: string | undefined,
  path: string,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const fault = (reason: string, cause?: unknown) =>
    new TerminalError(`Cannot read the file "${path}": ${reason}`, { cause });
  if (folder === undefined) throw fault("the document has no folder");
  try {
    const root = await Deno.realPath(folder);
    const real = await Deno.realPath(join(root, path));
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw fault("it is not in the document's folder");
    }
    return (await Deno.open(real)).readable;
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    // The message of the system names the whole path.
    throw fault(
      error instanceof Deno.errors.NotFound
        ? "there is none"
        : "it cannot be opened",
      error,
    );
  }
}
