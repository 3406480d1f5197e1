/**
 * The files of a document's folder: what lies outside, also behind a link, is
 * out of reach.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * The real path of a file in a folder.
 *
 * @throws {Error} naming the path, if it is outside of the folder or missing.
 */
export async function fileInside(
  folder: string,
  path: string,
): Promise<string> {
  const wanted = resolve(folder, path);
  if (isOutside(resolve(folder), wanted)) throw outside(path);
  const root = await Deno.realPath(folder);
  try {
    const real = await Deno.realPath(wanted);
    if (isOutside(root, real)) throw outside(path);
    return real;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot find "${path}": there is no ${join(folder, path)}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * The real path for a file that may be made anew in a folder that exists.
 *
 * @throws {Error} naming the path, if it is outside of the folder.
 */
export async function newFileInside(
  folder: string,
  path: string,
): Promise<string> {
  try {
    return await fileInside(folder, path);
  } catch (error) {
    const isMissing = error instanceof Error &&
      error.cause instanceof Deno.errors.NotFound;
    if (!isMissing) throw error;
  }
  const wanted = resolve(folder, path);
  const parent = await fileInside(
    folder,
    relative(resolve(folder), dirname(wanted)) || ".",
  );
  // A link that leads nowhere is missing, too, and would be followed.
  const link = await Deno.lstat(wanted).catch(() => undefined);
  if (link !== undefined) throw outside(path);
  return join(parent, wanted.slice(dirname(wanted).length + 1));
}

function isOutside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
}

function outside(path: string): Error {
  return new Error(
    `Cannot use "${path}": it lies outside of the document's folder`,
  );
}
