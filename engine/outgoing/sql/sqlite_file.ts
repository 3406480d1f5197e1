/**
 * Where a database of a document may stand: in its folder, and not behind a link
 * that leads out of it.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { TerminalError } from "../../errors.ts";

/**
 * The file of a database, which need not exist; its folder must.
 *
 * @throws {TerminalError} naming the file, if it is outside of the folder.
 */
export async function sqliteFile(
  dsn: string,
  folder: string | undefined,
): Promise<string> {
  if (folder === undefined) {
    throw new TerminalError(
      `Cannot open the SQLite database "${dsn}": the document is no file, so ` +
        'it has no folder; ":memory:" needs none',
    );
  }
  const root = await Deno.realPath(folder);
  const wanted = resolve(folder, dsn.replace(/^file:(\/\/)?/, ""));
  const parent = await Deno.realPath(dirname(wanted)).catch((cause) => {
    throw new TerminalError(
      `Cannot open the SQLite database "${dsn}": its folder does not exist`,
      { cause },
    );
  });
  const file = join(parent, basename(wanted));
  const link = await Deno.lstat(file).catch(() => undefined);
  const isInside = !/^\.\.(\/|\\|$)/.test(relative(root, file)) &&
    file !== root;
  if (isInside && link?.isSymlink !== true) return file;
  throw new TerminalError(
    `Cannot open the SQLite database "${dsn}": it is outside of the folder of ` +
      "the document",
  );
}
