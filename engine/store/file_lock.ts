/**
 * Keeps a file to one process. The lock is on a file beside it, and the operating
 * system gives it back when the process ends, however it ends.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/** Holds a lock until `release`. */
export interface FileLock {
  /** Gives the lock back. Its file stays: removing it would race with others. */
  release(): void;
}

/**
 * Takes the lock on `path`, which is a lock on the file `<path>.lock`, and writes
 * the id of this process there. If it is taken: the words for who has it.
 */
export async function lockFile(path: string): Promise<FileLock | string> {
  // Two links to one file have one lock.
  const real = await realPath(path) ??
    join(await Deno.realPath(dirname(path)), basename(path));
  const lockPath = `${real}.lock`;
  const options = { create: true, read: true, write: true };
  const file = await Deno.open(lockPath, options);
  try {
    if (!await file.tryLock(true)) {
      file.close();
      return await readHolder(lockPath);
    }
    await file.truncate(0);
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch (error) {
    file.close();
    throw error;
  }
  return { release: () => file.close() };
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function readHolder(lockPath: string): Promise<string> {
  try {
    const id = (await Deno.readTextFile(lockPath)).trim();
    if (/^\d+$/.test(id)) return `process ${id}`;
  } catch {
    // Some systems refuse to read a locked file; the answer is only less exact.
  }
  return "another process";
}
