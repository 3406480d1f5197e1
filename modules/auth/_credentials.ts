/**
 * What counts as an email address, a password and a name. Pure.
 *
 * @module
 */
import { PASSWORD_BYTES_MAX } from "./_passwords.ts";

/** The longest email address, in characters (RFC 5321). */
export const EMAIL_CHARACTERS_MAX = 254;

/** The longest name of a user, in characters. */
export const NAME_CHARACTERS_MAX = 200;

/**
 * One @ between a short local part and a domain, without spaces, controls, and
 * characters that nobody sees.
 */
const EMAIL =
  /^[^\s@\p{Cc}\p{Cf}]{1,64}@[^\s@\p{Cc}\p{Cf}.]+(?:\.[^\s@\p{Cc}\p{Cf}.]+)*$/u;

/**
 * The form in which an address is kept and compared; `undefined` if it is none.
 */
export function normalEmail(text: string): string | undefined {
  // Composed at the end: a small letter may have a form that the capital lacks.
  const email = text.trim().toLowerCase().normalize("NFC");
  const isEmail = email.length <= EMAIL_CHARACTERS_MAX && EMAIL.test(email);
  return isEmail ? email : undefined;
}

/** Why a password cannot be used at all; `undefined` if it can. */
export function passwordFault(password: string): string | undefined {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes === 0) return "The password is empty";
  if (bytes <= PASSWORD_BYTES_MAX) return undefined;
  return `The password is longer than ${PASSWORD_BYTES_MAX} bytes`;
}

/** Why a new password is not good enough; `undefined` if it is. */
export function newPasswordFault(
  password: string,
  charactersMin: number,
): string | undefined {
  if ([...password].length < charactersMin) {
    return `The password must have at least ${charactersMin} characters`;
  }
  return passwordFault(password);
}

/** Why a name cannot be used; `undefined` if it can. */
export function nameFault(name: string): string | undefined {
  if (name.length > NAME_CHARACTERS_MAX) {
    return `The name is longer than ${NAME_CHARACTERS_MAX} characters`;
  }
  return /\p{Cc}/u.test(name)
    ? "The name must not have control characters"
    : undefined;
}
