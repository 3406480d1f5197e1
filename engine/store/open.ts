/**
 * Opens the store that a URL names, with what makes it whole: large values and,
 * where a commit waits for a disk, group commit.
 *
 * @module
 */
import { type Clock, systemEffects } from "../effects.ts";
import { type ChunkedStore, chunkedValues } from "./chunked.ts";
import { denoKvStore } from "./deno_kv.ts";
import { groupCommit } from "./group_commit.ts";
import { memoryStore } from "./memory.ts";
import { postgresStore } from "./postgres.ts";
import { shownUrl } from "./postgres_address.ts";

/** What stores take from the outside. */
export interface OpenStoreOptions {
  /** The time in milliseconds; entries of a memory store expire by it. */
  readonly now: () => number;
  /**
   * Times what a PostgreSQL store does by itself, such as to reconnect.
   *
   * @default {systemEffects().clock}
   */
  readonly clock?: Clock;
}

/**
 * Whether several processes may have the store of a URL open: those of a memory
 * store and of a file are alone.
 */
export function isSharedStore(url: string): boolean {
  return /^(postgres|postgresql|deploy):/i.test(url);
}

/**
 * Opens a store: `memory:` is one in memory; `kv:PATH`, or a path alone, is the
 * Deno KV database in that file, which is made if it is missing; `deploy:` is the
 * database that Deno Deploy gives a project; `postgres:` is a schema of a PostgreSQL
 * database, see `postgres.ts`. What a process that died has left of large values is
 * removed on the way.
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

async function openBackend(url: string, options: OpenStoreOptions) {
  const { now, clock = systemEffects().clock } = options;
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
      // While one group is on its way to the server, the next one gathers.
      return groupCommit(await postgresStore(url, { clock }));
    default:
      throw openError(url, `"${scheme}:" is no scheme of a store`);
  }
}

async function openFile(url: string, path: string) {
  if (path === "") throw openError(url, "it names no file");
  return groupCommit(await denoKvStore(path));
}

function openError(url: string, reason: string): Error {
  return new Error(
    `Cannot open store "${shownUrl(url)}": ${reason}, ` +
      'expected "memory:", "kv:PATH", a path or ' +
      '"postgres://USER:PASSWORD@HOST:PORT/DATABASE"',
  );
}
