/**
 * Opens the store that a URL names, with what makes it whole: large values and,
 * where a commit waits for a disk, group commit.
 *
 * @module
 */
import { type ChunkedStore, chunkedValues } from "./chunked.ts";
import { denoKvStore } from "./deno_kv.ts";
import { groupCommit } from "./group_commit.ts";
import { memoryStore } from "./memory.ts";

/** What stores take from the outside. */
export interface OpenStoreOptions {
  /** The time in milliseconds; entries of a memory store expire by it. */
  readonly now: () => number;
}

/**
 * Opens a store: `memory:` is one in memory; `kv:PATH`, or a path alone, is the
 * Deno KV database in that file, which is made if it is missing; `deploy:` is the
 * database that Deno Deploy gives a project. What a process
 * that died has left of large values is removed on the way.
 *
 * @throws {Error} The URL names no store that there is, or it cannot be opened.
 */
export async function openStore(
  url: string,
  options: OpenStoreOptions,
): Promise<ChunkedStore> {
  const store = chunkedValues(await openBackend(url, options));
  try {
    await store.sweep();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

async function openBackend(url: string, { now }: OpenStoreOptions) {
  // One letter is a drive of Windows, and with it a path.
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(url) ?? [];
  switch (scheme?.toLowerCase()) {
    case "memory":
      if (rest !== "") throw openError(url, `"${rest}" follows "memory:"`);
      // A commit in memory waits for nothing, and so gains nothing in a group.
      return memoryStore({ now });
    case undefined:
      return await openFile(url, url);
    case "kv":
      return await openFile(url, rest);
    case "deploy":
      if (rest !== "") throw openError(url, `"${rest}" follows "deploy:"`);
      return groupCommit(await denoKvStore());
    case "postgres":
    case "postgresql":
      throw openError(url, "PostgreSQL is not supported by this build");
    default:
      throw openError(url, `"${scheme}:" is no scheme of a store`);
  }
}

async function openFile(url: string, path: string) {
  if (path === "") throw openError(url, "it names no file");
  return groupCommit(await denoKvStore(path));
}

function openError(url: string, reason: string): Error {
  // A URL may hold a password, which has no place in a log.
  const shown = url.replace(/\/\/[^/@]*@/, "//***@");
  return new Error(
    `Cannot open store "${shown}": ${reason}, ` +
      'expected "memory:", "kv:PATH" or a path',
  );
}
