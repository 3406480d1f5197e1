/**
 * Finds the documents that a command line names.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import type { Source } from "../engine/mod.ts";

/** Reads files, and every `.yaml` and `.yml` file of folders, in order of name. */
export async function readDocuments(
  paths: readonly string[],
): Promise<Source[]> {
  const files: string[] = [];
  for (const path of paths) files.push(...await filesAt(path));
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
    throw new TypeError(`Cannot read ${file}: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Whether a file in a folder is taken for a document. */
export function isDocumentName(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.startsWith("_") &&
    !name.startsWith(".");
}

async function filesAt(path: string): Promise<string[]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    throw new TypeError(`Cannot read ${path}: ${reason(error)}`, {
      cause: error,
    });
  }
  if (!info.isDirectory) return [path];
  const names: string[] = [];
  for await (const entry of Deno.readDir(path)) {
    if (entry.isFile && isDocumentName(entry.name)) names.push(entry.name);
  }
  if (names.length === 0) {
    throw new TypeError(
      `Cannot find a document in ${path}: it holds no .yaml file`,
    );
  }
  return names.sort().map((name) => join(path, name));
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "access is denied";
  return error instanceof Error ? error.message : String(error);
}
