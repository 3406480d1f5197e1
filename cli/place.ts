/**
 * Where the process runs, and what follows from it.
 *
 * @module
 */
import { join } from "node:path";

/** What a place offers. */
export interface Place {
  /** Names the store for `openStore`. */
  readonly storeUrl: string;
  /** The file that the store is in; absent: it is elsewhere. */
  readonly storeFile: string | undefined;
  /** A folder that stays, for the token and `engine.pid`; absent: there is none. */
  readonly folder: string | undefined;
  /** Only one port reaches the process. */
  readonly singlePort: boolean;
}

/** What was asked for. */
export interface PlaceOptions {
  readonly data: string;
  /** The URL of the store. @default a file in the folder `data` */
  readonly storeUrl: string | undefined;
  readonly singlePort: boolean;
  readonly env: (name: string) => string | undefined;
}

/**
 * Deno Deploy says so in its environment. There, nothing that is written to a
 * folder stays, one port is open, and the database is the platform's.
 */
export function placeOf(
  { data, storeUrl, singlePort, env }: PlaceOptions,
): Place {
  const isDeploy = ["DENO_DEPLOY", "DENO_DEPLOYMENT_ID"].some((name) =>
    env(name)
  );
  // A variable that is set to nothing is none.
  const given = storeUrl === "" ? undefined : storeUrl;
  const url = given ?? (isDeploy ? "deploy:" : join(data, "store.kv"));
  return {
    storeUrl: url,
    storeFile: fileOf(url),
    folder: isDeploy ? undefined : data,
    singlePort: isDeploy || singlePort,
  };
}

/** `openStore` takes for a path what has no scheme, and what follows `kv:`. */
function fileOf(url: string): string | undefined {
  const path = url.replace(/^kv:/i, "");
  return path === "" || /^[a-z][a-z0-9+.-]+:/i.test(path) ? undefined : path;
}
