/**
 * What a new password must have, where a document asks for more than length. Pure.
 *
 * @module
 */
import { newPasswordFault } from "./_credentials.ts";
import type { Settings } from "./_modular_config.ts";

/** Why a new password is not good enough; `undefined` if it is. */
export function ruleFault(
  password: string,
  rules: Settings["password"],
): string | undefined {
  const wanted = [
    [rules.requireUpper, /\p{Lu}/u, "a capital letter"],
    [rules.requireLower, /\p{Ll}/u, "a small letter"],
    [rules.requireDigit, /\p{Nd}/u, "a digit"],
    [
      rules.requireSpecial,
      /[^\p{L}\p{Nd}]/u,
      "a character that is no letter or digit",
    ],
  ] as const;
  const missing = wanted.filter(([isWanted, pattern]) =>
    isWanted && !pattern.test(password)
  ).map(([, , what]) => what);
  const fault = newPasswordFault(password, rules.minLength);
  if (fault !== undefined || missing.length === 0) return fault;
  return `The password needs ${missing.join(", ")}`;
}
