/**
 * Finds the documents that a command line names.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import type { Source } from "../engine/mod.ts";
import { reasonOf } from "./reason.ts";

/**
 * Reads files, and every `.yaml` and `.yml` file of folders, in order of name.
 *
 * @param mayBeNone Whether the folders may hold no document at all.
 * @throws {TypeError} if something cannot be read, or a folder is empty.
 */
export async function readDocuments(
  paths: readonly string[],
  { mayBeNone = false }: { readonly mayBeNone?: boolean } = {},
): Promise<Source[]> {
  const files: string[] = [];
  const empty: string[] = [];
  for (const path of paths) {
    const found = await filesAt(path);
    files.push(...found);
    if (found.length === 0) empty.push(path);
  }
  const [first] = empty;
  if (first !== undefined && !(mayBeNone && files.length === 0)) {
    throw new TypeError(
      `Cannot find a document in ${first}: it holds no .yaml file`,
    );
  }
  return await Promise.all(files.map(readDocument));
}

/**
 * Reads one document.
 *
 * @throws {TypeError} if it cannot be read.
 */
export async function readDocument(file: string): Promise<Source> {
  try {
    const text = await Deno.readTextFile(file);
    return { file, text, folder: dirname(resolve(file)) + "/" };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Whether a file in a folder is taken for a document. */
export function isDocumentName(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.startsWith("_") &&
    !name.startsWith(".");
}

async function filesAt(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    if (!(await Deno.stat(path)).isDirectory) return [path];
    for await (const entry of Deno.readDir(path)) {
      if (entry.isFile && isDocumentName(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return names.sort().map((name) => join(path, name));
}

function unreadable(path: string, error: unknown): TypeError {
  const hint = error instanceof Deno.errors.IsADirectory
    ? ", name a file of it"
    : "";
  return new TypeError(`Cannot read ${path}: ${reasonOf(error)}${hint}`, {
    cause: error,
  });
}
