/**
 * Whether a secret is fit to sign tokens. Pure.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";

/** A shorter secret can be guessed from a single token (RFC 7518, section 3.2). */
export const SECRET_BYTES_MIN = 32;

/** What is wrong with a secret that stands at `path`. */
export function unfitSecret(
  secret: string,
  path: Issue["path"],
): readonly Issue[] {
  const bytes = new TextEncoder().encode(secret).length;
  if (bytes >= SECRET_BYTES_MIN) return [];
  // The original expands this form, too; taken as it stands, anybody knows it.
  if (/^\$[A-Za-z_]\w*$/.test(secret)) {
    return [{
      code: "invalid-value",
      path,
      message:
        "The secret is a dollar sign and a name, which stands for itself and not for a variable",
      help: "Write ${NAME} for the environment variable NAME",
    }];
  }
  return [{
    code: "invalid-value",
    severity: "warning",
    path,
    message:
      `The secret has ${bytes} bytes: with fewer than ${SECRET_BYTES_MIN} it can be guessed from a token`,
    help: "Make one with: openssl rand -base64 48",
  }];
}
