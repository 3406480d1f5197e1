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
  /** A folder that stays, for the token and `engine.pid`; absent: there is none. */
  readonly folder: string | undefined;
  /** Only one port reaches the process. */
  readonly singlePort: boolean;
}

/** What was asked for. */
export interface PlaceOptions {
  readonly data: string;
  readonly singlePort: boolean;
  readonly env: (name: string) => string | undefined;
}

/**
 * Deno Deploy says so in its environment. There, nothing that is written to a
 * folder stays, one port is open, and the database is the platform's.
 */
export function placeOf({ data, singlePort, env }: PlaceOptions): Place {
  const isDeploy = ["DENO_DEPLOY", "DENO_DEPLOYMENT_ID"].some((name) =>
    env(name)
  );
  return isDeploy
    ? { storeUrl: "deploy:", folder: undefined, singlePort: true }
    : { storeUrl: join(data, "store.kv"), folder: data, singlePort };
}
