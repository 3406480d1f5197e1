/**
 * Finds the credentials of a module: its own, or those of the environment.
 *
 * @module
 */
import type { Credentials } from "./_client.ts";

/** The credentials; nothing if neither place has them. */
export function credentialsOf(
  config: {
    readonly accessKeyId?: string | undefined;
    readonly secretAccessKey?: string | undefined;
    readonly sessionToken?: string | undefined;
  },
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Credentials | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } =
    config.accessKeyId === undefined
      ? {
        accessKeyId: env("AWS_ACCESS_KEY_ID"),
        secretAccessKey: env("AWS_SECRET_ACCESS_KEY"),
        sessionToken: env("AWS_SESSION_TOKEN"),
      }
      : config;
  // A variable that is set to nothing is as good as none.
  if (!accessKeyId || !secretAccessKey) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    ...sessionToken ? { sessionToken } : {},
  };
}
