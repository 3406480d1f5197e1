/**
 * What the id of a run says.
 *
 * @module
 */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * When a run was accepted, in milliseconds since 1970; `undefined` if the text
 * is not an id that `effects.ids` makes.
 */
export function timeOfId(id: string): number | undefined {
  if (id.length !== 26) return undefined;
  let ms = 0;
  for (let i = 0; i < 10; i++) {
    const digit = DIGITS.indexOf(id[i] ?? "");
    if (digit < 0) return undefined;
    ms = ms * 32 + digit;
  }
  return ms;
}

/** The lowest id that a run accepted at `ms` may have. */
export function lowestIdAt(ms: number): string {
  let text = "";
  for (let rest = Math.max(0, Math.floor(ms)), i = 0; i < 10; i++) {
    text = (DIGITS[rest % 32] ?? "0") + text;
    rest = Math.floor(rest / 32);
  }
  return text + "0".repeat(16);
}
