/**
 * Lists the files below a folder.
 *
 * @module
 */
import { join } from "node:path";

/** Every file below `folder`, by its path from `root`; none if it is absent. */
export async function* walk(
  root: string,
  folder: string,
): AsyncGenerator<string> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(join(root, folder))) {
      entries.push(entry);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const entry of entries) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* walk(root, `${path}/`);
    else if (entry.isFile) yield path;
  }
}
