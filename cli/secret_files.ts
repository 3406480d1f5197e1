/**
 * Secrets that are files, as Docker and Kubernetes mount them.
 *
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "./reason.ts";

/** Where secrets are mounted unless `WORKFLOW_SECRETS` says otherwise. */
export const SECRETS_FOLDER = "/run/secrets";

/**
 * Reads one file of the secrets folder. A line end at the end is not part of
 * the secret. The name has been checked: it holds no slash.
 *
 * @throws {TypeError} from the function if a file is there and cannot be read.
 */
export function fileSecret(
  folder: string = SECRETS_FOLDER,
): (name: string) => Promise<string | undefined> {
  return async (name) => {
    const file = join(folder, name);
    try {
      const text = await Deno.readTextFile(file);
      return text.replace(/\r?\n$/, "");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw new TypeError(
        `Cannot read the secret ${file}: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  };
}
