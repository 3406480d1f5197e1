/**
 * Secrets that are files, as Docker and Kubernetes mount them.
 *
 * @module
 */
import { join } from "node:path";

/** Where secrets are mounted unless `WORKFLOW_SECRETS` says otherwise. */
export const SECRETS_FOLDER = "/run/secrets";

/**
 * Reads one file of the secrets folder. A line end at the end is not part of
 * the secret. The name has been checked: it holds no slash.
 */
export function fileSecret(
  folder: string = SECRETS_FOLDER,
): (name: string) => Promise<string | undefined> {
  return async (name) => {
    try {
      const text = await Deno.readTextFile(join(folder, name));
      return text.replace(/\r?\n$/, "");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
}
